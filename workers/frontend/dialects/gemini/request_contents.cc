#include "workers/frontend/dialects/gemini/request_contents.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/common/request/tool_history.h"
#include "workers/frontend/dialects/gemini/call_ids.h"
#include "workers/frontend/dialects/gemini/fields.h"
#include "workers/frontend/dialects/gemini/request_media.h"

namespace patchbay::frontend::gemini {
namespace {

using Parts = ToolHistory::Parts;

// What a part is; exactly one of its members says it.
enum class Data {
  kNone,
  kText,
  kInlineData,
  kFileData,
  kFunctionCall,
  kFunctionResponse,
  kExecutableCode,
  kCodeExecutionResult
};

// One part, taken apart.
struct PartFields {
  DecodedRequest& out;
  Data kind = Data::kNone;
  std::optional<JsonNode> data;
  std::optional<JsonNode> signature;
  bool thought = false;

  void Ignore(const JsonNode& node) { out.Ignore(node); }
};

template <Data kKind>
Result<void> TakeData(const JsonNode& node, PartFields& part) {
  if (part.data) return node.Wrong("a part is one thing: text, inlineData, fileData, functionCall or functionResponse");
  part.kind = kKind;
  part.data = node;
  return {};
}

Result<void> TakeThought(const JsonNode& node, PartFields& part) {
  ASSIGN_OR_RETURN(part.thought, node.Bool());
  return {};
}

Result<void> TakeSignature(const JsonNode& node, PartFields& part) {
  RETURN_IF_ERROR(node.String());
  part.signature = node;
  return {};
}

constexpr std::array kPartFields = {
    Field<PartFields>{"audioTranscription", IgnoreField},
    Field<PartFields>{"codeExecutionResult", TakeData<Data::kCodeExecutionResult>},
    Field<PartFields>{"executableCode", TakeData<Data::kExecutableCode>},
    Field<PartFields>{"fileData", TakeData<Data::kFileData>},
    Field<PartFields>{"functionCall", TakeData<Data::kFunctionCall>},
    Field<PartFields>{"functionResponse", TakeData<Data::kFunctionResponse>},
    Field<PartFields>{"inlineData", TakeData<Data::kInlineData>},
    Field<PartFields>{"mediaProcessing", IgnoreField},
    Field<PartFields>{"mediaResolution", IgnoreField},
    Field<PartFields>{"partMetadata", IgnoreField},
    Field<PartFields>{"speechMetadata", IgnoreField},
    Field<PartFields>{"text", TakeData<Data::kText>},
    Field<PartFields>{"thought", TakeThought},
    Field<PartFields>{"thoughtSignature", TakeSignature},
    Field<PartFields>{"toolCall", RefuseField},
    Field<PartFields>{"toolResponse", RefuseField},
    Field<PartFields>{"videoMetadata", IgnoreField},
};

// `functionCall` and `functionResponse`.
struct CallFields {
  DecodedRequest& out;
  std::string id, name;
  std::optional<JsonNode> args, response, parts;

  void Ignore(const JsonNode& node) { out.Ignore(node); }
};

template <auto kMember>
Result<void> TakeString(const JsonNode& node, CallFields& call) {
  ASSIGN_OR_RETURN(call.*kMember, node.String());
  return {};
}
template <auto kMember>
Result<void> TakeObject(const JsonNode& node, CallFields& call) {
  RETURN_IF_ERROR(node.MustBeObject());
  call.*kMember = node;
  return {};
}
Result<void> TakeParts(const JsonNode& node, CallFields& call) {
  RETURN_IF_ERROR(node.MustBeArray());
  call.parts = node;
  return {};
}

constexpr std::array kCallFields = {
    Field<CallFields>{"args", TakeObject<&CallFields::args>}, Field<CallFields>{"id", TakeString<&CallFields::id>},
    Field<CallFields>{"name", TakeString<&CallFields::name>}, Field<CallFields>{"partialArgs", IgnoreField},
    Field<CallFields>{"willContinue", IgnoreField},
};
constexpr std::array kResponseFields = {
    Field<CallFields>{"id", TakeString<&CallFields::id>},
    Field<CallFields>{"name", TakeString<&CallFields::name>},
    Field<CallFields>{"parts", TakeParts},
    Field<CallFields>{"response", TakeObject<&CallFields::response>},
    Field<CallFields>{"scheduling", IgnoreField},
    Field<CallFields>{"willContinue", IgnoreField},
};

std::string TextOf(const boost::json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : wire::JsonText(value);
}

// The usual wrappers around a result are taken off: {"output"}, {"result"}, {"error"} and the `ai` SDK's
// {"name","content"}. Anything else is told as the JSON it is.
std::string ResultText(const boost::json::object& response, std::string_view name, bool& is_error) {
  if (response.empty()) return {};
  if (response.size() == 1) {
    const auto& [key, value] = *response.begin();
    is_error = key == "error";
    if (is_error || key == "output" || key == "result") return TextOf(value);
  }
  const auto* said = response.if_contains("name");
  const auto* content = response.if_contains("content");
  if (response.size() == 2 && said != nullptr && content != nullptr && *said == boost::json::value(name)) {
    return TextOf(*content);
  }
  return wire::JsonText(response);
}

// What Google tells clients to send when they have no signature; as it is, or in base64 as their SDKs write bytes.
// There is nothing in it that could be ignored.
bool IsPlaceholder(std::string_view signature) {
  constexpr std::array<std::string_view, 2> kPlaceholders = {"skip_thought_signature_validator",
                                                             "context_engineering_is_the_way_to_go"};
  return std::any_of(kPlaceholders.begin(), kPlaceholders.end(),
                     [&](std::string_view known) { return signature == known || signature == Base64Encode(known); });
}

class Decoder {
 public:
  explicit Decoder(DecodedRequest& out)
      : out_(out), items_(*out.request.mutable_items()), history_(items_, out.repaired) {}

  Result<void> Decode(const JsonNode& content, std::size_t position) {
    RETURN_IF_ERROR(content.MustBeObject());
    bool model = false;
    if (const auto role = content.Find("role")) {
      ASSIGN_OR_RETURN(const std::string_view word, role->OneOf({"user", "model", "function"}));
      model = word == "model";
    }
    for (const auto& member : content.value().get_object()) {
      if (member.key() == "role" || member.key() == "parts") continue;
      if (const auto other = content.Find(member.key())) out_.Ignore(*other);
    }
    const std::size_t before = told_;
    if (const auto parts = content.Find("parts")) {
      RETURN_IF_ERROR(ForEachOf(*parts, [&](const JsonNode& part, std::size_t) { return DecodePart(part, model); }));
    }
    // Results stand right behind their calls, whatever else the content says.
    if (!user_parts_.empty()) AddMessage(inference::v1::ROLE_USER, std::exchange(user_parts_, {}));
    if (told_ == before) out_.repaired.push_back("empty_content:" + std::to_string(position));
    return {};
  }

  void Finish() { history_.Finish(); }

 private:
  Result<void> DecodePart(const JsonNode& node, bool model) {
    PartFields part{.out = out_, .data = {}, .signature = {}};
    RETURN_IF_ERROR(ReadFields(node, kPartFields, part));
    if (part.signature) RETURN_IF_ERROR(PlayBack(*part.signature, part));
    Parts parts;
    switch (part.kind) {
      case Data::kNone:
        if (part.signature) return {};
        return node.Wrong("a part needs text, inlineData, fileData, functionCall or functionResponse");
      case Data::kText: return DecodeText(node, part, model);
      case Data::kInlineData: RETURN_IF_ERROR(DecodeInlineData(*part.data, out_, parts)); break;
      case Data::kFileData: RETURN_IF_ERROR(DecodeFileData(*part.data, out_, parts)); break;
      case Data::kFunctionCall: return DecodeCall(*part.data);
      case Data::kFunctionResponse: return DecodeResponse(*part.data);
      case Data::kExecutableCode: return DecodeCode(*part.data, model);
      case Data::kCodeExecutionResult: {
        ASSIGN_OR_RETURN(const std::string_view output, part.data->OptionalString("output"));
        IgnoreOthers(*part.data, {"outcome", "output"}, out_);
        AddText("\n```\n" + std::string(output) + "\n```\n", model);
        return {};
      }
    }
    // Providers take media from the user only; what the model drew is shown to it again.
    ++told_;
    for (auto& media : parts) user_parts_.Add()->Swap(&media);
    return {};
  }

  Result<void> DecodeText(const JsonNode& node, const PartFields& part, bool model) {
    ASSIGN_OR_RETURN(const std::string_view text, part.data->String());
    if (part.thought) {
      // A summary cannot be played back; what can is in its signature.
      ++told_;
      if (!part.signature) out_.Ignore(*FindEither(node, "thought"));
      return {};
    }
    if (!text.empty()) {
      AddText(text, model);
    } else if (model) {
      ++told_;  // the last chunk of every answer
    }
    return {};
  }

  // Streamed answers come back in as many parts and contents as they had chunks: they are one text again.
  void AddText(std::string_view text, bool model) {
    ++told_;
    if (!model) {
      user_parts_.Add()->set_text(std::string(text));
      return;
    }
    if (EndsInText()) {
      items_.rbegin()->mutable_message()->mutable_parts(0)->mutable_text()->append(text);
      return;
    }
    Parts parts;
    parts.Add()->set_text(std::string(text));
    AddMessage(inference::v1::ROLE_ASSISTANT, std::move(parts));
  }

  void AddMessage(inference::v1::Role role, Parts parts) {
    auto& message = *items_.Add()->mutable_message();
    message.set_role(role);
    message.mutable_parts()->Swap(&parts);
  }

  Result<void> DecodeCode(const JsonNode& code, bool model) {
    ASSIGN_OR_RETURN(const std::string_view text, code.OptionalString("code"));
    IgnoreOthers(code, {"language", "code"}, out_);
    AddText("\n```\n" + std::string(text) + "\n```\n", model);
    return {};
  }

  // The reasoning that stood before this part when the model said it. A call and the end of an answer carry what stood
  // before the text in front of them too, which could not have told it without knowing what follows.
  Result<void> PlayBack(const JsonNode& signature, const PartFields& part) {
    ASSIGN_OR_RETURN(const std::string_view text, signature.String());
    auto items = UnwrapReasoning(text);
    if (!items.ok()) {
      if (!IsPlaceholder(text)) out_.Ignore(signature);
      return {};
    }
    ++told_;
    const bool says_text =
        part.kind == Data::kText && part.data->IsString() && !part.data->value().get_string().empty();
    const bool behind_text = !says_text && EndsInText();
    for (auto& item : *items) {
      // A client that keeps a streamed answer may have the same signature on several parts.
      if (!played_back_.insert(item.reasoning().encrypted_content() + item.reasoning().signature()).second) continue;
      *items_.Add() = std::move(item);
      if (behind_text) items_.SwapElements(items_.size() - 2, items_.size() - 1);
    }
    return {};
  }

  bool EndsInText() const {
    return !items_.empty() && items_.rbegin()->message().role() == inference::v1::ROLE_ASSISTANT;
  }

  Result<void> DecodeCall(const JsonNode& node) {
    CallFields call{.out = out_, .id = {}, .name = {}, .args = {}, .response = {}, .parts = {}};
    RETURN_IF_ERROR(ReadFields(node, kCallFields, call));
    if (call.name.empty()) return node.Wrong("a functionCall needs a name");
    const std::string id = call_ids_.Open(call.id, call.name);
    inference::v1::ToolCall decoded;
    decoded.set_kind(inference::v1::TOOL_KIND_FUNCTION);
    decoded.set_call_id(id);
    decoded.set_name(call.name);
    decoded.set_input(call.args ? call.args->Text() : "{}");
    history_.AddCall(std::move(decoded));
    ++told_;
    return {};
  }

  Result<void> DecodeResponse(const JsonNode& node) {
    CallFields result{.out = out_, .id = {}, .name = {}, .args = {}, .response = {}, .parts = {}};
    RETURN_IF_ERROR(ReadFields(node, kResponseFields, result));
    if (result.name.empty() && result.id.empty()) return node.Wrong("a functionResponse needs a name");
    Parts parts;
    bool is_error = false;
    if (result.response) {
      const auto& response = result.response->value().get_object();
      if (std::string text = ResultText(response, result.name, is_error); !text.empty()) {
        parts.Add()->set_text(std::move(text));
      }
    }
    for (std::size_t i = 0; result.parts && i < result.parts->size(); ++i) {
      const JsonNode part = result.parts->At(i);
      const auto blob = FindEither(part, "inlineData");
      const auto file = FindEither(part, "fileData");
      if (!blob && !file) return part.Wrong("a part of a result is inlineData or fileData");
      IgnoreOthers(part, {blob ? "inlineData" : "fileData"}, out_);
      RETURN_IF_ERROR(blob ? DecodeInlineData(*blob, out_, parts) : DecodeFileData(*file, out_, parts));
    }
    history_.AddResult(call_ids_.Close(result.id, result.name), std::move(parts), is_error);
    ++told_;
    return {};
  }

  DecodedRequest& out_;
  ToolHistory::Items& items_;
  ToolHistory history_;
  Parts user_parts_;
  std::size_t told_ = 0;  // parts that said something
  CallIds call_ids_;
  std::set<std::string> played_back_;
};

}  // namespace

Result<void> DecodeContents(const JsonNode& contents, DecodedRequest& out) {
  Decoder decoder(out);
  RETURN_IF_ERROR(
      ForEachOf(contents, [&](const JsonNode& content, std::size_t i) { return decoder.Decode(content, i); }));
  decoder.Finish();
  if (out.request.items().empty()) return contents.Wrong("there is nothing to answer");
  return {};
}

Result<void> DecodeSystemInstruction(const JsonNode& instruction, DecodedRequest& out) {
  auto& instructions = *out.request.mutable_instructions();
  if (instruction.IsString()) {
    ASSIGN_OR_RETURN(instructions, instruction.String());
    return {};
  }
  RETURN_IF_ERROR(instruction.MustBeObject());
  IgnoreOthers(instruction, {"parts", "role"}, out);
  const auto parts = instruction.Find("parts");
  if (!parts) return instruction.Wrong("a systemInstruction needs parts");
  return ForEachOf(*parts, [&](const JsonNode& part, std::size_t) -> Result<void> {
    ASSIGN_OR_RETURN(const std::string_view text, part.RequiredString("text"));
    IgnoreOthers(part, {"text"}, out);
    instructions.append(instructions.empty() || text.empty() ? "" : "\n\n").append(text);
    return {};
  });
}

void AppendContentFields(std::vector<std::string>& names) {
  for (const auto& field : kPartFields) names.push_back("contents[].parts[]." + std::string(field.name));
  for (const auto& field : kCallFields) names.push_back("contents[].parts[].functionCall." + std::string(field.name));
  for (const auto& field : kResponseFields) {
    names.push_back("contents[].parts[].functionResponse." + std::string(field.name));
  }
}

}  // namespace patchbay::frontend::gemini
