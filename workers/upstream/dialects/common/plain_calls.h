// The calls of an answer as the client declared its tools, where the provider knows functions only (plain_tools.h).
// Text is told as it grows; what is not of the form that was asked for is told when it is whole. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "patchbay/inference/v1/event.pb.h"
#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/common/free_text.h"

namespace patchbay::upstream {

class PlainCalls {
 public:
  explicit PlainCalls(const AnswerPlan& plan) : plan_(plan) {}

  // The event with calls as the client knows them, once tool_names have been restored. False: it says nothing. `rest`
  // becomes the delta that has to be told before a call is done, when there is one.
  bool Restore(inference::v1::GenerateEvent& event, inference::v1::GenerateEvent& rest);

 private:
  // A call of a tool of free text.
  struct FreeCall {
    std::size_t came = 0;  // of its arguments
    std::string told;
    FreeTextReader reader;
  };

  void RestoreDelta(FreeCall& call, inference::v1::ToolInputDelta& delta);
  void Close(int index, inference::v1::ToolCall& call, inference::v1::GenerateEvent& rest);
  void RestoreName(inference::v1::ToolCall& call) const;
  bool IsOfFreeText(const inference::v1::Item& item) const;

  const AnswerPlan& plan_;
  std::map<int, FreeCall> open_;  // by item
};

}  // namespace patchbay::upstream
