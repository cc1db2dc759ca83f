#include "workers/upstream/dialects/common/identifiers.h"

#include <algorithm>
#include <cstdint>

#include "lib/base/encoding.h"
#include "lib/base/text.h"

namespace patchbay::upstream {
namespace {

bool IsIn(Alphabet alphabet, char c) {
  if (alphabet == Alphabet::kAny || IsLetterOrDigit(c)) return true;
  return alphabet == Alphabet::kWord && (c == '_' || c == '-');
}

// FNV-1a: the same in every process and for ever, which std::hash does not promise.
std::string Digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(hash >> shift));
  return HexEncode(bytes);
}

// A byte of UTF-8 that begins no character.
bool IsInsideCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

bool Fits(std::string_view identifier, const IdentifierRule& rule) {
  return identifier.size() >= rule.bytes_min && identifier.size() <= rule.bytes_max &&
         std::all_of(identifier.begin(), identifier.end(), [&](char c) { return IsIn(rule.alphabet, c); });
}

std::string MadeToFit(std::string_view identifier, const IdentifierRule& rule) {
  if (Fits(identifier, rule)) return std::string(identifier);
  const std::string digest = Digest(identifier);
  const std::string_view joint = rule.alphabet == Alphabet::kAlphanumeric ? "" : "_";
  // Where there is hardly room for the hash, there is none for what it stands behind.
  const std::size_t tail = digest.size() + joint.size();
  if (rule.bytes_max <= tail) return digest.substr(0, rule.bytes_max);
  std::string_view head = identifier.substr(0, rule.bytes_max - tail);
  while (head.size() < identifier.size() && !head.empty() && IsInsideCharacter(identifier[head.size()])) {
    head.remove_suffix(1);
  }
  std::string fitted;
  for (const char c : head) {
    if (IsIn(rule.alphabet, c)) {
      fitted.push_back(c);
    } else if (!joint.empty()) {
      fitted.push_back('_');
    }
  }
  return fitted.append(joint).append(digest);
}

}  // namespace patchbay::upstream
