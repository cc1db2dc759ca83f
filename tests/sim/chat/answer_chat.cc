#include "tests/sim/chat/answer_chat.h"

#include <utility>

#include "tests/sim/chat/chunk_writer.h"
#include "tests/sim/json_text.h"

namespace patchbay::sim {
namespace {

// {"type":"function","function":{…}} as {"type":"function",…}; what is no such thing as it is.
json::object Flattened(const json::value& value) {
  const json::object* wrapped = value.if_object();
  if (wrapped == nullptr) return {};
  const std::string_view type = StringAt(*wrapped, "type").value_or("");
  const json::object* inner = ObjectAt(*wrapped, type);
  json::object flat = inner == nullptr ? *wrapped : *inner;
  flat["type"] = type;
  return flat;
}

json::object FlatTool(const json::value& value) {
  json::object tool = Flattened(value);
  if (StringAt(tool, "type") == "function" && IsAbsent(tool, "parameters"))
    tool["parameters"] = json::object{{"type", "object"}, {"properties", json::object()}};
  const json::object* format = ObjectAt(tool, "format");
  const json::object* grammar = format == nullptr ? nullptr : ObjectAt(*format, "grammar");
  if (grammar != nullptr) {
    json::object flat = *grammar;
    flat["type"] = "grammar";
    tool["format"] = std::move(flat);
  }
  return tool;
}

json::object FlatChoice(const json::object& choice) {
  json::object flat = Flattened(choice);
  if (StringAt(flat, "type") != "allowed_tools") return flat;
  json::array tools;
  if (const json::array* allowed = ArrayAt(flat, "tools")) {
    for (const json::value& tool : *allowed) tools.push_back(Flattened(tool));
  }
  flat["tools"] = std::move(tools);
  return flat;
}

void AppendMessage(const json::object& message, json::array& input) {
  const std::string_view role = StringAt(message, "role").value_or("");
  const json::value* content = message.if_contains("content");
  if (role == "tool") {
    input.push_back(
        json::object{{"type", "function_call_output"}, {"output", content == nullptr ? nullptr : *content}});
    return;
  }
  input.push_back(json::object{{"type", "message"},
                               {"role", role == "system" ? "developer" : role},
                               {"content", content == nullptr ? nullptr : *content}});
}

json::object FlatFormat(const json::object& format) {
  json::object flat;
  if (const json::object* inner = ObjectAt(format, "json_schema")) flat = *inner;
  flat["type"] = StringAt(format, "type").value_or("text");
  return flat;
}

std::string_view FinishFor(std::string_view incomplete) {
  return incomplete == "content_filter" ? "content_filter" : "length";
}

}  // namespace

json::object AsResponses(const json::object& chat) {
  json::object seen;
  json::array input;
  if (const json::array* messages = ArrayAt(chat, "messages")) {
    for (const json::value& message : *messages) {
      if (message.is_object()) AppendMessage(message.get_object(), input);
    }
  }
  seen["input"] = std::move(input);
  if (const json::array* tools = ArrayAt(chat, "tools")) {
    json::array flat;
    for (const json::value& tool : *tools) flat.push_back(FlatTool(tool));
    seen["tools"] = std::move(flat);
  }
  if (const json::object* choice = ObjectAt(chat, "tool_choice")) {
    seen["tool_choice"] = FlatChoice(*choice);
  } else if (const json::value* mode = chat.if_contains("tool_choice")) {
    seen["tool_choice"] = *mode;
    if (StringAt(chat, "tool_choice") == "any") seen["tool_choice"] = "required";  // Mistral's word
  }
  if (const json::value* parallel = chat.if_contains("parallel_tool_calls")) seen["parallel_tool_calls"] = *parallel;
  if (const json::object* format = ObjectAt(chat, "response_format"))
    seen["text"] = json::object{{"format", FlatFormat(*format)}};
  return seen;
}

Script RenderChat(const Facts& facts, const json::object& seen, const ApiModel& model, const Scenario& scenario,
                  const Prompt& prompt) {
  ChunkWriter writer(facts, model, scenario);
  writer.Start();
  long long reasoning_tokens = 0;
  if (scenario.name == "reasoning" || scenario.Flag("reasoning")) {
    writer.Reasoning(ReasoningDeltas());
    reasoning_tokens = kSimulatedReasoningTokens;
  }
  if (scenario.name == "tools" || scenario.name == "custom_tool") {
    const auto calls = PlanCalls(scenario, seen);
    for (const PlannedCall& call : calls) writer.Call(call.tool, call.input, PieceBytes(scenario));
    if (!calls.empty()) {
      writer.End("tool_calls", 32, reasoning_tokens);
      return std::move(writer).Finish();
    }
  }
  std::vector<std::string> deltas;
  std::string_view finish = "stop";
  if (scenario.name == "refusal") {
    deltas = Pieces("I'm sorry, but I can't help with that.", PieceBytes(scenario));
    writer.Refusal(deltas);
  } else {
    deltas = scenario.name == "json" ? Pieces(JsonAnswer(seen), PieceBytes(scenario)) : TextDeltas(scenario, prompt);
    writer.Text(deltas, scenario.Flag("stamp"));
  }
  if (scenario.name == "incomplete") finish = FinishFor(scenario.Text("reason"));
  writer.End(finish, static_cast<long long>(deltas.size()), reasoning_tokens);
  return std::move(writer).Finish();
}

Result<Script> RenderScriptedChat(const Facts& facts, const json::object& seen, const ApiModel& model,
                                  const ScriptedReply& reply) {
  using Kind = ScriptedItem::Kind;
  ChunkWriter writer(facts, model, reply.delivery);
  writer.Start();
  std::string_view finish = "stop";
  long long tokens = 0, reasoning_tokens = 0;
  for (const ScriptedItem& item : reply.items) {
    const std::vector<std::string> pieces = Pieces(item.text, kScriptedPieceBytes);
    tokens += static_cast<long long>(pieces.size());
    switch (item.kind) {
      case Kind::kText: writer.Text(pieces); break;
      case Kind::kRefusal: writer.Refusal(pieces); break;
      case Kind::kReasoning:
        writer.Reasoning(pieces);
        reasoning_tokens += kSimulatedReasoningTokens;
        break;
      case Kind::kFunction:
      case Kind::kCustom: {
        ASSIGN_OR_RETURN(const OfferedTool tool, FindScriptedTool(seen, item));
        const bool empty = item.kind == Kind::kFunction && item.text.empty();
        writer.Call(tool, empty ? "{}" : std::string_view(item.text), kScriptedPieceBytes);
        finish = "tool_calls";
        break;
      }
      case Kind::kWebSearch:
      case Kind::kImage: return Error(ErrorCode::kInvalidArgument, "Chat Completions has no searches and no pictures");
    }
  }
  if (!reply.incomplete.empty()) finish = FinishFor(reply.incomplete);
  writer.End(finish, tokens, reasoning_tokens);
  return std::move(writer).Finish();
}

}  // namespace patchbay::sim
