// Stop sequences, for providers that do not know them: finds the first of several words in text that comes in pieces.
//
// What is shown never depends on where the text was cut: of several matches the one that ends first counts, of those
// that end together the longest, and text that may yet become a match is held back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::upstream {

class StopScanner {
 public:
  StopScanner() = default;
  // Empty words are not looked for.
  explicit StopScanner(std::vector<std::string> words);

  // The part of the text so far that may be shown now; valid until the next call. Nothing once stopped.
  std::string_view Feed(std::string_view piece);
  // The text is over: what was held back was no match after all.
  std::string_view Flush();

  bool stopped() const { return stopped_; }
  // The word that was found; empty until then.
  const std::string& matched() const { return matched_; }

 private:
  // How many bytes at the end of buffer_ are the beginning of a word.
  std::size_t HeldBytes() const;

  std::vector<std::string> words_;
  std::string buffer_;     // held back, then the newest piece
  std::size_t shown_ = 0;  // bytes of buffer_ that the last call gave out
  bool stopped_ = false;
  std::string matched_;
};

}  // namespace patchbay::upstream
