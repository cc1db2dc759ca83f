#include "lib/keyterms/user.h"

#include <array>
#include <utility>

#include "lib/base/text.h"
#include "lib/keyterms/budget.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::keyterms {
namespace {

using accounts::v1::QuotaView;

constexpr std::string_view kRefuse = "refuse", kFallback = "fallback";

constexpr std::array<std::pair<std::string_view, QuotaView>, 5> kViews = {
    {{"default", accounts::v1::QUOTA_VIEW_UNSPECIFIED},
     {"own", accounts::v1::QUOTA_VIEW_OWN},
     {"pool", accounts::v1::QUOTA_VIEW_POOL},
     {"upstream", accounts::v1::QUOTA_VIEW_UPSTREAM},
     {"none", accounts::v1::QUOTA_VIEW_NONE}}};

}  // namespace

UserTerms TermsOf(const config::v1::User& user, std::vector<TermProblem>& problems) {
  UserTerms out;
  auto& terms = out.terms;
  *terms.mutable_models() = user.models();
  *terms.mutable_providers() = user.providers();
  *terms.mutable_tags() = user.tags();
  *terms.mutable_dialects() = user.dialects();
  *terms.mutable_tiers() = user.tiers();
  terms.set_highest_effort(user.highest_effort());
  *terms.mutable_sources() = user.sources();
  terms.set_requests_per_minute(user.requests_per_minute());
  terms.set_tokens_per_minute(user.tokens_per_minute());
  terms.set_concurrency(user.concurrency());
  for (const std::string& text : user.budgets()) {
    auto budget = ParseBudget(text);
    budget.ok() ? void(*terms.add_budgets() = *std::move(budget))
                : problems.push_back({"budgets", budget.error().message});
  }
  auto fallback = ParseOnBudget(user.on_budget());
  fallback.ok() ? terms.set_fallback_model(*std::move(fallback))
                : problems.push_back({"on_budget", fallback.error().message});
  for (auto& problem : ProblemsOf(terms)) {
    if (problem.field == "fallback_model") problem.field = "on_budget";
    problems.push_back(std::move(problem));
  }
  if (const auto view = ParseQuotaView(user.quota_view())) out.quota_view = *view;  // the bounds have looked at it
  if (!user.expires().empty()) {
    out.expires_at = ParseRfc3339(user.expires());
    if (!out.expires_at) {
      problems.push_back(
          {"expires", "'" + Printable(user.expires(), 64) + "' is no moment, like 2027-01-01T00:00:00Z"});
    }
  }
  return out;
}

Result<UserTerms> TermsOf(const config::v1::User& user) {
  std::vector<TermProblem> problems;
  auto terms = TermsOf(user, problems);
  if (problems.empty()) return terms;
  return Error(ErrorCode::kInvalidArgument, problems.front().field + ": " + problems.front().text);
}

config::v1::User UserOf(const UserTerms& from) {
  const auto& terms = from.terms;
  config::v1::User user;
  *user.mutable_models() = terms.models();
  *user.mutable_providers() = terms.providers();
  *user.mutable_tags() = terms.tags();
  *user.mutable_dialects() = terms.dialects();
  *user.mutable_tiers() = terms.tiers();
  user.set_highest_effort(terms.highest_effort());
  *user.mutable_sources() = terms.sources();
  user.set_requests_per_minute(terms.requests_per_minute());
  user.set_tokens_per_minute(terms.tokens_per_minute());
  user.set_concurrency(terms.concurrency());
  for (const auto& budget : terms.budgets()) user.add_budgets(FormatBudget(budget));
  user.set_on_budget(FormatOnBudget(terms.fallback_model()));
  user.set_quota_view(std::string(QuotaViewName(from.quota_view)));
  if (from.expires_at) user.set_expires(Rfc3339(*from.expires_at));
  return user;
}

Result<std::string> ParseOnBudget(std::string_view text) {
  const std::string_view trimmed = Trim(text);
  if (trimmed.empty() || trimmed == kRefuse) return std::string();
  if (trimmed.starts_with(kFallback) && trimmed.size() > kFallback.size() &&
      kBlanks.find(trimmed[kFallback.size()]) != std::string_view::npos) {
    return std::string(Trim(trimmed.substr(kFallback.size())));
  }
  return Error(ErrorCode::kInvalidArgument, "'" + Printable(text, 64) + "' is neither 'refuse' nor 'fallback MODEL'");
}

std::string FormatOnBudget(const std::string& fallback_model) {
  return std::string(fallback_model.empty() ? kRefuse : kFallback) +
         (fallback_model.empty() ? "" : " " + fallback_model);
}

std::optional<QuotaView> ParseQuotaView(std::string_view word) {
  for (const auto& [name, view] : kViews) {
    if (name == word) return view;
  }
  return std::nullopt;
}

std::string_view QuotaViewName(QuotaView view) {
  for (const auto& [name, known] : kViews) {
    if (known == view) return name;
  }
  return kViews.front().first;
}

}  // namespace patchbay::keyterms
