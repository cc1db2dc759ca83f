#include "workers/upstream/dialects/openai_responses/request_encoder.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/upstream/dialects/common/checked_json.h"
#include "workers/upstream/dialects/common/ignored.h"
#include "workers/upstream/dialects/common/model_families.h"
#include "workers/upstream/dialects/common/openai_words.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"
#include "workers/upstream/dialects/common/responses/text_encoder.h"
#include "workers/upstream/dialects/common/responses/tool_encoder.h"

namespace patchbay::upstream::openai_responses {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

// Members that only this protocol has, and that any request may say. Others speak of answers that are kept somewhere,
// or to one host alone.
constexpr std::string_view kOwnMembers[] = {"context_management",   "max_tool_calls",         "moderation",
                                            "prompt_cache_options", "prompt_cache_retention", "truncation"};

class BodyWriter {
 public:
  BodyWriter(EncodedRequest& out, const inf::GenerateRequest& request, const Quirks& quirks, std::string_view session)
      : out_(out), json_(out.body), request_(request), quirks_(quirks), session_(session) {}

  Result<void> Write() {
    json_.BeginObject().Key("model").String(request_.model());
    Text("instructions", request_.instructions());
    json_.Key("input").BeginArray();
    RETURN_IF_ERROR(responses::WriteItems(json_, request_, responses::AudioForm::kData, out_.ignored));
    json_.EndArray();
    RETURN_IF_ERROR(WriteTools());
    WriteReasoning(request_.reasoning());
    json_.Key("store").Bool(false).Key("stream").Bool(true);
    WriteInclude();
    WriteSampling(request_.sampling());
    Text("service_tier", OpenAiTierName(request_.tier()));
    const std::string& key = request_.cache().prompt_cache_key();
    Text("prompt_cache_key", key.empty() ? session_ : std::string_view(key));
    Text("user", request_.user_id());
    Text("safety_identifier", request_.safety_identifier());
    WriteMetadata();
    RETURN_IF_ERROR(responses::WriteText(json_, request_));
    RETURN_IF_ERROR(WriteOwnMembers());
    json_.EndObject();
    return {};
  }

 private:
  void Text(std::string_view key, std::string_view text) {
    if (!text.empty()) json_.Key(key).String(text);
  }

  Result<void> WriteTools() {
    if (request_.tools().empty()) return {};
    json_.Key("tools").BeginArray();
    for (const inf::Tool& tool : request_.tools()) RETURN_IF_ERROR(responses::WriteTool(json_, tool, out_.ignored));
    json_.EndArray();
    if (request_.tool_choice().mode() != inf::ToolChoice::MODE_UNSPECIFIED)
      responses::WriteToolChoice(json_, request_.tool_choice());
    if (request_.has_parallel_tool_calls()) json_.Key("parallel_tool_calls").Bool(request_.parallel_tool_calls());
    return {};
  }

  // As far as its name or its client says: a model that does not reason refuses to be asked about it.
  bool Reasons() const { return IsKnownToReason(request_.model()) || !request_.reasoning().effort().empty(); }

  void WriteReasoning(const inf::Reasoning& reasoning) {
    const bool tells = Reasons() && !reasoning.summary().empty();
    if (reasoning.effort().empty() && !tells) return;
    json_.Key("reasoning").BeginObject();
    Text("effort", reasoning.effort());
    if (tells) Text("summary", reasoning.summary());
    json_.EndObject();
  }

  // Reasoning goes back sealed, since nothing is stored. What a search found is told to who asks alone.
  void WriteInclude() {
    const bool logprobs = request_.sampling().has_logprobs();
    const bool sources =
        !quirks_.no_search_sources && std::any_of(request_.tools().begin(), request_.tools().end(),
                                                  [](const inf::Tool& tool) { return tool.has_web_search(); });
    if (!Reasons() && !logprobs && !sources) return;
    json_.Key("include").BeginArray();
    if (Reasons()) json_.String("reasoning.encrypted_content");
    if (sources) json_.String("web_search_call.action.sources");
    if (logprobs) json_.String("message.output_text.logprobs");
    json_.EndArray();
  }

  void WriteSampling(const inf::Sampling& sampling) {
    if (sampling.has_temperature()) json_.Key("temperature").Double(sampling.temperature());
    if (sampling.has_top_p()) json_.Key("top_p").Double(sampling.top_p());
    if (sampling.has_logprobs()) json_.Key("top_logprobs").Int(sampling.logprobs());
    if (!sampling.has_max_output_tokens()) return;
    const std::int64_t cap = std::max(sampling.max_output_tokens(), kMinOutputTokens);
    json_.Key("max_output_tokens").Int(cap);
    if (cap != sampling.max_output_tokens()) out_.repaired.emplace_back("max_output_tokens:16");
  }

  void WriteMetadata() {
    if (request_.metadata().empty()) return;
    // In order, so that the same request always makes the same body.
    std::map<std::string_view, std::string_view> ordered;
    for (const auto& [name, value] : request_.metadata()) ordered.emplace(name, value);
    json_.Key("metadata").BeginObject();
    for (const auto& [name, value] : ordered) json_.Key(name).String(value);
    json_.EndObject();
  }

  Result<void> WriteOwnMembers() {
    for (const inf::Opaque& member : request_.opaque()) {
      const bool own =
          member.dialect() == responses::kRawDialect &&
          std::find(std::begin(kOwnMembers), std::end(kOwnMembers), member.type()) != std::end(kOwnMembers);
      if (!own) {
        AddIgnored(out_.ignored, member.type());
        continue;
      }
      ASSIGN_OR_RETURN(const std::string value, CheckedValue(member.json(), member.type()));
      json_.Key(member.type()).Raw(value);
    }
    return {};
  }

  EncodedRequest& out_;
  JsonWriter json_;
  const inf::GenerateRequest& request_;
  const Quirks& quirks_;
  const std::string_view session_;
};

}  // namespace

Result<EncodedRequest> EncodeRequest(const inf::GenerateRequest& request, const Quirks& quirks,
                                     std::string_view session) {
  EncodedRequest encoded;
  encoded.body.reserve(request.ByteSizeLong() + request.ByteSizeLong() / 8 + 1024);
  RETURN_IF_ERROR(BodyWriter(encoded, request, quirks, session).Write());
  return encoded;
}

}  // namespace patchbay::upstream::openai_responses
