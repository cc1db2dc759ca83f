#include "workers/accounts/pool/slowness.h"

#include <algorithm>
#include <cmath>

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// Of what is usual for a model; slower to learn than an account's own.
constexpr double kUsualShare = 0.05;

double HalfLives(WallTime from, WallTime to) {
  const auto passed = std::max<milliseconds>(to - from, milliseconds(0));  // a calendar that went back
  return std::chrono::duration<double, std::chrono::minutes::period>(passed).count() / Slowness::kHalvesIn.count();
}

}  // namespace

double Slowness::MeanAt(WallTime now) const {
  return samples_ < kSamplesLeast ? 0 : mean_ * std::exp2(-HalfLives(at_, now));
}

void Slowness::Seen(double doublings, WallTime now) {
  const double old = samples_ == 0 ? doublings : mean_ * std::exp2(-HalfLives(at_, now));
  mean_ = old + kShare * (doublings - old);
  samples_ = std::min(samples_ + 1, kSamplesLeast);
  at_ = now;
}

int Slowness::Steps(WallTime now) const { return std::clamp(static_cast<int>(std::floor(MeanAt(now))), 0, kStepsMax); }

std::optional<WallTime> Slowness::StepEnds(WallTime now) const {
  const int steps = Steps(now);
  if (steps == 0) return std::nullopt;
  const double minutes = std::log2(MeanAt(now) / steps) * kHalvesIn.count();
  return now + milliseconds(static_cast<std::int64_t>(minutes * 60'000) + 1);
}

int Slowness::Times(WallTime now) const { return Steps(now) == 0 ? 0 : static_cast<int>(std::lround(Factor(now))); }

double Slowness::Factor(WallTime now) const { return std::exp2(std::max(0.0, MeanAt(now))); }

std::string SlownessText(int times) {
  return ", slower than its siblings (its first token takes " + std::to_string(times) + " times as long)";
}

std::optional<double> UsualFirstTokens::Seen(const std::string& provider, const std::string& model,
                                             milliseconds first_token) {
  const double log = std::log2(static_cast<double>(std::max<std::int64_t>(first_token.count(), 1)));
  const auto [found, is_new] = usual_.try_emplace({provider, model});
  Usual& usual = found->second;
  usual.seen = next_++;
  if (is_new) {
    usual.mean = log;
    if (usual_.size() > kModelsMax) {
      usual_.erase(std::min_element(usual_.begin(), usual_.end(),
                                    [](const auto& a, const auto& b) { return a.second.seen < b.second.seen; }));
    }
    return std::nullopt;
  }
  const double above = log - usual.mean;
  usual.mean += kUsualShare * above;
  return above;
}

}  // namespace patchbay::accounts
