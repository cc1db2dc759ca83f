#include "workers/frontend/provider_limits.h"

#include <algorithm>

namespace patchbay::frontend {
namespace {

struct Row {
  std::string_view provider;
  std::vector<Wish> ignored;
};

const std::vector<Row>& Table() {
  static const std::vector<Row> kTable = {
      // The ChatGPT backend refuses every sampling parameter by name, so upstream never sends one.
      {"codex",
       {Wish::kTemperature, Wish::kTopP, Wish::kMaxOutputTokens, Wish::kStop, Wish::kSeed, Wish::kPresencePenalty,
        Wish::kFrequencyPenalty}},
  };
  return kTable;
}

}  // namespace

std::vector<std::string> IgnoredByProvider(std::string_view provider, const std::vector<WishedFor>& wishes) {
  std::vector<std::string> fields;
  for (const Row& row : Table()) {
    if (row.provider != provider) continue;
    for (const WishedFor& wished : wishes) {
      if (std::find(row.ignored.begin(), row.ignored.end(), wished.wish) != row.ignored.end()) {
        fields.push_back(wished.field);
      }
    }
  }
  return fields;
}

}  // namespace patchbay::frontend
