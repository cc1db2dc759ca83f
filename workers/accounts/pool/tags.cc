#include "workers/accounts/pool/tags.h"

#include <algorithm>

#include "lib/base/text.h"

namespace patchbay::accounts {

bool IsTag(std::string_view text) {
  const auto good = [](char c) { return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= kTagBytesMax && std::all_of(text.begin(), text.end(), good);
}

std::vector<std::string> Sorted(std::vector<std::string> tags) {
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

bool HasAny(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return wanted.empty() || std::find_first_of(tags.begin(), tags.end(), wanted.begin(), wanted.end()) != tags.end();
}

std::string JoinTags(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) text += (text.empty() ? "" : " ") + tag;
  return text;
}

std::vector<std::string> SplitTags(std::string_view text) {
  std::vector<std::string> tags;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) tags.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return tags;
}

}  // namespace patchbay::accounts
