#include "workers/frontend/dialects/openai_responses/translated/output_item.h"

#include <algorithm>

#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/openai_responses/translated/hosted_items.h"
#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"
#include "workers/frontend/dialects/openai_responses/translated/tool_search.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace inf = inference::v1;
using Kind = OutputItem::Kind;

Kind KindOfCall(const inf::ToolCall& call, bool searches_tools) {
  if (call.kind() == inf::TOOL_KIND_CUSTOM) return Kind::kCustomCall;
  return searches_tools && call.name() == kToolSearch && call.namespace_().empty() ? Kind::kSearchCall
                                                                                   : Kind::kFunctionCall;
}

Kind KindOfItem(const inf::Item& item, bool searches_tools) {
  switch (item.kind_case()) {
    case inf::Item::kReasoning: return Kind::kReasoning;
    case inf::Item::kToolCall: return KindOfCall(item.tool_call(), searches_tools);
    case inf::Item::kHostedTool:
    case inf::Item::kOpaque: return Kind::kOwnForm;
    case inf::Item::kMessage:
    case inf::Item::kToolResult:
    case inf::Item::KIND_NOT_SET: break;
  }
  return Kind::kMessage;
}

// codex-wire §3.2; the same ids that OpenAI's own service makes begin so.
std::string_view PrefixOf(const inf::Item& item, Kind kind) {
  switch (kind) {
    case Kind::kMessage: return "msg_";
    case Kind::kReasoning: return "rs_";
    case Kind::kFunctionCall: return "fc_";
    case Kind::kCustomCall: return "ctc_";
    case Kind::kSearchCall: return "tsc_";
    case Kind::kOwnForm: break;
  }
  return item.hosted_tool().has_web_search() ? "ws_" : item.hosted_tool().has_image() ? "ig_" : "item_";
}

}  // namespace

std::string OutputPart::Json() const {
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("type");
  switch (kind) {
    case Kind::kText:
      json.String("output_text").Key("text").String(text);
      out.append(R"(,"annotations":[)").append(annotations).append(R"(],"logprobs":[)").append(logprobs).append("]}");
      return out;
    case Kind::kRefusal: json.String("refusal").Key("refusal"); break;
    case Kind::kReasoning: json.String("reasoning_text").Key("text"); break;
    case Kind::kSummary: json.String("summary_text").Key("text"); break;
  }
  json.String(text).EndObject();
  return out;
}

OutputItem::OutputItem(const inf::Item& item, int number, std::string_view unique, bool searches_tools)
    : kind_(KindOfItem(item, searches_tools)), number_(number) {
  id_.append(PrefixOf(item, kind_)).append(unique).append("_").append(std::to_string(number));
  place_ = R"("output_index":)" + std::to_string(number) + R"(,"item_id":")" + id_ + "\"";
  name_ = item.tool_call().name();
  call_id_ = item.tool_call().call_id();
  namespace_ = item.tool_call().namespace_();
  if (kind_ == Kind::kOwnForm) {
    own_type_ = item.has_hosted_tool() ? TypeOfHosted(item.hosted_tool()) : item.opaque().type();
  }
}

bool OutputItem::CanBeTold(const inf::Item& item) {
  if (item.has_hosted_tool()) return !TypeOfHosted(item.hosted_tool()).empty();
  if (item.has_opaque()) return item.opaque().dialect() == kDialect;
  return !item.has_tool_result();
}

OutputPart& OutputItem::AddPart(OutputPart::Kind kind, int part) {
  OutputPart& added = parts_.emplace_back();
  added.kind = kind;
  added.part = part;
  return added;
}

int OutputItem::IndexOf(const OutputPart& part) const {
  const bool summary = part.kind == OutputPart::Kind::kSummary;
  int index = 0;
  for (const OutputPart& each : parts_) {
    if (&each == &part) break;
    if ((each.kind == OutputPart::Kind::kSummary) == summary) ++index;
  }
  return index;
}

std::string OutputItem::AddedJson(const inf::Item& item) const {
  if (item.has_hosted_tool()) return HostedItemJson(item.hosted_tool(), id_, false);
  if (item.has_opaque()) return WithId(item.opaque().json(), id_);
  return DoneJson(inf::Item(), "in_progress");
}

std::string OutputItem::DoneJson(const inf::Item& whole, std::string_view status) const {
  if (whole.has_hosted_tool()) return HostedItemJson(whole.hosted_tool(), id_, true);
  if (whole.has_opaque()) return WithId(whole.opaque().json(), id_);
  if (kind_ == Kind::kSearchCall) return SearchCallJson(id_, call_id_, status, input_);
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("id").String(id_).Key("type");
  const auto write_parts = [&](std::string_view member, bool summary) {
    json.Key(member).BeginArray();
    for (const OutputPart& part : parts_) {
      if ((part.kind == OutputPart::Kind::kSummary) == summary) json.Raw(part.Json());
    }
    json.EndArray();
  };
  switch (kind_) {
    case Kind::kReasoning:
      json.String("reasoning");
      write_parts("summary", true);
      if (parts_.size() > static_cast<std::size_t>(std::count_if(parts_.begin(), parts_.end(), [](const auto& part) {
            return part.kind == OutputPart::Kind::kSummary;
          }))) {
        write_parts("content", false);
      }
      if (IsWorthPlayingBack(whole)) json.Key("encrypted_content").String(WrapReasoning({whole}));
      break;
    case Kind::kFunctionCall:
    case Kind::kCustomCall: {
      const bool custom = kind_ == Kind::kCustomCall;
      json.String(custom ? "custom_tool_call" : "function_call").Key("status").String(status);
      json.Key("call_id").String(call_id_).Key("name").String(name_);
      if (!namespace_.empty()) json.Key("namespace").String(namespace_);
      json.Key(custom ? "input" : "arguments").String(input_);
      break;
    }
    case Kind::kMessage:
    case Kind::kSearchCall:
    case Kind::kOwnForm:
      json.String("message").Key("status").String(status).Key("role").String("assistant");
      write_parts("content", false);
      break;
  }
  json.EndObject();
  return out;
}

std::string AnnotationJson(const inf::Citation& citation, std::int64_t characters) {
  std::string out;
  wire::JsonWriter json(out);
  if (citation.has_web()) {
    const bool whole = citation.begin() == 0 && citation.end() == 0;
    json.BeginObject().Key("type").String("url_citation").Key("url").String(citation.web().url());
    json.Key("title").String(citation.web().title()).Key("start_index").Int(citation.begin());
    json.Key("end_index").Int(whole ? characters : citation.end()).EndObject();
  } else if (citation.has_file()) {
    json.BeginObject().Key("type").String("file_citation").Key("file_id").String(citation.file().file_id());
    json.Key("filename").String(citation.file().filename()).Key("index").Int(citation.file().index()).EndObject();
  } else if (citation.has_opaque() && citation.opaque().dialect() == kDialect) {
    return citation.opaque().json();
  }
  return out;
}

}  // namespace patchbay::frontend::openai_responses::translated
