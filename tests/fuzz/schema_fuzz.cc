// Schemas on their way to a provider and answers on their way back: any JSON object becomes one that the mending has
// nothing more to say about, what was made strict stays so, and any answer is brought back into JSON. The input is a
// schema, and behind a NUL an answer.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/schema/tool_schema.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/upstream/dialects/common/answer_shape.h"
#include "workers/upstream/dialects/common/strict_schema.h"

namespace {

using namespace patchbay;  // a fuzz target is one page long

void Expect(bool truth) {
  if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view schema_text = text.substr(0, text.find('\0'));
  const std::string_view answer =
      schema_text.size() == text.size() ? std::string_view("{}") : text.substr(schema_text.size() + 1);
  const auto schema = wire::ParseJson(schema_text);
  if (!schema.ok() || !schema->is_object() || !wire::IsFinite(*schema)) return 0;
  boost::json::value tool = *schema;
  schema::MendToolSchema(tool);
  Expect(tool.is_object() && tool.at("type") == "object" && tool.at("properties").is_object());
  boost::json::value again = tool;
  Expect(!schema::MendToolSchema(again).changed && again == tool);
  boost::json::value strict = *schema;
  const upstream::MadeStrict made = upstream::MakeStrict(strict);
  Expect(strict.is_object() && (made.changed || !made.restores));
  const std::string restored = upstream::RestoreShape(answer, schema_text);
  if (wire::ParseJson(answer).ok()) Expect(wire::ParseJson(restored).ok());
  if (wire::ParseJson(answer).ok()) Expect(wire::ParseJson(upstream::Unwrap(answer)).ok());
  return 0;
}
