#include "tests/sim/scripted.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <utility>

namespace patchbay::sim {
namespace {

using Kind = ScriptedItem::Kind;

// The member that makes an item what it is.
constexpr std::array<std::pair<std::string_view, Kind>, 7> kKinds = {{{"text", Kind::kText},
                                                                      {"reasoning", Kind::kReasoning},
                                                                      {"function", Kind::kFunction},
                                                                      {"custom", Kind::kCustom},
                                                                      {"refusal", Kind::kRefusal},
                                                                      {"web_search", Kind::kWebSearch},
                                                                      {"image", Kind::kImage}}};

Error Wrong(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

Result<ScriptedItem> ParseItem(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return Wrong("an output item is an object");
  for (const auto& [member, kind] : kKinds) {
    const auto text = StringAt(*object, member);
    if (!text) continue;
    ScriptedItem item;
    item.kind = kind;
    if (kind != Kind::kFunction && kind != Kind::kCustom) {
      item.text = *text;
      return item;
    }
    item.name = *text;
    item.name_space = StringAt(*object, "namespace").value_or("");
    const json::value* input = object->if_contains(kind == Kind::kFunction ? "arguments" : "input");
    if (input != nullptr) item.text = input->is_string() ? std::string(input->get_string()) : json::serialize(*input);
    return item;
  }
  return Wrong("an output item has text, reasoning, function, custom, refusal, web_search or image");
}

}  // namespace

Result<OfferedTool> FindScriptedTool(const json::object& request, const ScriptedItem& item) {
  const std::string_view type = item.kind == Kind::kCustom ? "custom" : "function";
  for (const OfferedTool& tool : CallableTools(request, type, item.name)) {
    if (tool.name_space == item.name_space) return tool;
  }
  return Wrong("the scripted reply calls '" + item.name + "', which the request does not offer");
}

Result<ScriptedReply> ParseScripted(const json::object& body) {
  ScriptedReply reply;
  const json::array* output = ArrayAt(body, "output");
  if (output == nullptr) return Wrong("a scripted reply has output");
  for (const json::value& value : *output) {
    ASSIGN_OR_RETURN(ScriptedItem item, ParseItem(value));
    reply.items.push_back(std::move(item));
  }
  reply.body_has = StringAt(body, "body_has").value_or("");
  reply.incomplete = StringAt(body, "incomplete").value_or("");
  json::object delivery = body;
  for (const char* own : {"output", "body_has", "incomplete"}) delivery.erase(own);
  // With "name":"cut" and the like the reply is interrupted as that scenario would be.
  if (!delivery.contains("name")) delivery["name"] = "text";
  ASSIGN_OR_RETURN(StandingScenario parsed, ParseStanding(delivery));
  reply.delivery = std::move(parsed.scenario);
  return reply;
}

Result<Script> RenderScripted(const Facts& facts, const ScriptedReply& reply) {
  ScriptWriter writer(facts, DeliveryFrom(reply.delivery), InterruptionFrom(reply.delivery));
  writer.Start();
  int index = 0;
  bool called = false;
  long long tokens = 0, reasoning_tokens = 0;
  for (const ScriptedItem& item : reply.items) {
    const std::vector<std::string> pieces = Pieces(item.text, kScriptedPieceBytes);
    tokens += static_cast<long long>(pieces.size());
    switch (item.kind) {
      case Kind::kText: WriteMessage(writer, index, pieces); break;
      case Kind::kReasoning:
        WriteReasoning(writer, index, pieces);
        reasoning_tokens += kSimulatedReasoningTokens;
        break;
      case Kind::kFunction: {
        ASSIGN_OR_RETURN(const OfferedTool tool, FindScriptedTool(*facts.request, item));
        WriteFunctionCall(writer, index, tool, item.text.empty() ? "{}" : item.text, kScriptedPieceBytes);
        called = true;
        break;
      }
      case Kind::kCustom: {
        ASSIGN_OR_RETURN(const OfferedTool tool, FindScriptedTool(*facts.request, item));
        WriteCustomCall(writer, index, tool, item.text, kScriptedPieceBytes);
        called = true;
        break;
      }
      case Kind::kRefusal: WriteRefusal(writer, index, item.text); break;
      case Kind::kWebSearch: WriteWebSearch(writer, index, item.text); break;
      case Kind::kImage: WriteImage(writer, index, item.text, 0); break;
    }
    ++index;
  }
  if (reply.incomplete.empty()) {
    writer.Complete(tokens + reasoning_tokens, reasoning_tokens, !called);
  } else {
    writer.Incomplete(reply.incomplete, tokens + reasoning_tokens);
  }
  return std::move(writer).Finish();
}

Result<void> ScriptedReplies::Add(const json::object& body) {
  const json::array* replies = ArrayAt(body, "replies");
  if (replies == nullptr) return Wrong("replies must be a list");
  std::vector<ScriptedReply> added;
  for (const json::value& value : *replies) {
    const json::object* object = value.if_object();
    if (object == nullptr) return Wrong("a scripted reply is an object");
    ASSIGN_OR_RETURN(ScriptedReply reply, ParseScripted(*object));
    added.push_back(std::move(reply));
  }
  if (waiting_.size() + added.size() > kMaxWaiting) return Wrong("too many replies are waiting");
  for (ScriptedReply& reply : added) waiting_.push_back(std::move(reply));
  return {};
}

std::optional<ScriptedReply> ScriptedReplies::Take(std::string_view request_body) {
  const auto fits = [&](const ScriptedReply& reply) {
    return request_body.find(reply.body_has) != std::string_view::npos;
  };
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), fits);
  if (found == waiting_.end()) return std::nullopt;
  ScriptedReply reply = std::move(*found);
  waiting_.erase(found);
  return reply;
}

}  // namespace patchbay::sim
