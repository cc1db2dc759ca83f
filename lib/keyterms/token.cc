#include "lib/keyterms/token.h"

#include <algorithm>
#include <array>
#include <bitset>

#include "lib/base/text.h"

namespace patchbay::keyterms {
namespace {

constexpr std::size_t kMinKinds = 6;  // different characters

// Scanners try what manuals and samples of gateways show (wishes #73). A key that was drawn holds none of these words.
constexpr std::array<std::string_view, 17> kSampleWords = {
    "your-",    "your_",      "yourkey", "yourapikey", "changeme", "change-me", "change_me",  "example", "placeholder",
    "key-here", "replace-me", "sample",  "dummy",      "password", "test-key",  "secret-key", "insert-"};
// Long enough that chance does not make them.
constexpr std::array<std::string_view, 4> kRows = {"1234567890", "0123456789", "abcdefghij", "qwertyuiop"};

bool HoldsOneOf(std::string_view text, const auto& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

}  // namespace

std::string TokenProblem(std::string_view token) {
  if (token.size() < kMinTokenBytes) return "is shorter than 16 characters";
  std::bitset<256> kinds;
  for (const unsigned char c : token) kinds.set(c);
  if (kinds.count() < kMinKinds) return "is too easy to guess";
  const std::string lower = LowerCase(token);
  if (HoldsOneOf(lower, kSampleWords) || HoldsOneOf(lower, kRows)) return "is one that examples use";
  return {};
}

}  // namespace patchbay::keyterms
