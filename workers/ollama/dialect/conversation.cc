#include "workers/ollama/dialect/conversation.h"

#include <algorithm>
#include <utility>

#include "workers/ollama/dialect/asked.h"

namespace patchbay::ollama {
namespace {

// "call_" and eight characters, as the real server makes them; the same for the same request.
std::string CallId(int number) {
  const std::string digits = std::to_string(number);
  return "call_" + std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits;
}

Conversation::Parts OneText(std::string_view text) {
  Conversation::Parts parts;
  parts.Add()->set_text(std::string(text));
  return parts;
}

}  // namespace

void Conversation::AddSystem(std::string_view text) {
  if (text.empty()) return;
  if (!request_.items().empty()) return AddMessage(inference::v1::ROLE_DEVELOPER, OneText(text));
  std::string& instructions = *request_.mutable_instructions();
  if (!instructions.empty()) instructions.append("\n\n");
  instructions.append(text);
}

void Conversation::AddMessage(inference::v1::Role role, Parts parts) {
  AnswerOpenCalls();
  if (!parts.empty()) Say(role, std::move(parts));
}

void Conversation::AddThinking(std::string_view text) {
  AnswerOpenCalls();
  if (!text.empty()) request_.add_items()->mutable_reasoning()->set_text(std::string(text));
}

void Conversation::AddCall(std::string id, std::string_view tool, std::string arguments_json) {
  ++calls_;
  if (id.empty()) id = CallId(calls_);
  auto& call = *request_.add_items()->mutable_tool_call();
  call.set_kind(inference::v1::TOOL_KIND_FUNCTION);
  call.set_call_id(id);
  call.set_name(std::string(tool));
  call.set_input(std::move(arguments_json));
  open_.push_back({std::move(id), std::string(tool)});
}

void Conversation::AddResult(std::string_view id, std::string_view tool, Parts parts) {
  auto call = open_.end();
  if (!id.empty()) call = std::find_if(open_.begin(), open_.end(), [&](const OpenCall& c) { return c.id == id; });
  if (call == open_.end() && !tool.empty()) {
    call = std::find_if(open_.begin(), open_.end(), [&](const OpenCall& c) { return c.tool == tool; });
  }
  // A result that names neither is the next one's.
  if (call == open_.end() && id.empty() && tool.empty()) call = open_.begin();
  if (call == open_.end()) {
    Note(repaired_, "result_without_call");
    // The results of other calls may still come, and nothing may stand between them and these.
    strays_.push_back(std::move(parts));
    if (open_.empty()) SayStrays();
    return;
  }
  auto& result = *request_.add_items()->mutable_tool_result();
  result.set_kind(inference::v1::TOOL_KIND_FUNCTION);
  result.set_call_id(call->id);
  result.mutable_parts()->Swap(&parts);
  open_.erase(call);
  if (open_.empty()) SayStrays();
}

void Conversation::AnswerOpenCalls() {
  for (; !open_.empty(); open_.pop_front()) {
    Note(repaired_, "call_without_result");
    auto& result = *request_.add_items()->mutable_tool_result();
    result.set_kind(inference::v1::TOOL_KIND_FUNCTION);
    result.set_call_id(open_.front().id);
    result.add_parts()->set_text("aborted");
  }
  SayStrays();
}

void Conversation::SayStrays() {
  for (Parts& parts : strays_) Say(inference::v1::ROLE_USER, std::move(parts));
  strays_.clear();
}

void Conversation::Finish() {
  AnswerOpenCalls();
  // All that was said came from the operator. Providers want something to answer.
  if (!request_.items().empty() || request_.instructions().empty()) return;
  Say(inference::v1::ROLE_DEVELOPER, OneText(std::exchange(*request_.mutable_instructions(), {})));
}

void Conversation::Say(inference::v1::Role role, Parts parts) {
  auto& message = *request_.add_items()->mutable_message();
  message.set_role(role);
  message.mutable_parts()->Swap(&parts);
}

}  // namespace patchbay::ollama
