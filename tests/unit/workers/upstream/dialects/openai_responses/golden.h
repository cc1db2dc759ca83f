// Golden cases of this dialect: tests/golden/openai_responses_provider/<case>/….
#pragma once

#include <filesystem>
#include <sstream>
#include <string>

#include "tests/unit/workers/upstream/dialects/golden.h"
#include "workers/upstream/dialects/openai_responses/quirks.h"

namespace patchbay::upstream::openai_responses {

inline std::filesystem::path ResponsesGoldens() { return "tests/golden/openai_responses_provider"; }

// Of words with blanks between them.
inline Quirks HostOf(const std::string& words) {
  std::istringstream stream(words);
  google::protobuf::RepeatedPtrField<std::string> list;
  for (std::string word; stream >> word;) *list.Add() = word;
  return ReadQuirks(list);
}

}  // namespace patchbay::upstream::openai_responses
