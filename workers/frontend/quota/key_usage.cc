#include "workers/frontend/quota/key_usage.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

std::string KeyUsageJson(const ClientKey& key, accounts::v1::QuotaView view, const accounts::v1::PoolQuota* pool,
                         std::int64_t now) {
  std::string text;
  wire::JsonWriter json(text);
  json.BeginObject().Key("object").String("usage");
  json.Key("key").BeginObject().Key("id").String(key.id).Key("name").String(key.name).EndObject();
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
