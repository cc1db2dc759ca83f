// One client dialect's way out. The input is what a provider's worker would send: canonical events as text
// (the seeds are the golden cases), or bytes on the byte-transparent route. Whatever comes, in whatever order: no
// crash, UTF-8 only, a refusal instead of nonsense, and a stream that breaks can still be told so. Compiled once per
// dialect: PATCHBAY_DIALECT is its name, PATCHBAY_REQUEST a request that it takes.
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/utf8.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/frontend/dialects/registry.h"

namespace {

using namespace patchbay;            // a fuzz target is one page long
using namespace patchbay::frontend;  // likewise

void Expect(bool truth) {
  if (!truth) std::abort();
}

class Silent final : public google::protobuf::io::ErrorCollector {
  void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
};

DecodedCall Asked(bool stream) {
  DialectRequest request;
  request.body = stream ? PATCHBAY_REQUEST_STREAMED : PATCHBAY_REQUEST;
  request.argument = PATCHBAY_ARGUMENT;
  request.suffix = stream ? ":streamGenerateContent" : ":generateContent";  // where the path tells it
  request.query = "alt=sse";
  request.unique = "u";
  static const SystemClock kClock;
  static const Dialects kDialects(kClock);
  auto decoded = kDialects.Find(PATCHBAY_DIALECT)->Decode(std::move(request));
  Expect(decoded.ok());
  return std::move(*decoded);
}

void Play(const DecodedCall& asked, const upstream::v1::Events& events) {
  const auto encoder = asked.reply.translated();
  std::string out;
  bool good = true;
  for (const auto& event : events.events()) {
    if (event.has_failed()) break;
    good = encoder->Event(event, out).ok();
    if (!good) break;
  }
  if (good) good = encoder->End(out).ok();
  if (!good) encoder->Break(Problem(Problem::Kind::kProvider, "the stream broke"), out);
  Expect(wire::IsValidUtf8(out));
}

std::string Relay(const DecodedCall& asked, std::string_view bytes, std::size_t step) {
  CallRoute route;
  route.relay = true;
  route.provider_dialect = "codex";
  const auto encoder = asked.reply.relayed(route);
  std::string out;
  bool good = true;
  while (good && !bytes.empty()) {
    const std::string_view piece = bytes.substr(0, step == 0 ? bytes.size() : step);
    bytes.remove_prefix(piece.size());
    good = encoder->Bytes(piece, out).ok();
  }
  if (good) good = encoder->End(out).ok();
  return good ? out : "refused";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const DecodedCall kStreamed = Asked(true);
  static const DecodedCall kWhole = Asked(false);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (kStreamed.call.payload.bytes != nullptr) {
    const std::size_t step = 1 + (text.empty() ? 0 : static_cast<std::uint8_t>(text.back()) % 32);
    Expect(Relay(kStreamed, text, 0) == Relay(kStreamed, text, step));
    Expect(Relay(kWhole, text, 0) == Relay(kWhole, text, step));
  }
  if (!kStreamed.reply.translated) return 0;  // it has no canonical form
  const google::protobuf::LogSilencer quiet;
  upstream::v1::Events events;
  Silent silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  parser.AllowPartialMessage(true);
  if (!parser.ParseFromString(std::string(text), &events)) return 0;
  // Only what could have travelled: a worker cannot send a string that is not UTF-8.
  std::string bytes;
  upstream::v1::Events arrived;
  if (!events.SerializeToString(&bytes) || !arrived.ParseFromString(bytes)) return 0;
  Play(kStreamed, arrived);
  Play(kWhole, arrived);
  return 0;
}
