#include "workers/frontend/quota/key_usage.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "lib/keyterms/budget.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/call/quota_numbers.h"

namespace patchbay::frontend {
namespace {

std::string_view WordOf(accounts::v1::QuotaView view) {
  switch (view) {
    case accounts::v1::QUOTA_VIEW_OWN: return "own";
    case accounts::v1::QUOTA_VIEW_POOL: return "pool";
    case accounts::v1::QUOTA_VIEW_UPSTREAM: return "upstream";
    default: return "none";
  }
}

void WriteWindow(wire::JsonWriter& json, const accounts::v1::PoolQuota& pool, const QuotaSpan& span, std::int64_t now) {
  json.BeginObject().Key("limit");
  if (IsOf(span, "")) {
    json.Null();
  } else {
    const auto name = pool.limit_names().find(span.name());
    json.String(span.name()).Key("limit_name");
    name == pool.limit_names().end() ? json.Null() : json.String(name->second);
  }
  const double used = std::round(std::clamp(span.used_percent(), 0.0, 100.0) * 100) / 100;
  json.Key("length_seconds").Int(span.length().seconds());
  json.Key("used_percent").Double(used).Key("remaining_percent").Double(100 - used);
  json.Key("resets_at");
  const auto reset = ResetOf(span, now);
  reset ? json.Int(*reset) : json.Null();
  json.EndObject();
}

template <class Words>
void WriteWords(std::string_view name, const Words& words, wire::JsonWriter& json) {
  json.Key(name).BeginArray();
  for (const std::string& word : words) json.String(word);
  json.EndArray();
}

void WriteText(std::string_view name, const std::string& text, wire::JsonWriter& json) {
  json.Key(name);
  text.empty() ? json.Null() : json.String(text);
}

// 0 is no limit.
void WriteLimit(std::string_view name, std::int64_t limit, wire::JsonWriter& json) {
  json.Key(name);
  limit == 0 ? json.Null() : json.Int(limit);
}

// Not the accounts' tags: they are the operator's business.
void WriteTerms(const accounts::v1::KeyTerms& terms, wire::JsonWriter& json) {
  json.BeginObject();
  WriteWords("models", terms.models(), json);
  WriteWords("providers", terms.providers(), json);
  WriteWords("dialects", terms.dialects(), json);
  WriteWords("tiers", terms.tiers(), json);
  WriteText("highest_effort", terms.highest_effort(), json);
  WriteWords("sources", terms.sources(), json);
  WriteLimit("requests_per_minute", terms.requests_per_minute(), json);
  WriteLimit("tokens_per_minute", terms.tokens_per_minute(), json);
  WriteLimit("concurrency", terms.concurrency(), json);
  json.Key("budgets").BeginArray();
  for (const auto& budget : terms.budgets()) json.String(keyterms::FormatBudget(budget));
  json.EndArray();
  WriteText("fallback_model", terms.fallback_model(), json);
  json.EndObject();
}

void WriteBudget(const accounts::v1::BudgetStanding& standing, wire::JsonWriter& json) {
  const bool tokens = standing.budget().has_tokens();
  const auto amount = [&](std::string_view name, std::int64_t value) {
    json.Key(name);
    tokens ? json.Int(value) : json.Double(static_cast<double>(value) / static_cast<double>(keyterms::kNanoDollars));
  };
  const std::int64_t limit = keyterms::AmountOf(standing.budget());
  json.BeginObject().Key("period").String(keyterms::PeriodName(standing.budget().period()));
  json.Key("unit").String(tokens ? "tokens" : "usd");
  amount("limit", limit);
  amount("used", standing.used());
  amount("reserved", standing.reserved());
  amount("remaining", std::max<std::int64_t>(limit - standing.used() - standing.reserved(), 0));
  json.Key("resets_at");
  standing.has_resets_at() ? json.Int(standing.resets_at().seconds()) : json.Null();
  json.EndObject();
}

void WriteStanding(const accounts::v1::KeyStanding& standing, wire::JsonWriter& json) {
  json.BeginObject().Key("requests_this_minute").Int(standing.requests_this_minute());
  json.Key("tokens_this_minute").Int(standing.tokens_this_minute());
  json.Key("open").Int(standing.open()).Key("waiting").Int(standing.waiting());
  json.Key("budgets").BeginArray();
  for (const auto& budget : standing.budgets()) WriteBudget(budget, json);
  json.EndArray().EndObject();
}

}  // namespace

std::string KeyUsageJson(const ClientKey& key, accounts::v1::QuotaView view, const accounts::v1::PoolQuota* pool,
                         std::int64_t now) {
  std::string text;
  wire::JsonWriter json(text);
  json.BeginObject().Key("object").String("usage");
  json.Key("key").BeginObject().Key("id").String(key.id).Key("name").String(key.name).Key("expires_at");
  key.expires_at ? json.Int(std::chrono::floor<std::chrono::seconds>(*key.expires_at).time_since_epoch().count())
                 : json.Null();
  json.EndObject().Key("terms");
  if (key.terms == nullptr) {
    json.Null().Key("used").Null();
  } else {
    WriteTerms(*key.terms, json);
    json.Key("used");
    HasLimits(*key.terms) && key.standing != nullptr ? WriteStanding(*key.standing, json) : void(json.Null());
  }
  json.Key("quota_view").String(WordOf(view)).Key("quota");
  if (pool == nullptr || SaysNothing(*pool)) {
    json.Null().EndObject();
    return text;
  }
  json.BeginObject().Key("provider").String(pool->provider()).Key("plan");
  pool->plan().empty() ? json.Null() : json.String(pool->plan());
  json.Key("allowed").Bool(pool->has_room()).Key("available_at");
  pool->has_back_at() ? json.Int(pool->back_at().seconds()) : json.Null();
  json.Key("windows").BeginArray();
  for (const QuotaSpan& span : pool->windows()) {
    if (span.length().seconds() > 0) WriteWindow(json, *pool, span, now);
  }
  json.EndArray().Key("credits");
  if (pool->has_credits()) {
    json.BeginObject().Key("has_credits").Bool(pool->credits().has_credits());
    json.Key("unlimited").Bool(pool->credits().unlimited()).Key("balance");
    pool->credits().balance().empty() ? json.Null() : json.String(pool->credits().balance());
    json.EndObject();
  } else {
    json.Null();
  }
  json.EndObject().EndObject();
  return text;
}

}  // namespace patchbay::frontend
