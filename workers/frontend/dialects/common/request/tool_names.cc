#include "workers/frontend/dialects/common/request/tool_names.h"

#include <algorithm>
#include <cstdint>

#include "lib/base/encoding.h"
#include "lib/base/text.h"

namespace patchbay::frontend {
namespace {

bool IsPlain(char c) { return IsLetterOrDigit(c) || c == '_' || c == '-'; }

// FNV-1a: the same in every process and for ever, which std::hash does not promise.
std::string Digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(hash >> shift));
  return HexEncode(bytes);
}

}  // namespace

std::string ToolNames::Shorten(std::string_view name) {
  if (name.size() <= kMaxBytes && std::all_of(name.begin(), name.end(), IsPlain)) return std::string(name);
  const std::string digest = Digest(name);
  std::string shortened(name.substr(0, kMaxBytes - digest.size() - 1));
  std::replace_if(
      shortened.begin(), shortened.end(), [](char c) { return !IsPlain(c); }, '_');
  shortened.append("_").append(digest);
  client_names_[shortened] = name;
  return shortened;
}

std::string_view ToolNames::Restore(std::string_view name) const {
  const auto found = client_names_.find(name);
  return found == client_names_.end() ? name : std::string_view(found->second);
}

}  // namespace patchbay::frontend
