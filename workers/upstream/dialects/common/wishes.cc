#include "workers/upstream/dialects/common/wishes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/catalog/thinking.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

// One row for each: its canonical name, whether it is there, and without it.
struct Row {
  Wish wish;
  const char* name;
  bool (*has)(const inf::GenerateRequest&);
  void (*leave_out)(inf::GenerateRequest&);
};

template <bool (inf::Sampling::*kHas)() const, void (inf::Sampling::*kClear)()>
constexpr Row Knob(Wish wish, const char* name) {
  return {wish, name, [](const inf::GenerateRequest& request) { return (request.sampling().*kHas)(); },
          [](inf::GenerateRequest& request) { (request.mutable_sampling()->*kClear)(); }};
}

using S = inf::Sampling;
constexpr std::array kRows = {
    Knob<&S::has_temperature, &S::clear_temperature>(Wish::kTemperature, "temperature"),
    Knob<&S::has_top_p, &S::clear_top_p>(Wish::kTopP, "top_p"),
    Knob<&S::has_top_k, &S::clear_top_k>(Wish::kTopK, "top_k"),
    Knob<&S::has_min_p, &S::clear_min_p>(Wish::kMinP, "min_p"),
    Knob<&S::has_max_output_tokens, &S::clear_max_output_tokens>(Wish::kMaxOutputTokens, "max_output_tokens"),
    Knob<&S::has_seed, &S::clear_seed>(Wish::kSeed, "seed"),
    Knob<&S::has_presence_penalty, &S::clear_presence_penalty>(Wish::kPresencePenalty, "presence_penalty"),
    Knob<&S::has_frequency_penalty, &S::clear_frequency_penalty>(Wish::kFrequencyPenalty, "frequency_penalty"),
    Knob<&S::has_repetition_penalty, &S::clear_repetition_penalty>(Wish::kRepetitionPenalty, "repetition_penalty"),
    Knob<&S::has_logprobs, &S::clear_logprobs>(Wish::kLogprobs, "logprobs"),
    Knob<&S::has_n, &S::clear_n>(Wish::kChoices, "n"),
    Row{Wish::kLogitBias, "logit_bias",
        [](const inf::GenerateRequest& r) { return r.sampling().logit_bias_size() > 0; },
        [](inf::GenerateRequest& r) { r.mutable_sampling()->clear_logit_bias(); }},
    Row{Wish::kUserId, "user_id", [](const inf::GenerateRequest& r) { return !r.user_id().empty(); },
        [](inf::GenerateRequest& r) { r.clear_user_id(); }},
    Row{Wish::kSafetyIdentifier, "safety_identifier",
        [](const inf::GenerateRequest& r) { return !r.safety_identifier().empty(); },
        [](inf::GenerateRequest& r) { r.clear_safety_identifier(); }},
    Row{Wish::kMetadata, "metadata", [](const inf::GenerateRequest& r) { return r.metadata_size() > 0; },
        [](inf::GenerateRequest& r) { r.clear_metadata(); }},
};

// Higher efforts only some models have, and this is not the place that knows which.
constexpr std::string_view kHighestOfBudgets = "high";

std::string EffortOf(std::int64_t budget) {
  return std::string(catalog::EffortOfBudget(std::min(budget, *catalog::BudgetOfEffort(kHighestOfBudgets))));
}

}  // namespace

void FitWishes(inf::GenerateRequest& request, const Wishes& takes, FitNotes& notes) {
  for (const Row& row : kRows) {
    if (takes.Have(row.wish) || !row.has(request)) continue;
    row.leave_out(request);
    notes.Ignore(row.name);
  }
}

void FitThinking(Thinking takes, inf::Reasoning& reasoning) {
  if (takes == Thinking::kWords && reasoning.has_budget_tokens()) {
    if (reasoning.effort().empty()) reasoning.set_effort(EffortOf(reasoning.budget_tokens()));
    reasoning.clear_budget_tokens();
  } else if (takes == Thinking::kTokens && !reasoning.effort().empty()) {
    if (const auto budget = catalog::BudgetOfEffort(reasoning.effort())) reasoning.set_budget_tokens(*budget);
    reasoning.clear_effort();
  }
}

}  // namespace patchbay::upstream
