// Canonical events → what happens to the items of one answer, in an order that a client can be told it.
//
//   kIdle ──Started──▶ kOpen ──Finished──▶ kEnded
//
// A provider's items may interleave and a client's may not: what comes about an item while another one is being told
// waits until that one is over. A provider may stream an item or not: what of it was not streamed is told when it is
// done, in the same steps. Every reader of an answer stands on this. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend {

// `item` is the item's index, `part` the part of the message or of the reasoning. No text is empty.
class ItemListener {
 public:
  virtual ~ItemListener() = default;
  virtual void OnStarted(const inference::v1::Started& started) = 0;
  virtual void OnText(int item, int part, std::string_view text) = 0;
  virtual void OnRefusal(int item, int part, std::string_view text) = 0;
  virtual void OnReasoning(int item, int part, std::string_view text) = 0;
  // Once for each call, before its input.
  virtual void OnCall(int item, const inference::v1::ToolCall& call) = 0;
  virtual void OnCallInput(int item, std::string_view text) = 0;
  virtual void OnCitation(int item, int part, const inference::v1::Citation& citation) = 0;
  // A tool of the provider's own says where it is.
  virtual void OnHostedProgress(const inference::v1::HostedToolProgress&) {}
  // The item is over, and everything above has been told of it.
  virtual Result<void> OnItemDone(int item, const inference::v1::Item& whole) = 0;
  virtual void OnUsage(const inference::v1::Usage& usage) = 0;
  virtual void OnFinished(const inference::v1::Finished& finished) = 0;
};

// What is told one after another: every item, or only the calls, while texts and reasoning are told as they come.
enum class OneByOne { kItems, kCalls };

class ItemSequence {
 public:
  // More items than any answer has, and more than a provider may say of later ones before the first is over.
  static constexpr int kMaxItems = 4096;
  static constexpr std::size_t kMaxWaitingBytes = 32 * 1024 * 1024;

  // `listener` outlives the sequence.
  ItemSequence(ItemListener& listener, OneByOne one_by_one) : listener_(listener), one_by_one_(one_by_one) {}

  // An event that cannot happen in the current phase is its producer's bug and comes back as kProtocol. So does a
  // failure: whoever reads an answer has taken it out.
  Result<void> Read(const inference::v1::GenerateEvent& event);
  bool ended() const { return phase_ == Phase::kEnded; }

 private:
  enum class Phase { kIdle, kOpen, kEnded };
  static constexpr int kNone = -1;

  // What has been told of one item.
  struct ItemState {
    std::size_t text_bytes = 0;
    std::size_t refusal_bytes = 0;
    std::size_t reasoning_bytes = 0;
    std::size_t input_bytes = 0;
    int citations = 0;
    bool call_begun = false;
    bool over = false;
  };
  // What came about one item while another was being told.
  struct Waiting {
    std::vector<inference::v1::GenerateEvent> events;
    std::size_t bytes = 0;
  };

  // `call`: the event is about a tool call.
  Result<void> Take(int item, bool call, const inference::v1::GenerateEvent& event);
  Result<void> Wait(int item, const inference::v1::GenerateEvent& event);
  Result<void> TellNext();
  Result<void> Tell(int item, const inference::v1::GenerateEvent& event);
  void TellTheRest(int item, const inference::v1::Item& whole);
  void Text(int item, int part, std::string_view text);
  void Refusal(int item, int part, std::string_view text);
  void Reasoning(int item, int part, std::string_view text);
  void Citation(int item, int part, const inference::v1::Citation& citation);
  void Call(int item, const inference::v1::ToolCall& call);
  void CallInput(int item, std::string_view text);
  Result<void> Finish(const inference::v1::Finished& finished);
  ItemState& StateOf(int item) { return items_[static_cast<std::size_t>(item)]; }

  ItemListener& listener_;
  const OneByOne one_by_one_;
  Phase phase_ = Phase::kIdle;
  std::vector<ItemState> items_;
  int current_ = kNone;             // the item that is being told, of those that are told one by one
  std::map<int, Waiting> waiting_;  // by item
  std::size_t waiting_bytes_ = 0;
};

}  // namespace patchbay::frontend
