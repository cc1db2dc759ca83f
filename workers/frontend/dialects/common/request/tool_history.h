// The tool calls and results of a conversation's history, paired while a dialect reads it.
//
// Providers refuse a result without its call and a call without its result. Clients send both, after a restart or when
// they cut a long conversation. Both are repaired, and the repair is named for `x-patchbay-repaired`:
// `result_without_call:ID` became a user message, `call_without_result:ID` got the result "aborted".
#pragma once

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
  std::map<std::string, int> open_calls_;  // call id → index of its item
  std::set<int> unanswered_;               // indexes of calls that will never get a result
};

}  // namespace patchbay::frontend
