// One client dialect's way in, for any bytes as a body: no crash, the same answer each time, and what
// comes out can travel to another process (protobuf refuses a string that is not UTF-8) and to the
// client (an error is JSON). Compiled once per dialect: PATCHBAY_DIALECT is its name.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/utf8.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/dialects/registry.h"

namespace {

using namespace patchbay;            // a fuzz target is one page long
using namespace patchbay::frontend;  // likewise

void Expect(bool truth) {
  if (!truth) std::abort();
}

std::string Told(const DecodedCall& decoded) {
  std::string told =
      decoded.call.model + '\n' + decoded.call.affinity.cache_key + '\n' + decoded.call.affinity.first_turn;
  for (const auto& word : decoded.reply.ignored) told += "\nignored " + word;
  for (const auto& word : decoded.reply.repaired) told += "\nrepaired " + word;
  return told + (decoded.reply.stream ? "\nstream" : "");
}

std::string Arrived(const inference::v1::GenerateRequest& canonical) {
  const std::string bytes = canonical.SerializeAsString();
  inference::v1::GenerateRequest arrived;
  Expect(arrived.ParseFromString(bytes));
  return bytes;
}

std::string Decoded(const std::string& body) {
  DialectRequest request;
  request.body = body;
  request.argument = PATCHBAY_ARGUMENT;
  request.suffix = ":generateContent";
  request.unique = "u";
  static const SystemClock kClock;
  static const Dialects kDialects(kClock);
  const Dialect& dialect = *kDialects.Find(PATCHBAY_DIALECT);
  auto decoded = dialect.Decode(std::move(request));
  if (!decoded.ok()) {
    const Answer answer = dialect.EncodeError(ProblemOf(decoded.error()));
    Expect(answer.status >= 400 && answer.status < 600);
    Expect(wire::IsValidUtf8(answer.body));
    Expect(wire::ParseJson(answer.body).ok());
    return answer.body;
  }
  const Payload& payload = decoded->call.payload;
  std::string told = Told(*decoded);
  if (payload.canonical) told += Arrived(*payload.canonical);
  if (payload.bytes == nullptr) return told;
  if (!payload.canonical) {
    const auto translated = payload.bytes->Translated();
    told += translated.ok() ? Arrived(translated->request) : dialect.EncodeError(ProblemOf(translated.error())).body;
  }
  for (const char* provider : {"codex", "openai_responses"}) {
    GrantTerms terms;
    terms.model = "wire";
    terms.provider_dialect = provider;
    const auto relayed = payload.bytes->Relayed(terms);
    if (!relayed.ok()) {
      told += dialect.EncodeError(ProblemOf(relayed.error())).body;
      continue;
    }
    std::string raw = *relayed->body;
    Expect(wire::ValidateJson(raw).ok());
    Expect(wire::FindTopLevel(raw, "model").ok());
    told += raw;
  }
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(reinterpret_cast<const char*>(data), size);
  Expect(Decoded(body) == Decoded(body));
  return 0;
}
