// Strict schemas: any JSON object is prepared into a JSON object, what is prepared twice changes no more, and any
// answer is brought back into JSON. The input is a schema, and behind a NUL an answer.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/common/request/strict_schema.h"

namespace {

using namespace patchbay;  // a fuzz target is one page long

void Expect(bool truth) {
  if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view schema = text.substr(0, text.find('\0'));
  const std::string_view answer =
      schema.size() == text.size() ? std::string_view("{}") : text.substr(schema.size() + 1);
  const auto prepared = frontend::PrepareStrictSchema(schema);
  if (!prepared.ok()) return 0;
  const auto parsed = wire::ParseJson(prepared->json, 4 * wire::kMaxJsonDepth);
  Expect(parsed.ok() && parsed->is_object());
  Expect(prepared->changed || !prepared->restores);
  const std::string restored = frontend::RestoreAnswer(answer, schema);
  if (wire::ParseJson(answer).ok()) Expect(wire::ParseJson(restored).ok());
  return 0;
}
