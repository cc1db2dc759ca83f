#include "lib/keyterms/terms.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/base/pattern.h"
#include "lib/base/text.h"
#include "lib/keyterms/budget.h"
#include "lib/keyterms/network.h"

namespace patchbay::keyterms {
namespace {

using accounts::v1::KeyTerms;

// Those of HTTP, and the gateway's gRPC service. Requests for embeddings are of one dialect, whoever's door they come
// by. tests/unit/workers/frontend/dialects/registry_test.cc holds this against the dialects that there are.
constexpr std::array<std::string_view, 13> kDialects = {"openai_chat",
                                                        "openai_responses",
                                                        "openai_responses_compact",
                                                        "chatgpt",
                                                        "openai_search",
                                                        "openai_memories",
                                                        "openai_completions",
                                                        "openai_images_generations",
                                                        "openai_images_edits",
                                                        "anthropic",
                                                        "gemini",
                                                        "gateway",
                                                        "openai_embeddings"};
constexpr std::array<std::string_view, 4> kTiers = {kStandardTier, "priority", "flex", "scale"};
constexpr std::array<std::string_view, 8> kEfforts = {"none", "minimal", "low", "medium",
                                                      "high", "xhigh",   "max", "ultra"};
constexpr int kMaxWords = 100;  // of a list
constexpr std::size_t kMaxNameBytes = 128;

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string Quoted(std::string_view text) { return "'" + Printable(text, 64) + "'"; }

std::string List(std::span<const std::string_view> words) {
  std::string list;
  for (const auto word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list;
}

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

class Checker {
 public:
  explicit Checker(const KeyTerms& terms) : terms_(terms) {}

  std::vector<TermProblem> Run() && {
    Names("models", terms_.models());
    Names("providers", terms_.providers());
    Names("tags", terms_.tags());
    Words("dialects", terms_.dialects(), ClientDialects());
    Words("tiers", terms_.tiers(), Tiers());
    if (!terms_.highest_effort().empty() && !IsOneOf(terms_.highest_effort(), Efforts())) {
      Add("highest_effort", Quoted(terms_.highest_effort()) + " is none of " + List(Efforts()));
    }
    Sources();
    NotNegative("requests_per_minute", terms_.requests_per_minute());
    NotNegative("tokens_per_minute", terms_.tokens_per_minute());
    NotNegative("concurrency", terms_.concurrency());
    Budgets();
    const std::string& fallback = terms_.fallback_model();
    if (!fallback.empty() && (!IsName(fallback) || fallback.find('*') != std::string::npos)) {
      Add("fallback_model", Quoted(fallback) + " is no name of a model");
    }
    return std::move(problems_);
  }

 private:
  void Add(const char* field, std::string text) { problems_.push_back({field, std::move(text)}); }

  template <class Texts>
  void Length(const char* field, const Texts& texts) {
    if (texts.size() > kMaxWords) Add(field, "holds more than 100");
  }

  template <class Texts>
  void Names(const char* field, const Texts& names) {
    Length(field, names);
    for (const std::string& name : names) {
      if (!IsName(name))
        Add(field, Quoted(name) + " is no name: it has 1 to 128 visible ASCII characters and no comma");
    }
  }

  template <class Texts>
  void Words(const char* field, const Texts& words, std::span<const std::string_view> known) {
    Length(field, words);
    for (const std::string& word : words) {
      if (!IsOneOf(word, known)) Add(field, Quoted(word) + " is none of " + List(known));
    }
  }

  void Sources() {
    Length("sources", terms_.sources());
    for (const std::string& source : terms_.sources()) {
      if (const auto network = ParseNetwork(source); !network.ok()) Add("sources", network.error().message);
    }
  }

  void NotNegative(const char* field, std::int64_t value) {
    if (value < 0) Add(field, "is less than 0");
  }

  void Budgets() {
    std::set<std::pair<accounts::v1::BudgetPeriod, bool>> kinds;
    for (const auto& budget : terms_.budgets()) {
      const std::string_view period = PeriodName(budget.period());
      if (period.empty()) {
        Add("budgets", "one of them has no period");
      } else if (AmountOf(budget) <= 0) {
        Add("budgets", "one of them is no more than nothing");
      } else if (!kinds.emplace(budget.period(), budget.has_tokens()).second) {
        Add("budgets",
            std::string("two are of ") + (budget.has_tokens() ? "tokens" : "USD") + " a " + std::string(period));
      }
    }
  }

  const KeyTerms& terms_;
  std::vector<TermProblem> problems_;
};

}  // namespace

std::span<const std::string_view> ClientDialects() { return kDialects; }
std::span<const std::string_view> Tiers() { return kTiers; }
std::span<const std::string_view> Efforts() { return kEfforts; }

std::vector<TermProblem> ProblemsOf(const KeyTerms& terms) { return Checker(terms).Run(); }

Result<void> Check(const KeyTerms& terms) {
  const auto problems = ProblemsOf(terms);
  if (problems.empty()) return {};
  return Error(ErrorCode::kInvalidArgument, problems.front().field + ": " + problems.front().text);
}

bool ExceedsEffort(const KeyTerms& terms, std::string_view effort) {
  if (effort.empty() || terms.highest_effort().empty()) return false;
  const auto rank = [](std::string_view word) { return std::find(kEfforts.begin(), kEfforts.end() - 1, word); };
  return rank(effort) > rank(terms.highest_effort());
}

bool AllowsModel(const KeyTerms& terms, std::span<const std::string_view> names) {
  return terms.models().empty() ||
         std::any_of(terms.models().begin(), terms.models().end(), [&](const std::string& pattern) {
           return std::any_of(names.begin(), names.end(),
                              [&](std::string_view name) { return MatchesPattern(pattern, name); });
         });
}

}  // namespace patchbay::keyterms
