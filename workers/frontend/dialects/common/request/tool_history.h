// The tool calls and results of a conversation's history, paired while a dialect reads it.
//
// Providers refuse a result without its call, a call without its result and a second result. Clients send all three:
// after a restart, when they cut a long conversation, and the Gemini CLI when it goes on with an earlier one
// (real-clients §7.4). They are repaired, and the repair is named for `x-patchbay-repaired`: `result_without_call:ID`
// became a user message, `call_without_result:ID` got the result "aborted", `repeated_result:ID` said the same again
// and was left out. Calls of one turn may have one id: the first result of that id is the first call's.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend {

class ToolHistory {
 public:
  using Items = google::protobuf::RepeatedPtrField<inference::v1::Item>;
  using Parts = google::protobuf::RepeatedPtrField<inference::v1::Part>;

  // Both outlive the history; calls and results are added to `items` through it only.
  ToolHistory(Items& items, std::vector<std::string>& repaired) : items_(items), repaired_(repaired) {}

  void AddCall(inference::v1::ToolCall call);
  void AddResult(const std::string& call_id, Parts parts, bool is_error = false);
  // Answers the calls that were left open. Once, at the end.
  void Finish();

 private:
  Items& items_;
  std::vector<std::string>& repaired_;
  bool IsRepeated(const inference::v1::ToolResult& result) const;

  // Whether nothing but calls and reasoning stands behind the item at that index: one turn of the model's.
  bool IsOneTurn(int index) const;

  std::map<std::string, std::deque<int>> open_calls_;  // call id → indexes of its items, oldest first
  std::map<std::string, int> answered_;                // call id → index of its newest result
  std::set<int> unanswered_;                           // indexes of calls that will never get a result
};

}  // namespace patchbay::frontend
