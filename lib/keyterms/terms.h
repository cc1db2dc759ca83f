// What terms of a client key can be, and the questions that more than one program asks of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/client_keys.pb.h"

namespace patchbay::keyterms {

// The dialects that clients speak, as `dialects` names them and Acquire.dialect does.
std::span<const std::string_view> ClientDialects();
// "standard" is that of a request which names none.
std::span<const std::string_view> Tiers();
// In rising order; of all models, whatever any of them has.
std::span<const std::string_view> Efforts();
// Whether `effort` is more than the terms' highest. A word that is none of Efforts() may mean anything, so it counts as
// the highest of them; no word asks for nothing.
bool ExceedsEffort(const accounts::v1::KeyTerms& terms, std::string_view effort);
inline constexpr std::string_view kStandardTier = "standard";

struct TermProblem {
  std::string field;  // "budgets"
  std::string text;   // a clause for a human, "'10.0.0.1/8' has bits behind its prefix"
};
// What cannot be, one by one, in the order of the fields.
std::vector<TermProblem> ProblemsOf(const accounts::v1::KeyTerms& terms);
// The first of them, "sources: …", as kInvalidArgument.
Result<void> Check(const accounts::v1::KeyTerms& terms);

// Whether the terms, where `*` stands for any text, allow a model that is known by any of these names: the client's,
// "provider/model", "model".
bool AllowsModel(const accounts::v1::KeyTerms& terms, std::span<const std::string_view> names);
// Whether a model of these efforts can think as little as the terms say. One that tells of none can.
template <class Texts>
bool AllowsSomeEffort(const accounts::v1::KeyTerms& terms, const Texts& efforts) {
  if (efforts.empty()) return true;
  for (const auto& effort : efforts) {
    if (!ExceedsEffort(terms, effort)) return true;
  }
  return false;
}
// Whether an empty list of terms, or one that holds `word`, allows it.
template <class Words>
bool Allows(const Words& words, std::string_view word) {
  if (words.empty()) return true;
  for (const auto& allowed : words) {
    if (allowed == word) return true;
  }
  return false;
}

}  // namespace patchbay::keyterms
