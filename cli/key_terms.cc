#include "cli/key_terms.h"

#include <algorithm>

#include "lib/config/units.h"
#include "lib/keyterms/budget.h"
#include "lib/keyterms/terms.h"
#include "lib/keyterms/user.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

Error Wrong(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// Fills the terms in, option by option.
class TermReader {
 public:
  explicit TermReader(const KeyTermTexts& texts) : texts_(texts) {}

  Result<KeyTermChanges> Read(WallTime now) && {
    auto& terms = out_.terms;
    RETURN_IF_ERROR(Words("model", "models", texts_.models, *terms.mutable_models()));
    RETURN_IF_ERROR(Words("provider", "providers", texts_.providers, *terms.mutable_providers()));
    RETURN_IF_ERROR(Words("tag", "tags", texts_.tags, *terms.mutable_tags()));
    RETURN_IF_ERROR(Words("dialect", "dialects", texts_.dialects, *terms.mutable_dialects()));
    RETURN_IF_ERROR(Words("tier", "tiers", texts_.tiers, *terms.mutable_tiers()));
    RETURN_IF_ERROR(Words("source", "sources", texts_.sources, *terms.mutable_sources()));
    RETURN_IF_ERROR(Take("highest-effort", "highest_effort", !texts_.highest_effort.empty()));
    terms.set_highest_effort(texts_.highest_effort);
    RETURN_IF_ERROR(Take("rpm", "requests_per_minute", texts_.requests_per_minute.has_value()));
    terms.set_requests_per_minute(texts_.requests_per_minute.value_or(0));
    RETURN_IF_ERROR(Take("tpm", "tokens_per_minute", texts_.tokens_per_minute.has_value()));
    terms.set_tokens_per_minute(texts_.tokens_per_minute.value_or(0));
    RETURN_IF_ERROR(Take("concurrency", "concurrency", texts_.concurrency.has_value()));
    terms.set_concurrency(texts_.concurrency.value_or(0));
    RETURN_IF_ERROR(Take("budget", "budgets", !texts_.budgets.empty()));
    for (const std::string& text : texts_.budgets) {
      ASSIGN_OR_RETURN(*terms.add_budgets(), keyterms::ParseBudget(text));
    }
    RETURN_IF_ERROR(Take("on-budget", "fallback_model", !texts_.on_budget.empty()));
    ASSIGN_OR_RETURN(*terms.mutable_fallback_model(), keyterms::ParseOnBudget(texts_.on_budget));
    RETURN_IF_ERROR(keyterms::Check(terms));
    RETURN_IF_ERROR(Expiry(now));
    if (!texts_.quota_view.empty()) out_.quota_view = keyterms::ParseQuotaView(texts_.quota_view);
    return std::move(out_);
  }

 private:
  bool IsCleared(std::string_view option) const {
    return std::find(texts_.cleared.begin(), texts_.cleared.end(), option) != texts_.cleared.end();
  }

  Result<void> Take(const std::string& option, const char* field, bool given) {
    const bool cleared = IsCleared(option);
    if (given && cleared) return Wrong("--" + option + " and --clear " + option + " contradict each other");
    if (given || cleared) out_.mask.add_paths(field);
    return {};
  }

  template <class Texts>
  Result<void> Words(const std::string& option, const char* field, const std::vector<std::string>& words, Texts& out) {
    RETURN_IF_ERROR(Take(option, field, !words.empty()));
    out.Assign(words.begin(), words.end());
    return {};
  }

  Result<void> Expiry(WallTime now) {
    out_.never_expires = IsCleared("expires");
    if (texts_.expires.empty()) return {};
    if (out_.never_expires) return Wrong("--expires and --clear expires contradict each other");
    ASSIGN_OR_RETURN(out_.expires_at, ParseExpiry(texts_.expires, now));
    out_.never_expires = !out_.expires_at;
    return {};
  }

  const KeyTermTexts& texts_;
  KeyTermChanges out_;
};

}  // namespace

Result<KeyTermChanges> ChangesOf(const KeyTermTexts& texts, WallTime now) { return TermReader(texts).Read(now); }

Result<std::optional<WallTime>> ParseExpiry(std::string_view text, WallTime now) {
  if (text == "never") return std::optional<WallTime>();
  std::optional<WallTime> moment = ParseDate(text);
  if (!moment) moment = ParseRfc3339(text);
  if (!moment) {
    if (const auto span = config::ParseDuration(text); span.ok()) moment = now + *span;
  }
  if (!moment) {
    return Wrong("'" + std::string(text) + "' is no end; write 30d, 2027-01-31, 2027-01-31T12:00:00Z or never");
  }
  if (*moment <= now) return Wrong("'" + std::string(text) + "' is over already");
  return moment;
}

}  // namespace patchbay::cli
