#include "workers/frontend/call/tier_words.h"

namespace patchbay::frontend {

inference::v1::Tier TierFromWord(std::string_view word) {
  if (word == "priority") return inference::v1::TIER_PRIORITY;
  if (word == "flex") return inference::v1::TIER_FLEX;
  if (word == "scale") return inference::v1::TIER_SCALE;
  return inference::v1::TIER_UNSPECIFIED;
}

std::string_view TierWord(inference::v1::Tier tier) {
  if (tier == inference::v1::TIER_PRIORITY) return "priority";
  if (tier == inference::v1::TIER_FLEX) return "flex";
  return tier == inference::v1::TIER_SCALE ? "scale" : std::string_view();
}

std::string_view TierWordOf(std::string_view clients_word) {
  if (clients_word == "fast") return "priority";
  const bool none = clients_word == "auto" || clients_word == "default" || clients_word == "standard";
  return none ? std::string_view() : clients_word;
}

}  // namespace patchbay::frontend
