#include "workers/ollama/dialect/chat_request.h"

#include <array>
#include <utility>

#include "lib/base/text.h"
#include "lib/wire/json_text.h"
#include "workers/ollama/dialect/conversation.h"
#include "workers/ollama/dialect/fields.h"
#include "workers/ollama/dialect/images.h"

namespace patchbay::ollama {
namespace {

namespace json = boost::json;
using Parts = Conversation::Parts;

constexpr std::array<std::string_view, 11> kChatFields = {"model",  "name",     "messages",    "stream",
                                                          "format", "options",  "think",       "keep_alive",
                                                          "tools",  "logprobs", "top_logprobs"};

struct MessageReader {
  Asked& asked;
  Conversation& conversation;
  std::size_t images = 0;  // of all messages so far

  // Text, and of clients that know another protocol better a list of parts with it.
  Result<std::string> Content(const json::object& message, std::string_view place) const {
    const json::value* content = Find(message, "content");
    if (content == nullptr) return std::string();
    if (content->is_string()) return std::string(content->get_string());
    if (!content->is_array()) return Wrong(Below(place, "content"), "expected a string");
    std::string text;
    const std::string list = Below(place, "content");
    for (std::size_t i = 0; i < content->get_array().size(); ++i) {
      const json::value& part = content->get_array()[i];
      if (wire::FindString(part, "type") != "text") return Wrong(Element(list, i), "expected a part of type text");
      text.append(wire::FindString(part, "text"));
    }
    return text;
  }

  Result<Parts> ContentAndImages(const json::object& message, std::string_view place) {
    ASSIGN_OR_RETURN(std::string text, Content(message, place));
    Parts parts;
    if (!text.empty()) parts.Add()->set_text(std::move(text));
    ASSIGN_OR_RETURN(const json::array* pictures, Array(message, "images", place));
    if (pictures != nullptr) RETURN_IF_ERROR(ReadImages(*pictures, Below(place, "images"), images, parts));
    return parts;
  }

  Result<void> Assistant(const json::object& message, std::string_view place) {
    ASSIGN_OR_RETURN(const std::string_view thinking, Text(message, "thinking", place));
    conversation.AddThinking(thinking);
    if (!thinking.empty()) asked.wishes.push_back({"reasoning_text", "messages[].thinking"});
    ASSIGN_OR_RETURN(Parts parts, ContentAndImages(message, place));
    conversation.AddMessage(inference::v1::ROLE_ASSISTANT, std::move(parts));
    ASSIGN_OR_RETURN(const json::array* calls, Array(message, "tool_calls", place));
    const std::string list = Below(place, "tool_calls");
    for (std::size_t i = 0; calls != nullptr && i < calls->size(); ++i) {
      RETURN_IF_ERROR(Call((*calls)[i], Element(list, i)));
    }
    return {};
  }

  // {"id"?, "function": {"index"?, "name", "arguments": {…}}}; some clients send the arguments as text.
  Result<void> Call(const json::value& value, std::string_view place) {
    if (!value.is_object()) return Wrong(place, "expected an object");
    ASSIGN_OR_RETURN(const json::object* function, Object(value.get_object(), "function", place));
    if (function == nullptr) return Wrong(place, "function is required");
    const std::string here = Below(place, "function");
    ASSIGN_OR_RETURN(const std::string_view id, Text(value.get_object(), "id", place));
    ASSIGN_OR_RETURN(const std::string_view name, Text(*function, "name", here));
    if (name.empty()) return Wrong(here, "name is required");
    const json::value* arguments = Find(*function, "arguments");
    std::string text = "{}";
    if (arguments != nullptr && arguments->is_object()) {
      text = wire::JsonText(arguments->get_object());
    } else if (arguments != nullptr && arguments->is_string()) {
      const auto inner = wire::ParseJson(arguments->get_string());
      if (inner.ok() && inner->is_object()) {
        text = std::string(arguments->get_string());
      } else if (!IsBlank(arguments->get_string())) {
        return Wrong(Below(here, "arguments"), "expected an object");
      }
    } else if (arguments != nullptr) {
      return Wrong(Below(here, "arguments"), "expected an object");
    }
    conversation.AddCall(std::string(id), name, std::move(text));
    return {};
  }

  Result<void> Tool(const json::object& message, std::string_view place) {
    ASSIGN_OR_RETURN(const std::string_view id, Text(message, "tool_call_id", place));
    ASSIGN_OR_RETURN(std::string_view name, Text(message, "tool_name", place));
    if (name.empty()) {
      ASSIGN_OR_RETURN(name, Text(message, "name", place));  // as it was called before
    }
    ASSIGN_OR_RETURN(Parts parts, ContentAndImages(message, place));
    if (parts.empty()) parts.Add()->set_text("");  // a tool may have nothing to say, and has been run all the same
    conversation.AddResult(id, name, std::move(parts));
    return {};
  }

  Result<void> Message(const json::value& value, std::string_view place) {
    if (!value.is_object()) return Wrong(place, "expected an object");
    const json::object& message = value.get_object();
    static constexpr std::array<std::string_view, 8> kKnown = {"role",       "content",   "thinking",     "images",
                                                               "tool_calls", "tool_name", "tool_call_id", "name"};
    NoteOthers(asked, message, kKnown, "messages[]");
    ASSIGN_OR_RETURN(const std::string_view word, Text(message, "role", place));
    const std::string role = LowerCase(word);
    if (role == "assistant") return Assistant(message, place);
    if (role == "tool") return Tool(message, place);
    if (role == "user") {
      ASSIGN_OR_RETURN(Parts parts, ContentAndImages(message, place));
      conversation.AddMessage(inference::v1::ROLE_USER, std::move(parts));
      return {};
    }
    if (role == "system" || role == "developer") {
      ASSIGN_OR_RETURN(const std::string text, Content(message, place));
      conversation.AddSystem(text);
      return {};
    }
    return Wrong(Below(place, "role"), "invalid role \"" + role + "\": must be system, user, assistant or tool");
  }
};

// {"type": "function", "function": {"name", "description", "parameters": {…}}}
Result<void> ReadTool(const json::value& value, std::string_view place, Asked& asked) {
  if (!value.is_object()) return Wrong(place, "expected an object");
  ASSIGN_OR_RETURN(const std::string_view type, Text(value.get_object(), "type", place));
  if (!type.empty() && type != "function") return Wrong(Below(place, "type"), "expected \"function\"");
  ASSIGN_OR_RETURN(const json::object* function, Object(value.get_object(), "function", place));
  if (function == nullptr) return Wrong(place, "function is required");
  const std::string here = Below(place, "function");
  ASSIGN_OR_RETURN(const std::string_view name, Text(*function, "name", here));
  if (name.empty()) return Wrong(here, "name is required");
  ASSIGN_OR_RETURN(const std::string_view description, Text(*function, "description", here));
  ASSIGN_OR_RETURN(const json::object* parameters, Object(*function, "parameters", here));
  static constexpr std::array<std::string_view, 3> kKnown = {"name", "description", "parameters"};
  NoteOthers(asked, *function, kKnown, "tools[].function");
  auto& tool = *asked.request.add_tools()->mutable_function();
  tool.set_name(std::string(name));
  tool.set_description(std::string(description));
  if (parameters != nullptr && !parameters->empty()) tool.set_parameters_json(wire::JsonText(*parameters));
  return {};
}

}  // namespace

Result<Asked> DecodeChat(std::string_view body) {
  ASSIGN_OR_RETURN(const wire::JsonDocument document, ParseBody(body));
  const json::object& object = document.root().get_object();
  Asked asked;
  RETURN_IF_ERROR(ReadShared(object, asked));
  ASSIGN_OR_RETURN(const json::array* messages, Array(object, "messages"));
  ASSIGN_OR_RETURN(const json::array* tools, Array(object, "tools"));
  NoteOthers(asked, object, kChatFields);
  for (std::size_t i = 0; tools != nullptr && i < tools->size(); ++i) {
    RETURN_IF_ERROR(ReadTool((*tools)[i], Element("tools", i), asked));
  }
  asked.load_only = messages == nullptr || messages->empty();
  if (asked.load_only) return asked;
  Conversation conversation(asked.request, asked.repaired);
  MessageReader reader{asked, conversation};
  for (std::size_t i = 0; i < messages->size(); ++i) {
    RETURN_IF_ERROR(reader.Message((*messages)[i], Element("messages", i)));
  }
  conversation.Finish();
  if (asked.request.items().empty()) return Wrong("messages", "there is nothing to answer");
  return asked;
}

std::vector<std::string_view> ChatFields() { return {kChatFields.begin(), kChatFields.end()}; }

}  // namespace patchbay::ollama
