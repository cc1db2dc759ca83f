#include "supervisor/system/new_state.h"

#include <system_error>

namespace patchbay::supervisor {
namespace {

// As accounts calls them.
constexpr const char* kDatabase = "accounts.db";
constexpr const char* kNote = "accounts.db.made";
constexpr const char* kSystemPlace = "/var/lib/patchbay";  // of patchbay.service
constexpr std::size_t kSettingsShown = 3;

// What we may not look into is none of ours.
bool Has(const std::filesystem::path& directory, const char* file) {
  std::error_code ignored;
  return std::filesystem::exists(directory / file, ignored);
}

std::string Listed(const std::vector<std::string>& settings) {
  std::string text;
  for (std::size_t i = 0; i < settings.size() && i < kSettingsShown; ++i) text += (i == 0 ? "" : ", ") + settings[i];
  return settings.size() > kSettingsShown ? text + " and more" : text;
}

}  // namespace

std::vector<std::filesystem::path> UsualStatePlaces(const std::map<std::string, std::string>& environment) {
  std::vector<std::filesystem::path> places;
  // Each name taken away uncovers the next place.
  std::map<std::string, std::string> left = environment;
  for (const char* name : {"PATCHBAY_STATE_DIR", "STATE_DIRECTORY", "HOME"}) {
    const auto chosen = ChooseDirectories({}, left, 0);
    if (!chosen.ok()) break;
    places.push_back(chosen->state);
    left.erase(name);
  }
  places.emplace_back(kSystemPlace);
  return places;
}

std::string DoubtOfState(const std::filesystem::path& state, const std::vector<std::filesystem::path>& usual_places,
                         const std::vector<std::string>& expects) {
  if (Has(state, kDatabase) || Has(state, kNote)) return {};
  std::string reasons;
  for (const std::filesystem::path& place : usual_places) {
    if (place == state || !Has(place, kDatabase)) continue;
    reasons = place.string() + " has the accounts of a patchbay: is that the one that was meant?";
    break;
  }
  if (!expects.empty()) reasons += (reasons.empty() ? "" : " ") + ("the configuration has " + Listed(expects));
  if (reasons.empty()) return {};
  return "state directory " + state.string() + " is new: no login, client key or usage of before is in it (" + reasons +
         ")";
}

}  // namespace patchbay::supervisor
