// Gives an answer back what fit_request took from its request. It stands behind a dialect's own decoder, on canonical
// events, so every dialect has it; where there is nothing to undo it is not there at all. Pure.
//
// Names and ids are replaced where they stand, and calls of tools that were made functions (plain_calls.h). What
// repeats the client's own beginning of the answer is taken off. Text is held back as far as it may be the beginning of
// a stop sequence, and whole where it is JSON that changes its shape. The likelihoods of tokens go with the text that
// they are of; where the text changes they say nothing any more, and are left out. Behind a stop sequence nothing more
// is told of the answer's items but the end of the one that it stands in: what the provider goes on to say is read for
// its usage.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "workers/upstream/dialects/common/answer_plan.h"
#include "workers/upstream/dialects/common/begun_answer.h"
#include "workers/upstream/dialects/common/plain_calls.h"
#include "workers/upstream/dialects/common/stop_scanner.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

// Of an answer whose shape changes, which can be told only when it is whole. Far above what a model says in one answer.
inline constexpr std::size_t kMaxHeldAnswerBytes = std::size_t{8} << 20;

class AnswerRestorer final : public ResponseDecoder {
 public:
  AnswerRestorer(std::unique_ptr<ResponseDecoder> inner, std::shared_ptr<const AnswerPlan> plan);

  // kTooLarge over kMaxHeldAnswerBytes.
  Result<void> Feed(std::string_view bytes, GenerateEvents& events) override;
  Result<void> End(GenerateEvents& events) override;
  const ResponseSummary& summary() const override { return stopped_ ? summary_ : inner_->summary(); }

 private:
  // How likely a token was, and where in its part's text it ends.
  struct TokenEnd {
    std::size_t at = 0;
    inference::v1::TokenLogprob logprob;
  };
  // One part of a message: what of its text came, and what of it was told.
  struct Part {
    std::size_t came = 0;
    std::string told;
    std::string held;  // until it is whole
    StopScanner stops;
    std::deque<TokenEnd> tokens;  // of text that was not told yet
  };
  using Place = std::pair<int, int>;  // item and part

  // Gives back what the decoder's events in came_ lack.
  Result<void> Pass(GenerateEvents& events);
  void RestoreCall(inference::v1::Item& item) const;
  // An event with its calls restored: its text is looked at, where that is watched.
  Result<void> Take(inference::v1::GenerateEvent& event, GenerateEvents& events);
  Result<void> Restore(inference::v1::GenerateEvent& event, GenerateEvents& events);
  Result<void> TakeText(inference::v1::GenerateEvent& event, GenerateEvents& events);
  Result<void> TakeMessage(inference::v1::GenerateEvent& event, GenerateEvents& events);
  Part& PartAt(Place place);
  void KeepTokens(Part& part, inference::v1::TextDelta& delta) const;
  Result<void> Hold(Part& part, std::string_view text);
  // Tells of the text what stands before a stop sequence.
  void Tell(Place place, Part& part, std::string_view text, GenerateEvents& events);
  // The part is whole: what was held back of it is told.
  void Close(Place place, Part& part, GenerateEvents& events);
  void Look(Place place, Part& part, std::string_view text, GenerateEvents& events);
  void AddDelta(Place place, Part& part, std::string_view text, GenerateEvents& events);

  const std::unique_ptr<ResponseDecoder> inner_;
  const std::shared_ptr<const AnswerPlan> plan_;
  const bool watches_text_;
  PlainCalls calls_;
  GenerateEvents came_;  // of one Feed, or the End
  BegunAnswer begun_;    // of the first text
  std::map<Place, Part> parts_;
  Place newest_{-1, -1};  // whose text came last
  std::size_t held_bytes_ = 0;
  bool stopped_ = false;
  Place stopped_at_{-1, -1};
  std::string stop_;
  ResponseSummary summary_;  // once stopped
};

}  // namespace patchbay::upstream
