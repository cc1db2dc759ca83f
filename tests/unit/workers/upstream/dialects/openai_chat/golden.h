// Golden cases of this dialect: tests/golden/openai_chat_provider/<case>/….
#pragma once

#include <filesystem>
#include <sstream>
#include <string>

#include "tests/unit/workers/upstream/dialects/golden.h"
#include "workers/upstream/dialects/openai_chat/quirks.h"

namespace patchbay::upstream::openai_chat {

inline std::filesystem::path ChatGoldens() { return "tests/golden/openai_chat_provider"; }

// Of words with blanks between them.
inline Quirks QuirksOf(const std::string& words) {
  std::istringstream stream(words);
  google::protobuf::RepeatedPtrField<std::string> list;
  for (std::string word; stream >> word;) *list.Add() = word;
  return ReadQuirks(list);
}

}  // namespace patchbay::upstream::openai_chat
