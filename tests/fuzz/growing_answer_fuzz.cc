// What is read of an answer while it grows: whose dialect it is in, and the text in a call's arguments. The same
// however it is cut; the last byte says how.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "workers/upstream/dialects/common/answer_kind.h"
#include "workers/upstream/dialects/common/free_text.h"

namespace {

using patchbay::upstream::AnswerKind;
using patchbay::upstream::FirstWords;
using patchbay::upstream::FreeTextOf;
using patchbay::upstream::FreeTextReader;

template <class Feed>
void InPieces(std::string_view bytes, std::size_t step, Feed feed) {
  while (!bytes.empty()) {
    const std::string piece(bytes.substr(0, step));  // a copy, so that reading beyond it is noticed
    bytes.remove_prefix(piece.size());
    feed(piece);
  }
}

std::string FreeText(std::string_view json, std::size_t step) {
  FreeTextReader reader;
  std::string text;
  InPieces(json, step, [&](const std::string& piece) { text += reader.Feed(piece); });
  return text + (reader.began() ? "began" : "");
}

AnswerKind Kind(std::string_view bytes, std::size_t step) {
  FirstWords words;
  InPieces(bytes, step, [&](const std::string& piece) { words.Feed(piece); });
  return words.kind();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size - 1);
  const std::size_t step = 1 + data[size - 1] % 32;
  if (FreeText(bytes, size) != FreeText(bytes, step) || Kind(bytes, size) != Kind(bytes, step)) std::abort();
  static_cast<void>(FreeTextOf(bytes));
  return 0;
}
