// Canonical events → the steps of one answer, for dialects that have one text where providers have many items.
//
//   kIdle ──Started──▶ kOpen ──Finished──▶ kEnded
//
// A stream and a whole answer are two listeners of the same steps, so what is streamed is what is
// collected. Texts of different message items, and different parts of the reasoning, are joined by a blank line.
// Calls never interleave (client-protocols B.4), while a provider's may: the one that began first is told live, and
// what comes about others waits until it is over.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/dialects/common/reply/stop_scanner.h"

namespace patchbay::frontend {

class FlatListener {
 public:
  virtual ~FlatListener() = default;
  virtual void OnStarted(const inference::v1::Started& started) = 0;
  virtual void OnText(std::string_view text) = 0;
  virtual void OnRefusal(std::string_view text) = 0;
  virtual void OnReasoning(std::string_view text) = 0;
  // `call` counts the answer's tool calls from 0.
  virtual void OnCall(int call, const inference::v1::ToolCall& tool_call) = 0;
  virtual void OnCallInput(int call, inference::v1::ToolKind kind, std::string_view text) = 0;
  // A citation in the provider's form; its offsets count from `base` characters of the text.
  virtual void OnAnnotation(std::string_view json, std::int64_t base) = 0;
  // A tool of the provider's own says where it is.
  virtual void OnHostedProgress(const inference::v1::HostedToolProgress&) {}
  // An item is complete, and everything above has been told of it.
  virtual void OnItemDone(const inference::v1::Item&) {}
  virtual void OnUsage(const inference::v1::Usage& usage) = 0;
  // `reason` is never unspecified.
  virtual void OnFinished(inference::v1::FinishReason reason) = 0;
};

class FlatReader {
 public:
  // More items than any answer has, and more than a provider may say of later calls before the first is over.
  static constexpr int kMaxItems = 4096;
  static constexpr std::size_t kMaxWaitingBytes = 32 * 1024 * 1024;

  // `stops` end the text where the first of them begins; what the provider says after it is not told.
  explicit FlatReader(FlatListener& listener, std::vector<std::string> stops = {})
      : listener_(listener), stops_(std::move(stops)) {}

  // An event that cannot happen in the current phase is its producer's bug and comes back as kProtocol.
  Result<void> Read(const inference::v1::GenerateEvent& event);
  bool ended() const { return phase_ == Phase::kEnded; }

 private:
  enum class Phase { kIdle, kOpen, kEnded };
  // What has been told of one item.
  struct ItemState {
    std::size_t text_bytes = 0;
    std::size_t refusal_bytes = 0;
    std::size_t reasoning_bytes = 0;
    std::size_t input_bytes = 0;
    std::int64_t first_character = 0;
    int call = -1;
    inference::v1::ToolKind kind = inference::v1::TOOL_KIND_UNSPECIFIED;
  };

  // A call that began while another was being told.
  struct WaitingCall {
    inference::v1::ToolCall call;
    std::string input;
    bool over = false;
    inference::v1::Item item;  // once it is over
  };

  Result<ItemState*> StateOf(int index);
  Result<void> Began(const inference::v1::ItemBegan& event);
  Result<void> Done(const inference::v1::ItemDone& event);
  Result<void> TellTheRest(const inference::v1::ItemDone& event);
  Result<void> DoneMessage(int index, const inference::v1::Message& message);
  void BeginCall(int index, ItemState& state, const inference::v1::ToolCall& call);
  void TellWaitingCalls();
  Result<void> Text(int index, std::string_view text);
  Result<void> Refusal(int index, std::string_view text);
  Result<void> Reasoning(int index, int part, std::string_view text);
  Result<void> CallInput(int index, std::string_view text);
  void Show(std::string_view text);
  void Finish(inference::v1::FinishReason reason);

  FlatListener& listener_;
  StopScanner stops_;
  Phase phase_ = Phase::kIdle;
  std::vector<ItemState> items_;
  int calls_ = 0;
  int told_call_ = -1;                  // the item of the call that is being told
  std::map<int, WaitingCall> waiting_;  // by item
  std::size_t waiting_bytes_ = 0;
  int text_item_ = -1;       // the item whose text came last
  int reasoning_item_ = -1;  // the item and part whose reasoning came last
  int reasoning_part_ = -1;
  std::int64_t characters_ = 0;  // of text so far
};

}  // namespace patchbay::frontend
