// Whose dialect an answer is in, by how it begins: a row may name another one than its host speaks, and nothing of such
// an answer may be taken for an answer. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::upstream {

enum class AnswerKind { kUnknown, kChat, kResponses, kMessages, kGemini, kOllama };

// "an Anthropic message"; what is unknown is "something else".
std::string_view NameOf(AnswerKind kind);

// Of a document or an event, or of the beginning of one.
AnswerKind KindOfAnswer(std::string_view json);

// Looks at the first bytes of an answer, a stream of events or a document.
class FirstWords {
 public:
  // Further than this nobody looks.
  static constexpr std::size_t kMaxBytes = std::size_t{4} << 10;

  void Feed(std::string_view bytes);
  // What it is; kUnknown as long as nothing has told.
  AnswerKind kind() const { return kind_; }
  // Nothing has come yet that tells it, and what has come is neither an event nor a document: it may still be anything.
  bool undecided() const { return undecided_; }

 private:
  void LookAtLines();
  void Decide(AnswerKind kind);

  enum class Form { kNothing, kDocument, kLines };

  Form form_ = Form::kNothing;  // while nothing but white space has come
  std::string begun_;           // a document, or the line that is not whole yet
  std::size_t seen_ = 0;
  bool undecided_ = true;
  bool done_ = false;
  AnswerKind kind_ = AnswerKind::kUnknown;
};

}  // namespace patchbay::upstream
