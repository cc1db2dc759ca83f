// An answer that is one document: from hosts that do not stream, or for clients that did not ask for a stream. Some
// send empty lines before it, to keep the connection alive.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "workers/upstream/dialects/document_observer.h"

namespace patchbay::upstream {

// Which of the two an answer is, by its first byte.
class AnswerForm {
 public:
  // Takes empty lines off the beginning; true while there is nothing else.
  bool IsStream(std::string_view& bytes);

 private:
  bool known_ = false;
  bool stream_ = true;
};

class WholeAnswer {
 public:
  // The object, with the bytes that close it; else nothing. What follows it is not looked at. kProtocol for what is no
  // object, kTooLarge beyond kMaxDocumentBytes.
  Result<std::string_view> Feed(std::string_view bytes);

 private:
  DocumentObserver brackets_;
  std::string text_;
};

}  // namespace patchbay::upstream
