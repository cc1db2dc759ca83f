// Takes the beginning that a client wrote off an answer that was to go on from there: a model that is only told to go
// on may begin anew. What may yet become the whole beginning is held back. Pure.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::upstream {

class BegunAnswer {
 public:
  // An empty beginning is never looked for.
  explicit BegunAnswer(std::string beginning) : beginning_(std::move(beginning)), done_(beginning_.empty()) {}

  // What of the answer so far may be told now, of its beginning and the new piece; valid until the next call.
  std::string_view Feed(std::string_view piece);
  // The text is over: what was held back is told.
  std::string_view Flush();

 private:
  std::string beginning_;
  std::string held_;
  bool done_;
};

}  // namespace patchbay::upstream
