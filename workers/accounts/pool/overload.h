// What an account remembers of a provider that says "overloaded". Whether that is about the account or about the
// provider is told by the spread over its accounts, which the pool looks at (account-pools §1.3, §4): both kinds are
// measured, and to rest an account for the provider's trouble only moves its load to the others.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/clock.h"

namespace patchbay::accounts {

// How an account answered lately, by model: counts that halve each minute, so that an account with many calls is not
// taken for one that refuses because of a stray refusal. Bounded: the model that was asked longest ago is forgotten.
class LatelyAnswered {
 public:
  static constexpr std::chrono::minutes kHalvesIn{1};
  // One call of two minutes ago still counts, a little.
  static constexpr double kCounts = 0.25;
  // An account that refuses does so with a sixth to a half of its calls, its siblings with some per mille.
  static constexpr double kRefusingShare = 0.1;
  static constexpr std::size_t kModelsMax = 8;

  void Served(const std::string& model, SteadyTime now) { Of(model, now).served += 1; }
  void Refused(const std::string& model, SteadyTime now) { Of(model, now).refused += 1; }
  bool Asked(const std::string& model, SteadyTime now) const {
    const Answers answers = Find(model, now);
    return answers.served + answers.refused >= kCounts;
  }
  bool Refuses(const std::string& model, SteadyTime now) const {
    const Answers answers = Find(model, now);
    return answers.refused >= kCounts && answers.refused >= kRefusingShare * (answers.served + answers.refused);
  }

 private:
  struct Answers {
    std::string model;
    SteadyTime at{};  // of the counts
    double served = 0;
    double refused = 0;
  };
  static double Left(SteadyTime from, SteadyTime now) {
    return std::exp2(-std::chrono::duration<double, std::chrono::minutes::period>(now - from).count() /
                     kHalvesIn.count());
  }
  Answers Find(const std::string& model, SteadyTime now) const {
    for (const Answers& answers : models_) {
      if (answers.model != model) continue;
      const double left = Left(answers.at, now);
      return {{}, now, answers.served * left, answers.refused * left};
    }
    return {};
  }
  Answers& Of(const std::string& model, SteadyTime now) {
    auto found = std::find_if(models_.begin(), models_.end(), [&](const auto& one) { return one.model == model; });
    if (found == models_.end()) {
      if (models_.size() >= kModelsMax) {
        models_.erase(
            std::min_element(models_.begin(), models_.end(), [](const auto& a, const auto& b) { return a.at < b.at; }));
      }
      found = models_.insert(models_.end(), Answers{model, now, 0, 0});
    }
    const double left = Left(found->at, now);
    found->served *= left;
    found->refused *= left;
    found->at = now;
    return *found;
  }
  std::vector<Answers> models_;
};

// A short back-off of an account that refuses while its siblings serve: last choice for new work, never no choice. A
// success does not end it, for an account that refuses a third of its calls serves the others. It grows with each trip
// and is forgotten after half an hour without.
class OverloadHold {
 public:
  // One refusal is chance.
  static constexpr int kRefusalsToTrip = 2;
  static constexpr std::chrono::minutes kRefusalsWithin{5};
  static constexpr std::chrono::seconds kFirst{60};
  static constexpr std::chrono::seconds kLongest{600};
  static constexpr std::chrono::minutes kForgottenAfter{30};
  // From this trip on conversations that live here are served by a substitute too.
  static constexpr int kIsolatesFrom = 3;

  // A refusal of a request counts once. True: it is time to hold it.
  bool Refused(std::uint64_t request, SteadyTime now) {
    if (holds(now)) return false;
    if (refusals_ > 0 && now - last_refusal_ >= kRefusalsWithin) refusals_ = 0;
    if (refusals_ == 0 || request != last_request_) ++refusals_;
    last_request_ = request;
    last_refusal_ = now;
    return refusals_ >= kRefusalsToTrip;
  }
  void Trip(SteadyTime now) {
    if (trips_ > 0 && now - until_ >= kForgottenAfter) trips_ = 0;
    const auto length = std::min<std::chrono::seconds>(kFirst * (1 << std::min(trips_, 8)), kLongest);
    ++trips_;
    refusals_ = 0;
    tripped_at_ = now;
    until_ = now + length;
  }
  // It was the provider's trouble after all.
  void Pardon(SteadyTime now) {
    if (!holds(now)) return;
    --trips_;
    until_ = now;
  }
  bool holds(SteadyTime now) const { return trips_ > 0 && now < until_; }
  bool isolates(SteadyTime now) const { return holds(now) && trips_ >= kIsolatesFrom; }
  int trips() const { return trips_; }
  SteadyTime tripped_at() const { return tripped_at_; }
  SteadyTime until() const { return until_; }

 private:
  int refusals_ = 0;
  int trips_ = 0;
  std::uint64_t last_request_ = 0;
  SteadyTime last_refusal_{};
  SteadyTime tripped_at_{};
  SteadyTime until_{};
};

}  // namespace patchbay::accounts
