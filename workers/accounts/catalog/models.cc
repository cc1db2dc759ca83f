#include "workers/accounts/catalog/models.h"

#include <algorithm>

namespace patchbay::accounts {
namespace {

constexpr std::string_view kCodex = "codex";
constexpr std::string_view kEfforts = "low medium high xhigh";
constexpr std::string_view kEffortsMax = "low medium high xhigh max";

// The catalogue that Codex CLI ships (codex-wire §12); sizes from the same place.
constexpr Model kModels[] = {
    {"gpt-5.6-sol", kCodex, "GPT-5.6 Sol", "The most capable model, for long and hard work", 272000, true, true,
     kEffortsMax, 1782864000},
    {"gpt-5.6-terra", kCodex, "GPT-5.6 Terra", "Balanced", 272000, true, true, kEffortsMax, 1782864000},
    {"gpt-5.6-luna", kCodex, "GPT-5.6 Luna", "Fast and light", 272000, true, true, kEfforts, 1782864000},
    {"gpt-5.5", kCodex, "GPT-5.5", "", 272000, true, true, kEfforts, 1776729600},
    {"gpt-5.4", kCodex, "GPT-5.4", "", 272000, true, true, kEfforts, 1772668800},
    {"gpt-5.4-mini", kCodex, "GPT-5.4 mini", "Small and quick", 272000, true, true, kEfforts, 1772668800},
    {"gpt-5.2", kCodex, "GPT-5.2", "", 272000, true, true, kEfforts, 1765411200},
    {"gpt-daybreak-blue-latest", kCodex, "GPT Daybreak Blue", "Preview", 272000, true, true, kEfforts, 1782864000},
    {"gpt-daybreak-red-latest", kCodex, "GPT Daybreak Red", "Preview", 272000, true, true, kEfforts, 1782864000},
    {"codex-auto-review", kCodex, "Codex auto review", "Reviews changes", 272000, false, true, kEfforts, 1776729600},
};

constexpr std::string_view kCodexPrefixes[] = {"gpt-", "codex-"};
constexpr std::size_t kMaxModelNameBytes = 128;

bool PlainName(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

std::span<const Model> KnownModels() { return kModels; }

std::optional<Route> RouteModel(std::string_view name) {
  if (name.empty() || name.size() > kMaxModelNameBytes || !PlainName(name)) return std::nullopt;
  for (const Model& model : kModels) {
    if (model.id == name) return Route{std::string(model.provider), std::string(name)};
  }
  for (const std::string_view prefix : kCodexPrefixes) {
    if (name.starts_with(prefix) && name.size() > prefix.size()) return Route{std::string(kCodex), std::string(name)};
  }
  return std::nullopt;
}

}  // namespace patchbay::accounts
