#include "workers/frontend/dialects/openai_chat/request_messages.h"

#include <map>
#include <utility>

#include "lib/base/encoding.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/media_url.h"
#include "workers/frontend/dialects/common/request/tool_history.h"

namespace patchbay::frontend::openai_chat {
namespace {

using inference::v1::Item;
using inference::v1::Message;
using inference::v1::Part;
using Parts = google::protobuf::RepeatedPtrField<Part>;
using Ignored = std::vector<std::string>;

// {"type":"image_url","image_url":{"url","detail"}}; a bare string is tolerated.
Result<void> DecodeImage(const JsonNode& part, Parts& out, Ignored& ignored) {
  const auto image = part.Find("image_url");
  if (!image) return part.Wrong("an image part needs image_url");
  std::string_view url, detail;
  if (image->IsString()) {
    ASSIGN_OR_RETURN(url, ReadMediaUrl(*image));
  } else {
    RETURN_IF_ERROR(image->RequiredString("url"));
    ASSIGN_OR_RETURN(url, ReadMediaUrl(*image->Find("url")));
    if (const auto node = image->Find("detail")) {
      ASSIGN_OR_RETURN(detail, node->OneOf({"auto", "low", "high", "original"}));
    }
  }
  NoteOthers(ignored, part, {"type", "image_url"});
  NoteOthers(ignored, *image, {"url", "detail"});
  auto& decoded = *out.Add()->mutable_image();
  decoded.set_url(std::string(url));
  decoded.set_detail(std::string(detail));
  return {};
}

// {"type":"file","file":{"file_data"|"file_id","filename"}}. Bare base64 gets the data: URL that
// providers want.
Result<void> DecodeFile(const JsonNode& part, Parts& out, Ignored& ignored) {
  const auto file = part.Find("file");
  if (!file) return part.Wrong("a file part needs file");
  RETURN_IF_ERROR(file->MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view data, file->OptionalString("file_data"));
  ASSIGN_OR_RETURN(const std::string_view id, file->OptionalString("file_id"));
  ASSIGN_OR_RETURN(const std::string_view filename, file->OptionalString("filename"));
  if (data.empty() == id.empty()) return file->Wrong("expected exactly one of file_data and file_id");
  NoteOthers(ignored, part, {"type", "file"});
  NoteOthers(ignored, *file, {"file_data", "file_id", "filename"});
  auto& decoded = *out.Add()->mutable_file();
  decoded.set_file_id(std::string(id));
  decoded.set_filename(std::string(filename));
  if (data.empty()) return {};
  if (data.starts_with("data:")) {
    RETURN_IF_ERROR(ReadMediaUrl(*file->Find("file_data")));
    decoded.set_url(std::string(data));
    return {};
  }
  if (!IsBase64(data)) return file->Find("file_data")->Wrong("expected base64");
  decoded.set_url(std::string("data:application/pdf;base64,").append(data));
  return {};
}

enum class Speaker { kOperator, kUser, kAssistant, kTool };

Result<void> DecodePart(const JsonNode& part, Speaker speaker, Parts& out, Ignored& ignored) {
  ASSIGN_OR_RETURN(const std::string_view type, part.RequiredString("type"));
  if (type == "text") {
    ASSIGN_OR_RETURN(const std::string_view text, part.RequiredString("text"));
    NoteOthers(ignored, part, {"type", "text"});
    if (!text.empty()) out.Add()->set_text(std::string(text));
    return {};
  }
  if (type == "refusal" && speaker == Speaker::kAssistant) {
    ASSIGN_OR_RETURN(const std::string_view text, part.RequiredString("refusal"));
    NoteOthers(ignored, part, {"type", "refusal"});
    out.Add()->set_refusal(std::string(text));
    return {};
  }
  const bool takes_media = speaker == Speaker::kUser || speaker == Speaker::kTool;
  if (type == "image_url" && takes_media) return DecodeImage(part, out, ignored);
  if (type == "file" && takes_media) return DecodeFile(part, out, ignored);
  if (type == "input_audio") return part.Unsupported("audio input is not supported");
  return part.Find("type")->Wrong("a part of this type is not possible here");
}

// A string or an array of parts; absent is empty.
Result<void> DecodeContent(const JsonNode& message, Speaker speaker, Parts& out, Ignored& ignored) {
  const auto content = message.Find("content");
  if (!content) return {};
  if (content->IsString()) {
    ASSIGN_OR_RETURN(const std::string_view text, content->String());
    if (!text.empty()) out.Add()->set_text(std::string(text));
    return {};
  }
  if (!content->IsArray()) return content->Wrong("expected a string or an array of parts");
  for (std::size_t i = 0; i < content->size(); ++i) {
    RETURN_IF_ERROR(DecodePart(content->At(i), speaker, out, ignored));
  }
  return {};
}

std::string JoinText(const Parts& parts) {
  std::string text;
  for (const Part& part : parts) text.append(part.text());
  return text;
}

class Decoder {
 public:
  explicit Decoder(DecodedRequest& out)
      : out_(out), items_(*out.request.mutable_items()), history_(items_, out.repaired) {}

  Result<void> Decode(const JsonNode& message, std::size_t position) {
    position_ = position;
    ASSIGN_OR_RETURN(const std::string_view role, message.RequiredString("role"));
    if (role == "user") return DecodeUser(message);
    if (role == "assistant") return DecodeAssistant(message);
    if (role == "tool") return DecodeTool(message);
    if (role == "system" || role == "developer") return DecodeOperator(message);
    if (role == "function") return DecodeFunction(message);
    return message.Find("role")->Wrong("unknown role");
  }

  void Finish() {
    history_.Finish();
    auto& instructions = *out_.request.mutable_instructions();
    if (!items_.empty() || instructions.empty()) return;
    // All that was said came from the operator. Providers want something to answer.
    Parts parts;
    parts.Add()->set_text(std::exchange(instructions, {}));
    AddMessage(inference::v1::ROLE_DEVELOPER, parts);
  }

 private:
  Result<void> DecodeOperator(const JsonNode& message) {
    NoteOthers(out_.ignored, message, {"role", "content"});
    Parts parts;
    RETURN_IF_ERROR(DecodeContent(message, Speaker::kOperator, parts, out_.ignored));
    if (parts.empty()) return Empty();
    if (items_.empty()) {
      auto& instructions = *out_.request.mutable_instructions();
      if (!instructions.empty()) instructions.append("\n\n");
      instructions.append(JoinText(parts));
      return {};
    }
    AddMessage(inference::v1::ROLE_DEVELOPER, parts);
    return {};
  }

  Result<void> DecodeUser(const JsonNode& message) {
    NoteOthers(out_.ignored, message, {"role", "content"});
    Parts parts;
    RETURN_IF_ERROR(DecodeContent(message, Speaker::kUser, parts, out_.ignored));
    if (parts.empty()) return Empty();
    AddMessage(inference::v1::ROLE_USER, parts);
    return {};
  }

  Result<void> DecodeAssistant(const JsonNode& message) {
    Parts parts;
    RETURN_IF_ERROR(DecodeContent(message, Speaker::kAssistant, parts, out_.ignored));
    ASSIGN_OR_RETURN(const std::string_view refusal, message.OptionalString("refusal"));
    if (!refusal.empty()) parts.Add()->set_refusal(std::string(refusal));
    if (message.Find("audio")) return message.Find("audio")->Unsupported("audio is not supported");
    // Plain reasoning text is among the others: providers accept only what they sealed themselves.
    NoteOthers(out_.ignored, message, {"role", "content", "refusal", "audio", "tool_calls", "function_call"});
    const auto calls = message.Find("tool_calls");
    const auto legacy = message.Find("function_call");
    if (parts.empty() && !calls && !legacy) return Empty();
    if (!parts.empty()) AddMessage(inference::v1::ROLE_ASSISTANT, parts);
    if (calls) {
      RETURN_IF_ERROR(calls->MustBeArray());
      for (std::size_t i = 0; i < calls->size(); ++i) RETURN_IF_ERROR(DecodeCall(calls->At(i)));
    }
    return legacy ? DecodeLegacyCall(*legacy) : Result<void>();
  }

  Result<void> DecodeCall(const JsonNode& call) {
    ASSIGN_OR_RETURN(const std::string_view id, call.RequiredString("id"));
    ASSIGN_OR_RETURN(std::string_view type, call.OptionalString("type"));
    if (type.empty()) type = call.Find("custom") ? "custom" : "function";
    if (type != "function" && type != "custom") return call.Find("type")->Wrong("expected 'function' or 'custom'");
    const auto body = call.Find(type);
    if (!body) return call.Wrong("a call of type '" + std::string(type) + "' needs the member of that name");
    ASSIGN_OR_RETURN(const std::string_view name, body->RequiredString("name"));
    NoteOthers(out_.ignored, call, {"id", "type", type});
    const bool custom = type == "custom";
    NoteOthers(out_.ignored, *body, {"name", custom ? "input" : "arguments"});
    const auto input = body->Find(custom ? "input" : "arguments");
    std::string text;
    if (input && input->IsObject() && !custom) {
      text = input->Text();  // some clients forget that arguments are JSON inside a string
    } else if (input) {
      ASSIGN_OR_RETURN(text, input->String());
    }
    AddCall(custom ? inference::v1::TOOL_KIND_CUSTOM : inference::v1::TOOL_KIND_FUNCTION, std::string(id), name,
            std::move(text));
    return {};
  }

  Result<void> DecodeLegacyCall(const JsonNode& call) {
    ASSIGN_OR_RETURN(const std::string_view name, call.RequiredString("name"));
    ASSIGN_OR_RETURN(const std::string_view arguments, call.OptionalString("arguments"));
    NoteOthers(out_.ignored, call, {"name", "arguments"});
    const std::string id = "call_legacy_" + std::to_string(position_);
    legacy_calls_[std::string(name)] = id;
    AddCall(inference::v1::TOOL_KIND_FUNCTION, id, name, std::string(arguments));
    return {};
  }

  Result<void> DecodeTool(const JsonNode& message) {
    ASSIGN_OR_RETURN(const std::string_view id, message.RequiredString("tool_call_id"));
    NoteOthers(out_.ignored, message, {"role", "content", "tool_call_id"});
    Parts parts;
    RETURN_IF_ERROR(DecodeContent(message, Speaker::kTool, parts, out_.ignored));
    history_.AddResult(std::string(id), std::move(parts));
    return {};
  }

  // The deprecated role `function` names the function, not the call.
  Result<void> DecodeFunction(const JsonNode& message) {
    ASSIGN_OR_RETURN(const std::string_view name, message.RequiredString("name"));
    NoteOthers(out_.ignored, message, {"role", "content", "name"});
    Parts parts;
    RETURN_IF_ERROR(DecodeContent(message, Speaker::kTool, parts, out_.ignored));
    const auto call = legacy_calls_.find(std::string(name));
    history_.AddResult(call == legacy_calls_.end() ? std::string(name) : call->second, std::move(parts));
    return {};
  }

  void AddMessage(inference::v1::Role role, Parts& parts) {
    Message& message = *items_.Add()->mutable_message();
    message.set_role(role);
    message.mutable_parts()->Swap(&parts);
  }

  void AddCall(inference::v1::ToolKind kind, std::string id, std::string_view name, std::string input) {
    inference::v1::ToolCall call;
    call.set_kind(kind);
    call.set_call_id(std::move(id));
    call.set_name(std::string(name));
    call.set_input(std::move(input));
    history_.AddCall(std::move(call));
  }

  Result<void> Empty() {
    Repair("empty_message:" + std::to_string(position_));
    return {};
  }

  void Repair(std::string what) { out_.repaired.push_back(std::move(what)); }

  DecodedRequest& out_;
  google::protobuf::RepeatedPtrField<Item>& items_;
  std::size_t position_ = 0;
  ToolHistory history_;
  std::map<std::string, std::string> legacy_calls_;  // function name → call id
};

}  // namespace

Result<void> DecodeMessages(const JsonNode& messages, DecodedRequest& out) {
  RETURN_IF_ERROR(messages.MustBeArray());
  Decoder decoder(out);
  for (std::size_t i = 0; i < messages.size(); ++i) RETURN_IF_ERROR(decoder.Decode(messages.At(i), i));
  decoder.Finish();
  if (out.request.items().empty()) return messages.Wrong("there is no message to answer");
  return {};
}

}  // namespace patchbay::frontend::openai_chat
