// Canonical events → the steps of one flat answer, for dialects that have one text where providers have many items.
//
// A stream and a whole answer are two listeners of the same steps, so what is streamed is what is collected. Texts of
// different message items, and different parts of the reasoning, are joined by a blank line. Calls never interleave
// (client-protocols B.4): the one that began first is told live, and what comes about others waits until it is over.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/dialects/common/reply/item_sequence.h"
#include "workers/frontend/dialects/common/reply/logprobs.h"

namespace patchbay::frontend {

class FlatListener {
 public:
  virtual ~FlatListener() = default;
  virtual void OnStarted(const inference::v1::Started& started) = 0;
  // Of the tokens of the text that is told next.
  virtual void OnLogprobs(const TokenLogprobs&) {}
  virtual void OnText(std::string_view text) = 0;
  virtual void OnRefusal(std::string_view text) = 0;
  virtual void OnReasoning(std::string_view text) = 0;
  // `call` counts the answer's tool calls from 0.
  virtual void OnCall(int call, const inference::v1::ToolCall& tool_call) = 0;
  virtual void OnCallInput(int call, inference::v1::ToolKind kind, std::string_view text) = 0;
  // Its range is of the answer's whole text.
  virtual void OnCitation(const inference::v1::Citation& citation) = 0;
  // A tool of the provider's own says where it is.
  virtual void OnHostedProgress(const inference::v1::HostedToolProgress&) {}
  // An item is complete, and everything above has been told of it.
  virtual void OnItemDone(const inference::v1::Item&) {}
  virtual void OnUsage(const inference::v1::Usage& usage) = 0;
  // `reason` is never unspecified.
  virtual void OnFinished(inference::v1::FinishReason reason) = 0;
};

class FlatReader final : private ItemListener {
 public:
  // `listener` outlives the reader.
  explicit FlatReader(FlatListener& listener) : listener_(listener) {}

  // kProtocol as ItemSequence::Read.
  Result<void> Read(const inference::v1::GenerateEvent& event) {
    logprobs_ = event.text_delta().logprobs_size() > 0 ? &event.text_delta().logprobs() : nullptr;
    return items_.Read(event);
  }
  bool ended() const { return items_.ended(); }

 private:
  void OnStarted(const inference::v1::Started& started) override { listener_.OnStarted(started); }
  void OnText(int item, int part, std::string_view text) override;
  void OnRefusal(int, int, std::string_view text) override { listener_.OnRefusal(text); }
  void OnReasoning(int item, int part, std::string_view text) override;
  void OnCall(int item, const inference::v1::ToolCall& call) override;
  void OnCallInput(int item, std::string_view text) override;
  void OnCitation(int item, int part, const inference::v1::Citation& citation) override;
  void OnHostedProgress(const inference::v1::HostedToolProgress& progress) override {
    listener_.OnHostedProgress(progress);
  }
  Result<void> OnItemDone(int item, const inference::v1::Item& whole) override;
  void OnUsage(const inference::v1::Usage& usage) override { listener_.OnUsage(usage); }
  void OnFinished(const inference::v1::Finished& finished) override;

  FlatListener& listener_;
  const TokenLogprobs* logprobs_ = nullptr;  // of the event that is being read
  ItemSequence items_{*this, OneByOne::kCalls};
  int text_item_ = -1;       // the item whose text came last
  int reasoning_item_ = -1;  // the item and part whose reasoning came last
  int reasoning_part_ = -1;
  std::int32_t characters_ = 0;  // of text so far
  struct Range {
    std::int32_t begin, end;
  };
  std::map<std::pair<int, int>, Range> texts_;  // where the text of each part of each item stands, in characters
  int calls_ = 0;
  // Of the newest call.
  inference::v1::ToolKind call_kind_ = inference::v1::TOOL_KIND_UNSPECIFIED;
  bool call_has_input_ = false;
};

}  // namespace patchbay::frontend
