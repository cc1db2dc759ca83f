#include "workers/frontend/dialects/common/request/tool_history.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::frontend {
namespace {

// What a call without a result is answered with, so that the provider accepts the history.
constexpr const char* kAborted = "aborted";

}  // namespace

void ToolHistory::AddCall(inference::v1::ToolCall call) {
  std::string id = call.call_id();
  *items_.Add()->mutable_tool_call() = std::move(call);
  std::deque<int>& open = open_calls_[std::move(id)];
  // Of an earlier turn: nobody will answer them any more.
  if (!open.empty() && !IsOneTurn(open.back())) {
    unanswered_.insert(open.begin(), open.end());
    open.clear();
  }
  open.push_back(items_.size() - 1);
}

bool ToolHistory::IsOneTurn(int index) const {
  return std::all_of(items_.begin() + index, items_.end(),
                     [](const inference::v1::Item& item) { return item.has_tool_call() || item.has_reasoning(); });
}

// The kind is the call's, so it says nothing of the result.
bool ToolHistory::IsRepeated(const inference::v1::ToolResult& result) const {
  const auto answered = answered_.find(result.call_id());
  if (answered == answered_.end()) return false;
  inference::v1::ToolResult first = items_[answered->second].tool_result();
  first.set_kind(result.kind());
  return first.SerializeAsString() == result.SerializeAsString();
}

void ToolHistory::AddResult(const std::string& call_id, Parts parts, bool is_error) {
  inference::v1::ToolResult added;
  added.set_call_id(call_id);
  added.mutable_parts()->Swap(&parts);
  added.set_is_error(is_error);
  const auto call = open_calls_.find(call_id);
  if (call == open_calls_.end() && IsRepeated(added)) {
    repaired_.push_back("repeated_result:" + call_id);
    return;
  }
  if (call == open_calls_.end()) {
    // A result without its call: the model may still need what it says.
    repaired_.push_back("result_without_call:" + call_id);
    auto& message = *items_.Add()->mutable_message();
    message.set_role(inference::v1::ROLE_USER);
    message.add_parts()->set_text("Result of an earlier tool call (" + call_id + "):");
    for (auto& part : *added.mutable_parts()) message.add_parts()->Swap(&part);
    return;
  }
  added.set_kind(items_[call->second.front()].tool_call().kind());
  answered_[call_id] = items_.size();
  *items_.Add()->mutable_tool_result() = std::move(added);
  call->second.pop_front();
  if (call->second.empty()) open_calls_.erase(call);
}

void ToolHistory::Finish() {
  for (const auto& [id, open] : open_calls_) unanswered_.insert(open.begin(), open.end());
  if (unanswered_.empty()) return;
  Items repaired;
  std::vector<const inference::v1::Item*> pending;
  const auto answer_pending = [&] {
    for (const auto* call : pending) {
      auto& result = *repaired.Add()->mutable_tool_result();
      result.set_kind(call->tool_call().kind());
      result.set_call_id(call->tool_call().call_id());
      result.add_parts()->set_text(kAborted);
      repaired_.push_back("call_without_result:" + call->tool_call().call_id());
    }
    pending.clear();
  };
  std::vector<inference::v1::Item> items(std::make_move_iterator(items_.begin()),
                                         std::make_move_iterator(items_.end()));
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].has_tool_call() && !items[i].has_tool_result()) answer_pending();
    if (unanswered_.count(static_cast<int>(i)) != 0) pending.push_back(&items[i]);
    *repaired.Add() = items[i];
  }
  answer_pending();
  items_.Swap(&repaired);
}

}  // namespace patchbay::frontend
