// Requests for providers of Chat Completions: whatever a canonical request says, its body is JSON, or the request is
// refused with the place of what is wrong in it. The last byte chooses the quirks.
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/json.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"
#include "workers/upstream/dialects/translation.h"

namespace {

using patchbay::Origin;
using patchbay::inference::v1::GenerateRequest;
using patchbay::upstream::EncodeCall;
using patchbay::upstream::openai_chat::MakeDialect;
using patchbay::upstream::openai_chat::Quirks;

// Most inputs are no message, and it is not worth a line to say so.
class Silence final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
};

Quirks QuirksBy(unsigned bits) {
  Quirks quirks;
  const auto bit = [&](unsigned n) { return ((bits >> n) & 1) != 0; };
  quirks.many_system_messages = bit(0);
  quirks.strict_tools = bit(1);
  quirks.effort_object = quirks.reasoning_as_text = bit(2);
  quirks.thinking_type = quirks.reasoning_back = bit(3);
  quirks.nine_character_ids = quirks.tool_choice_words = bit(4);
  quirks.openai_fields = quirks.more_sampling = bit(5);
  quirks.custom_tools = bit(6);
  quirks.json_object_only = bit(7);
  return quirks;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  GenerateRequest request;
  google::protobuf::TextFormat::Parser parser;
  Silence silence;
  parser.RecordErrorsTo(&silence);
  if (!parser.ParseFromString(std::string(reinterpret_cast<const char*>(data), size - 1), &request)) return 0;
  const auto dialect = MakeDialect(QuirksBy(data[size - 1]));
  const auto call = EncodeCall(*dialect, request, "session");
  if (!call.ok() && call.error().origin != Origin::kClient) std::abort();
  if (!call.ok()) return 0;
  std::string body = call->body;
  if (!patchbay::wire::ValidateJson(body).ok()) std::abort();
  return 0;
}
