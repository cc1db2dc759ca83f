// The items of one answer, kept in canonical order (event.proto): dense indexes from 0, an ItemBegan before an item's
// deltas, the whole item in ItemDone, nothing after it. Chat Completions has no items, only kinds of deltas: what
// belongs together is decided here. Used by chunk_decoder; pure.
//
// Reasoning is done once something else comes; texts and calls may go on in turns, and are done at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "workers/upstream/dialects/dialect.h"
#include "workers/upstream/dialects/openai_chat/chunk_reader.h"

namespace patchbay::upstream::openai_chat {

// Items of one answer; far above what any has.
inline constexpr std::size_t kMaxAnswerItems = 10'000;

class AnswerItems {
 public:
  // `response_id` makes the ids of calls that came without one.
  void set_response_id(std::string_view id) { response_id_ = id; }

  // Each appends what the delta means. kTooLarge over kMaxAnswerItems.
  Result<void> Reasoning(std::string_view text, GenerateEvents& out);
  Result<void> Text(std::string_view text, std::vector<inference::v1::TokenLogprob> logprobs, GenerateEvents& out);
  Result<void> Refusal(std::string_view text, GenerateEvents& out);
  Result<void> Call(const CallPiece& piece, GenerateEvents& out);
  // Of the text that stands open; nothing without one.
  void Cite(const inference::v1::Citation& citation, GenerateEvents& out);
  // All that is open is done.
  void Finish(GenerateEvents& out);

  bool called_tool() const { return !calls_.empty(); }
  bool empty() const { return items_.empty(); }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Place {
    inference::v1::Item item;
    bool done = false;
  };
  // A call that waits for its name is in no place yet.
  struct OpenCall {
    std::size_t place = kNone;
    CallPiece known;
  };

  Result<std::size_t> Begin(const inference::v1::Item& announced, GenerateEvents& out);
  void Done(std::size_t& place, GenerateEvents& out);
  Result<void> OpenMessage(GenerateEvents& out);
  // The part of the open message that has that kind, made where there is none.
  int PartOf(inference::v1::Part::KindCase kind);
  OpenCall& FindCall(const CallPiece& piece);

  std::string response_id_;
  std::vector<Place> items_;
  std::size_t reasoning_ = kNone;
  std::size_t message_ = kNone;
  std::vector<OpenCall> calls_;
  std::map<std::int64_t, std::size_t> call_of_index_;  // the latest call that was told of under that number
};

}  // namespace patchbay::upstream::openai_chat
