// The turns of a request as canonical items, with every tool call answered exactly once. Pure.
//
// Ollama's clients pair results with calls by id, by the tool's name, or by order alone (client-protocols §F.3), and
// providers refuse a result without its call and a call without its result. So the calls get ids here, and what does
// not pair is mended and named: `result_without_call` became a user message behind the results that pair,
// `call_without_result` got the result "aborted".
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::ollama {

class Conversation {
 public:
  using Parts = google::protobuf::RepeatedPtrField<inference::v1::Part>;

  // Both outlive it.
  Conversation(inference::v1::GenerateRequest& request, std::vector<std::string>& repaired)
      : request_(request), repaired_(repaired) {}

  // The operator's words: before all turns they are the instructions.
  void AddSystem(std::string_view text);
  // Nothing is said without parts.
  void AddMessage(inference::v1::Role role, Parts parts);
  void AddThinking(std::string_view text);
  // An empty id: one is made.
  void AddCall(std::string id, std::string_view tool, std::string arguments_json);
  // For the call of that id, or the oldest open one of that tool, or the oldest one.
  void AddResult(std::string_view id, std::string_view tool, Parts parts);
  // Once, at the end.
  void Finish();

 private:
  struct OpenCall {
    std::string id;
    std::string tool;
  };
  void AnswerOpenCalls();
  void SayStrays();
  void Say(inference::v1::Role role, Parts parts);

  inference::v1::GenerateRequest& request_;
  std::vector<std::string>& repaired_;
  std::deque<OpenCall> open_;
  std::vector<Parts> strays_;  // results without a call, until those of the calls are complete
  int calls_ = 0;
};

}  // namespace patchbay::ollama
