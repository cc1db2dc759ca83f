#include "workers/frontend/dialects/openai_responses/codex/quota.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

constexpr std::int64_t kSecondsPerMinute = 60;
// A limit of its own place in the answer.
constexpr std::string_view kCodeReview = "code_review";
// What the client takes for a plan that it does not know.
constexpr std::string_view kUnknownPlan = "unknown";
constexpr std::size_t kMaxTokenBytes = 16 * 1024;
constexpr std::size_t kMaxNameBytes = 256;

// "12.5": at most two decimals, and none that say nothing.
std::string PercentText(double percent) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f", std::clamp(percent, 0.0, 100.0));
  std::string trimmed(text);
  while (trimmed.ends_with('0')) trimmed.pop_back();
  if (trimmed.ends_with('.')) trimmed.pop_back();
  return trimmed;
}

void AddSpan(const std::string& prefix, const QuotaSpan* span, std::int64_t now, HeaderList& headers) {
  if (span == nullptr) return;
  headers.emplace_back(prefix + "-used-percent", PercentText(span->used_percent()));
  headers.emplace_back(prefix + "-window-minutes", std::to_string(span->length().seconds() / kSecondsPerMinute));
  const auto reset = ResetOf(*span, now);
  if (!reset) return;
  headers.emplace_back(prefix + "-reset-at", std::to_string(*reset));
  headers.emplace_back(prefix + "-reset-after-seconds", std::to_string(std::max<std::int64_t>(0, *reset - now)));
}

void AddLimit(const std::string& family, const accounts::v1::PoolQuota& pool, std::string_view limit, std::int64_t now,
              HeaderList& headers) {
  const TwoSpans spans = SpansOf(pool, limit);
  AddSpan(family + "-primary", spans.first, now, headers);
  AddSpan(family + "-secondary", spans.second, now, headers);
}

std::string NameOf(const accounts::v1::PoolQuota& pool, const std::string& limit) {
  const auto found = pool.limit_names().find(limit);
  return found == pool.limit_names().end() ? std::string() : found->second;
}

// A span as the event writes it.
void WriteEventSpan(wire::JsonWriter& json, std::string_view key, const QuotaSpan* span, std::int64_t now) {
  json.Key(key);
  if (span == nullptr) {
    json.Null();
    return;
  }
  json.BeginObject().Key("used_percent").Int(WholePercent(span->used_percent()));
  json.Key("window_minutes").Int(span->length().seconds() / kSecondsPerMinute);
  if (const auto reset = ResetOf(*span, now)) {
    json.Key("reset_after_seconds").Int(std::max<std::int64_t>(0, *reset - now)).Key("reset_at").Int(*reset);
  }
  json.EndObject();
}

void WriteEventLimit(wire::JsonWriter& json, const accounts::v1::PoolQuota& pool, std::int64_t now) {
  const bool spent = IsSpent(pool, "");
  const TwoSpans spans = SpansOf(pool, "");
  json.BeginObject().Key("allowed").Bool(!spent).Key("limit_reached").Bool(spent);
  WriteEventSpan(json, "primary", spans.first, now);
  WriteEventSpan(json, "secondary", spans.second, now);
  json.EndObject();
}

// As the usage endpoint does. All its members are whole numbers that must be there, so a span of which nobody has told
// when it resets is not.
void WriteUsageSpan(wire::JsonWriter& json, std::string_view key, const QuotaSpan* span, std::int64_t now) {
  json.Key(key);
  const auto reset = span == nullptr ? std::nullopt : ResetOf(*span, now);
  if (!reset) {
    json.Null();
    return;
  }
  json.BeginObject().Key("used_percent").Int(WholePercent(span->used_percent()));
  json.Key("limit_window_seconds").Int(span->length().seconds());
  json.Key("reset_after_seconds").Int(std::max<std::int64_t>(0, *reset - now)).Key("reset_at").Int(*reset);
  json.EndObject();
}

void WriteUsageLimit(wire::JsonWriter& json, const accounts::v1::PoolQuota& pool, std::string_view limit,
                     std::int64_t now) {
  const bool spent = IsSpent(pool, limit);
  const TwoSpans spans = SpansOf(pool, limit);
  json.BeginObject().Key("allowed").Bool(!spent).Key("limit_reached").Bool(spent);
  WriteUsageSpan(json, "primary_window", spans.first, now);
  WriteUsageSpan(json, "secondary_window", spans.second, now);
  json.EndObject();
}

void WriteCredits(wire::JsonWriter& json, const accounts::v1::PoolQuota& pool) {
  json.Key("credits");
  if (!pool.has_credits()) {
    json.Null();
    return;
  }
  json.BeginObject().Key("has_credits").Bool(pool.credits().has_credits());
  json.Key("unlimited").Bool(pool.credits().unlimited()).Key("balance");
  pool.credits().balance().empty() ? json.Null() : json.String(pool.credits().balance());
  json.EndObject();
}

}  // namespace

HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now) {
  HeaderList headers;
  AddLimit("x-codex", pool, "", now, headers);
  for (const std::string& limit : ExtraLimitsOf(pool)) {
    std::string family = "x-" + limit;
    std::replace(family.begin(), family.end(), '_', '-');
    AddLimit(family, pool, limit, now, headers);
    if (const std::string name = NameOf(pool, limit); !name.empty()) headers.emplace_back(family + "-limit-name", name);
  }
  if (!pool.plan().empty()) headers.emplace_back("x-codex-plan-type", pool.plan());
  if (pool.has_credits()) {
    headers.emplace_back("x-codex-credits-has-credits", pool.credits().has_credits() ? "True" : "False");
    headers.emplace_back("x-codex-credits-unlimited", pool.credits().unlimited() ? "True" : "False");
    headers.emplace_back("x-codex-credits-balance", pool.credits().balance());
  }
  return headers;
}

std::string QuotaEventJson(const accounts::v1::PoolQuota& pool, std::int64_t now) {
  std::string text;
  wire::JsonWriter json(text);
  json.BeginObject().Key("type").String(kQuotaEvent);
  if (!pool.plan().empty()) json.Key("plan_type").String(pool.plan());
  json.Key("rate_limits");
  KnowsLimit(pool) ? WriteEventLimit(json, pool, now) : (void)json.Null();
  json.Key("code_review_rate_limits").Null();
  WriteCredits(json, pool);
  json.Key("promo").Null().Key("metered_limit_name").Null().Key("limit_name").Null().EndObject();
  return text;
}

UsageOwner UsageOwnerOf(const QuotaQuestion& question) {
  UsageOwner owner;
  const std::string_view account = question.header("chatgpt-account-id");
  owner.account_id = account.empty() ? question.client_key : account;
  if (owner.account_id.size() > kMaxNameBytes) owner.account_id.resize(kMaxNameBytes);
  const std::string_view token = question.callers_token;
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.size() > kMaxTokenBytes) return owner;
  const auto payload = Base64UrlDecode(token.substr(first + 1, second - first - 1));
  if (!payload.ok()) return owner;
  const auto claims = wire::JsonDocument::Parse(*payload);
  if (!claims.ok()) return owner;
  const auto claim = [&](std::string_view group, std::string_view name) {
    const boost::json::value* object = wire::FindMember(claims->root(), group);
    return std::string(object == nullptr ? std::string_view() : wire::FindString(*object, name))
        .substr(0, kMaxNameBytes);
  };
  // codex-wire §14.3.
  constexpr std::string_view kAuth = "https://api.openai.com/auth", kProfile = "https://api.openai.com/profile";
  owner.user_id = claim(kAuth, "chatgpt_user_id");
  owner.plan = claim(kAuth, "chatgpt_plan_type");
  owner.email = claim(kProfile, "email");
  if (account.empty()) {
    if (std::string named = claim(kAuth, "chatgpt_account_id"); !named.empty()) owner.account_id = std::move(named);
  }
  return owner;
}

std::string UsageJson(const UsageOwner& owner, const accounts::v1::PoolQuota* pool, std::int64_t now) {
  std::string text;
  wire::JsonWriter json(text);
  json.BeginObject();
  const std::pair<std::string_view, const std::string*> names[] = {
      {"user_id", &owner.user_id}, {"account_id", &owner.account_id}, {"email", &owner.email}};
  for (const auto& [key, name] : names) {
    if (!name->empty()) json.Key(key).String(*name);
  }
  const std::string_view of_pool = pool == nullptr ? std::string_view() : std::string_view(pool->plan());
  const std::string_view plan = !owner.plan.empty() ? std::string_view(owner.plan) : of_pool;
  json.Key("plan_type").String(plan.empty() ? kUnknownPlan : plan);
  const bool known = pool != nullptr && !SaysNothing(*pool);
  const bool stands = pool != nullptr && KnowsLimit(*pool);
  json.Key("rate_limit");
  stands ? WriteUsageLimit(json, *pool, "", now) : (void)json.Null();
  const std::vector<std::string> limits = known ? ExtraLimitsOf(*pool) : std::vector<std::string>();
  json.Key("code_review_rate_limit");
  const bool reviews = std::find(limits.begin(), limits.end(), kCodeReview) != limits.end();
  reviews ? WriteUsageLimit(json, *pool, kCodeReview, now) : (void)json.Null();
  json.Key("additional_rate_limits").BeginArray();
  for (const std::string& limit : limits) {
    if (limit == kCodeReview) continue;
    const std::string name = NameOf(*pool, limit);
    json.BeginObject().Key("limit_name").String(name.empty() ? limit : name).Key("metered_feature").String(limit);
    json.Key("rate_limit");
    WriteUsageLimit(json, *pool, limit, now);
    json.EndObject();
  }
  json.EndArray();
  if (known) {
    WriteCredits(json, *pool);
  } else {
    json.Key("credits").Null();
  }
  json.Key("rate_limit_reached_type");
  if (known && !pool->has_room()) {
    json.BeginObject().Key("type").String("rate_limit_reached").EndObject();
  } else {
    json.Null();
  }
  // Those of accounts are their operator's to redeem.
  json.Key("rate_limit_reset_credits").Null().Key("promo").Null().EndObject();
  return text;
}

}  // namespace patchbay::frontend::openai_responses::codex
