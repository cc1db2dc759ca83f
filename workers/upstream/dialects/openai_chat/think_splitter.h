// Reasoning that stands inline at the beginning of a text, between <think> and </think> (providers §2 rule 3), split
// over any pieces. A tag further on is text: models write about tags, too. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::upstream::openai_chat {

class ThinkSplitter {
 public:
  struct Pieces {
    std::string reasoning;
    std::string text;
  };
  // What of all that came is certain by now.
  Pieces Feed(std::string_view piece);
  // What was held back.
  Pieces Finish();
  // Whatever comes is text: it can be passed on without being looked at.
  bool idle() const { return phase_ == Phase::kText; }

 private:
  enum class Phase { kStart, kThinking, kAfter, kText };

  Phase phase_ = Phase::kStart;
  std::string held_;  // may be part of a tag, or blanks around one
};

}  // namespace patchbay::upstream::openai_chat
