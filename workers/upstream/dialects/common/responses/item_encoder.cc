#include "workers/upstream/dialects/common/responses/item_encoder.h"

#include <algorithm>

#include "workers/upstream/dialects/common/checked_json.h"
#include "workers/upstream/dialects/common/ignored.h"

namespace patchbay::upstream::responses {
namespace {

namespace inf = inference::v1;
using wire::JsonWriter;

// With store:false the provider keeps nothing, so an id is decoration at best: only ids of its own
// making are shown (codex-wire §3.2), and none at all once a reasoning item had to be left out,
// because its neighbours' ids would then point at something missing.
class ItemWriter {
 public:
  ItemWriter(JsonWriter& json, AudioForm audio, std::vector<std::string>& ignored, bool with_ids)
      : json_(json), audio_(audio), ignored_(ignored), with_ids_(with_ids) {}

  Result<void> Write(const inf::Item& item) {
    switch (item.kind_case()) {
      case inf::Item::kMessage: return WriteMessage(item);
      case inf::Item::kToolCall: return WriteToolCall(item), Result<void>();
      case inf::Item::kToolResult: return WriteToolResult(item);
      case inf::Item::kReasoning: return WriteReasoning(item), Result<void>();
      case inf::Item::kHostedTool: return WriteHostedTool(item);
      case inf::Item::kOpaque: return WriteOpaque(item.opaque(), "input");
      case inf::Item::KIND_NOT_SET: break;
    }
    return Error(ErrorCode::kInvalidArgument, "an item of the conversation is empty").From(Origin::kClient).At("input");
  }

 private:
  void Begin(std::string_view type, const inf::Item& item, std::string_view id_prefix) {
    json_.BeginObject().Key("type").String(type);
    if (with_ids_ && !item.id().empty() && item.id().starts_with(id_prefix)) json_.Key("id").String(item.id());
  }

  Result<void> WriteMessage(const inf::Item& item) {
    const inf::Message& message = item.message();
    const bool assistant = message.role() == inf::ROLE_ASSISTANT;
    const bool developer = message.role() == inf::ROLE_DEVELOPER;
    Begin("message", item, "msg_");
    json_.Key("role").String(assistant ? "assistant" : developer ? "developer" : "user");
    json_.Key("content").BeginArray();
    for (const inf::Part& part : message.parts()) {
      RETURN_IF_ERROR(WritePart(part, assistant ? "output_text" : "input_text"));
    }
    json_.EndArray().EndObject();
    return {};
  }

  Result<void> WritePart(const inf::Part& part, std::string_view text_type) {
    switch (part.kind_case()) {
      case inf::Part::kText:
        json_.BeginObject().Key("type").String(text_type).Key("text").String(part.text()).EndObject();
        return {};
      case inf::Part::kImage:
        json_.BeginObject().Key("type").String("input_image").Key("image_url").String(part.image().url());
        if (!part.image().detail().empty()) json_.Key("detail").String(part.image().detail());
        json_.EndObject();
        return {};
      case inf::Part::kFile: return WriteFile(part.file()), Result<void>();
      case inf::Part::kAudio: return WriteAudio(part.audio()), Result<void>();
      case inf::Part::kRefusal:
        json_.BeginObject().Key("type").String("refusal").Key("refusal").String(part.refusal()).EndObject();
        return {};
      case inf::Part::kOpaque: return WriteOpaque(part.opaque(), "input.content");
      case inf::Part::KIND_NOT_SET: break;
    }
    return Error(ErrorCode::kInvalidArgument, "a part of a message is empty").From(Origin::kClient).At("input.content");
  }

  void WriteAudio(const inf::AudioPart& audio) {
    json_.BeginObject().Key("type").String("input_audio");
    if (audio_ == AudioForm::kUrl) {
      json_.Key("audio_url").String("data:audio/" + audio.format() + ";base64," + audio.data_base64());
    } else {
      json_.Key("input_audio").BeginObject().Key("data").String(audio.data_base64());
      json_.Key("format").String(audio.format()).EndObject();
    }
    json_.EndObject();
  }

  void WriteFile(const inf::FilePart& file) {
    json_.BeginObject().Key("type").String("input_file");
    if (!file.file_id().empty()) json_.Key("file_id").String(file.file_id());
    if (!file.url().empty()) json_.Key(file.url().starts_with("data:") ? "file_data" : "file_url").String(file.url());
    if (!file.filename().empty()) json_.Key("filename").String(file.filename());
    json_.EndObject();
  }

  void WriteToolCall(const inf::Item& item) {
    const inf::ToolCall& call = item.tool_call();
    const bool custom = call.kind() == inf::TOOL_KIND_CUSTOM;
    Begin(custom ? "custom_tool_call" : "function_call", item, custom ? "ctc_" : "fc_");
    json_.Key("call_id").String(call.call_id()).Key("name").String(call.name());
    if (!call.namespace_().empty()) json_.Key("namespace").String(call.namespace_());
    // Arguments are JSON in a string; no text at all would be none.
    const bool no_arguments = !custom && call.input().empty();
    json_.Key(custom ? "input" : "arguments").String(no_arguments ? "{}" : call.input()).EndObject();
  }

  Result<void> WriteToolResult(const inf::Item& item) {
    const inf::ToolResult& result = item.tool_result();
    const bool custom = result.kind() == inf::TOOL_KIND_CUSTOM;
    Begin(custom ? "custom_tool_call_output" : "function_call_output", item, custom ? "ctco_" : "fco_");
    json_.Key("call_id").String(result.call_id()).Key("output");
    // There is no field for "the tool failed", so the text says it.
    const std::string_view prefix = result.is_error() ? "Error: " : "";
    const bool plain = result.parts_size() == 0 || (result.parts_size() == 1 && result.parts(0).has_text());
    if (plain) {
      json_.String(std::string(prefix) + (result.parts_size() == 0 ? std::string() : result.parts(0).text()));
    } else {
      json_.BeginArray();
      if (!prefix.empty()) json_.BeginObject().Key("type").String("input_text").Key("text").String(prefix).EndObject();
      for (const inf::Part& part : result.parts()) RETURN_IF_ERROR(WritePart(part, "input_text"));
      json_.EndArray();
    }
    json_.EndObject();
    return {};
  }

  // Without its encrypted form a reasoning item is a reference to something that was not stored, and its text is taken
  // from nobody.
  void WriteReasoning(const inf::Item& item) {
    const inf::ReasoningItem& reasoning = item.reasoning();
    if (reasoning.encrypted_content().empty()) {
      if (!reasoning.text().empty()) AddIgnored(ignored_, "reasoning_text");
      return;
    }
    Begin("reasoning", item, "rs_");
    json_.Key("summary").BeginArray();
    for (const std::string& text : reasoning.summary()) {
      json_.BeginObject().Key("type").String("summary_text").Key("text").String(text).EndObject();
    }
    json_.EndArray().Key("encrypted_content").String(reasoning.encrypted_content()).EndObject();
  }

  Result<void> WriteHostedTool(const inf::Item& item) {
    const inf::HostedToolItem& tool = item.hosted_tool();
    switch (tool.kind_case()) {
      case inf::HostedToolItem::kWebSearch: return WriteSearch(item), Result<void>();
      case inf::HostedToolItem::kImage: return WriteImage(item), Result<void>();
      case inf::HostedToolItem::kOther: return WriteOpaque(tool.other(), "input");
      case inf::HostedToolItem::KIND_NOT_SET: break;
    }
    return Error(ErrorCode::kInvalidArgument, "a tool's call is empty").From(Origin::kClient).At("input");
  }

  void BeginHosted(std::string_view type, const inf::Item& item, std::string_view id_prefix) {
    const std::string& status = item.hosted_tool().status();
    Begin(type, item, id_prefix);
    json_.Key("status").String(status.empty() ? "completed" : status);
  }

  // What it found the protocol has no field for: it is in the answer that followed.
  void WriteSearch(const inf::Item& item) {
    const inf::WebSearchCall& search = item.hosted_tool().web_search();
    BeginHosted("web_search_call", item, "ws_");
    if (!search.opened_url().empty()) {
      const bool opened = search.pattern().empty();
      json_.Key("action").BeginObject().Key("type").String(opened ? "open_page" : "find_in_page");
      json_.Key("url").String(search.opened_url());
      if (!opened) json_.Key("pattern").String(search.pattern());
      json_.EndObject();
    } else if (!search.queries().empty()) {
      json_.Key("action").BeginObject().Key("type").String("search").Key("query").String(search.queries(0));
      if (search.queries_size() > 1) {
        json_.Key("queries").BeginArray();
        for (const std::string& query : search.queries()) json_.String(query);
        json_.EndArray();
      }
      json_.EndObject();
    }
    json_.EndObject();
  }

  void WriteImage(const inf::Item& item) {
    const inf::GeneratedImage& image = item.hosted_tool().image();
    BeginHosted("image_generation_call", item, "ig_");
    if (!image.revised_prompt().empty()) json_.Key("revised_prompt").String(image.revised_prompt());
    json_.Key("result").String(image.data_base64()).EndObject();
  }

  Result<void> WriteOpaque(const inf::Opaque& opaque, std::string_view where) {
    if (opaque.dialect() != kRawDialect) {
      AddIgnored(ignored_, opaque.dialect() + "." + opaque.type());
      return {};
    }
    ASSIGN_OR_RETURN(const std::string json, CheckedObject(opaque.json(), where));
    json_.Raw(json);
    return {};
  }

  JsonWriter& json_;
  const AudioForm audio_;
  std::vector<std::string>& ignored_;
  const bool with_ids_;
};

}  // namespace

Result<void> WriteItems(JsonWriter& json, const inf::GenerateRequest& request, AudioForm audio,
                        std::vector<std::string>& ignored) {
  const bool with_ids = std::none_of(request.items().begin(), request.items().end(), [](const inf::Item& item) {
    return item.has_reasoning() && item.reasoning().encrypted_content().empty();
  });
  ItemWriter writer(json, audio, ignored, with_ids);
  for (const inf::Item& item : request.items()) RETURN_IF_ERROR(writer.Write(item));
  return {};
}

}  // namespace patchbay::upstream::responses
