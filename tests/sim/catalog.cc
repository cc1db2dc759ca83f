#include "tests/sim/catalog.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdio>

#include "tests/sim/json_text.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

json::value WindowToJson(const Window& window, long long now) {
  if (window.minutes == 0) return nullptr;
  return json::object{{"used_percent", static_cast<long long>(window.used_percent)},
                      {"limit_window_seconds", window.minutes * 60},
                      {"reset_after_seconds", std::max(0LL, window.reset_at - now)},
                      {"reset_at", window.reset_at}};
}

// The families that only newer clients may see.
std::string_view MinimalVersion(std::string_view slug) {
  return slug.starts_with("gpt-5.6") || slug.starts_with("gpt-6") ? "0.144.0" : "0.0.1";
}

// real-clients §7.1.
long long ContextWindow(std::string_view slug) {
  return slug == "gpt-6.2-sol" || slug == "gpt-6.1-sol" || slug == "gpt-6.1-terra" ? 500000 : 272000;
}

std::vector<int> VersionParts(std::string_view version) {
  std::vector<int> parts;
  while (!version.empty()) {
    const std::string_view part = version.substr(0, version.find('.'));
    int number = 0;
    std::from_chars(part.data(), part.data() + part.size(), number);
    parts.push_back(number);
    version.remove_prefix(std::min(part.size() + 1, version.size()));
  }
  return parts;
}

json::object ModelEntry(std::string_view slug, int priority) {
  json::array levels;
  for (const std::string_view effort : EffortsOf(slug)) {
    levels.push_back(json::object{{"effort", json::string(effort)}, {"description", json::string(effort)}});
  }
  const bool hidden = slug == "codex-auto-review" || slug.find("daybreak") != std::string_view::npos;
  return json::object{
      {"slug", json::string(slug)},
      {"display_name", json::string(slug)},
      {"description", "A simulated model."},
      {"default_reasoning_level", "medium"},
      {"supported_reasoning_levels", std::move(levels)},
      {"shell_type", "unified_exec"},
      {"visibility", hidden ? "hide" : "list"},
      {"supported_in_api", true},
      {"priority", priority},
      {"service_tiers", json::array{json::object{{"id", "priority"}, {"name", "Fast"}, {"description", "Faster"}}}},
      {"availability_nux", nullptr},
      {"upgrade", nullptr},
      {"base_instructions", "You are a coding agent."},
      {"support_verbosity", true},
      {"default_verbosity", "medium"},
      {"apply_patch_tool_type", "freeform"},
      {"web_search_tool_type", "text_and_image"},
      {"truncation_policy", json::object{{"mode", "tokens"}, {"limit", 10000}}},
      {"context_window", ContextWindow(slug)},
      {"max_context_window", 872000},
      {"auto_compact_token_limit", nullptr},
      {"effective_context_window_percent", 95},
      {"experimental_supported_tools", json::array{}},
      {"input_modalities", json::array{"text", "image"}},
      {"supports_parallel_tool_calls", true},
      {"supports_reasoning_summaries", true},
      {"supports_reasoning_effort_updates", true},
      {"supports_experimental_context", slug != "gpt-5.5"},
      {"multi_agent_reasoning_effort", nullptr},
      {"node_repl_disabled", false},
      {"node_repl_auto_review_required", true},
      {"minimal_client_version", json::string(MinimalVersion(slug))}};
}

// Written straight into the lines: every answer carries these, and the benchmark counts every microsecond.
void AddNumber(Reply& reply, std::string_view prefix, std::string_view name, long long number) {
  reply.header_lines.append(prefix).append(name).append(": ");
  AppendNumber(reply.header_lines, number);
  reply.header_lines += "\r\n";
}

// As the provider prints percentages: no decimals where there are none.
void AddPercent(Reply& reply, std::string_view prefix, double percent) {
  const auto whole = static_cast<long long>(percent);
  if (static_cast<double>(whole) == percent) return AddNumber(reply, prefix, "-used-percent", whole);
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", percent);
  reply.header_lines.append(prefix).append("-used-percent: ").append(text).append("\r\n");
}

void AddWindow(Reply& reply, std::string_view prefix, const Window& window, long long now) {
  AddPercent(reply, prefix, window.used_percent);
  AddNumber(reply, prefix, "-window-minutes", window.minutes);
  AddNumber(reply, prefix, "-reset-at", window.reset_at);
  AddNumber(reply, prefix, "-reset-after-seconds", std::max(0LL, window.reset_at - now));
}

void AddPlan(Reply& reply, const Account& account) {
  reply.AddHeader("x-codex-plan-type", account.plan);
  const Credits& credits = account.credits;
  reply.header_lines +=
      credits.has ? "x-codex-credits-has-credits: True\r\n" : "x-codex-credits-has-credits: False\r\n";
  reply.header_lines +=
      credits.unlimited ? "x-codex-credits-unlimited: True\r\n" : "x-codex-credits-unlimited: False\r\n";
  reply.header_lines.append("x-codex-credits-balance: ").append(credits.has ? credits.balance : "").append("\r\n");
}

// "codex_bengalfox" is "x-codex-bengalfox" in header names.
std::string FamilyOf(const ExtraLimit& limit) {
  std::string family = "x-" + limit.feature;
  std::replace(family.begin(), family.end(), '_', '-');
  return family;
}

void AddExtraLimits(Reply& reply, const Account& account, long long now) {
  for (const ExtraLimit& limit : account.extra) {
    const std::string family = FamilyOf(limit);
    AddWindow(reply, family + "-primary", limit.primary, now);
    reply.AddHeader(family + "-limit-name", limit.name);
  }
}

json::array ExtraToJson(const Account& account, long long now) {
  json::array list;
  for (const ExtraLimit& limit : account.extra) {
    const bool reached = limit.primary.used_percent >= 100;
    list.push_back(json::object{{"limit_name", limit.name},
                                {"metered_feature", limit.feature},
                                {"rate_limit", json::object{{"allowed", !reached},
                                                            {"limit_reached", reached},
                                                            {"primary_window", WindowToJson(limit.primary, now)},
                                                            {"secondary_window", nullptr}}}});
  }
  return list;
}

long long GoodCredits(const Account& account, long long now) {
  return std::count_if(account.reset_credits.begin(), account.reset_credits.end(), [&](const ResetCredit& credit) {
    return credit.redeemed_by.empty() && credit.expires_at > now;
  });
}

}  // namespace

std::string_view ModelsETag(std::string_view plan) {
  return plan == "free" ? "W/\"sim-models-free-1\"" : "W/\"sim-models-1\"";
}

std::string ModelsDocument(std::string_view client_version, std::string_view plan) {
  json::array models;
  int priority = 0;
  const std::vector<int> version = VersionParts(client_version);
  for (const std::string_view slug : KnownModels()) {
    ++priority;
    if (version < VersionParts(MinimalVersion(slug)) || !PlanHas(plan, slug)) continue;
    models.push_back(ModelEntry(slug, priority));
  }
  return json::serialize(json::object{{"models", std::move(models)}});
}

std::string UsageDocument(const Account& account, long long now) {
  const bool reached = account.primary.used_percent >= 100 || account.secondary.used_percent >= 100;
  const bool pays = account.credits.has || account.credits.unlimited;
  json::object document{{"user_id", account.user_id},
                        {"account_id", account.id},
                        {"email", account.email},
                        {"plan_type", account.plan},
                        {"rate_limit", json::object{{"allowed", !reached || pays},
                                                    {"limit_reached", reached},
                                                    {"primary_window", WindowToJson(account.primary, now)},
                                                    {"secondary_window", WindowToJson(account.secondary, now)}}},
                        {"code_review_rate_limit", nullptr},
                        {"additional_rate_limits", ExtraToJson(account, now)},
                        {"credits", json::object{{"has_credits", account.credits.has},
                                                 {"unlimited", account.credits.unlimited},
                                                 {"balance", account.credits.balance},
                                                 {"approx_local_messages", json::array{0, 0}},
                                                 {"approx_cloud_messages", json::array{0, 0}},
                                                 {"overage_limit_reached", false}}},
                        {"spend_control", json::object{{"reached", false}, {"individual_limit", nullptr}}},
                        {"rate_limit_reached_type",
                         reached ? json::value(json::object{{"type", "rate_limit_reached"}}) : json::value(nullptr)},
                        {"rate_limit_reset_credits", json::object{{"available_count", GoodCredits(account, now)}}},
                        {"promo", nullptr}};
  return json::serialize(document);
}

std::string ResetCreditsDocument(const Account& account, long long now) {
  json::array list;
  for (const ResetCredit& credit : account.reset_credits) {
    list.push_back(json::object{{"id", credit.id},
                                {"status", credit.redeemed_by.empty() ? "available" : "redeemed"},
                                {"title", "A reset"},
                                {"expires_at", credit.expires_at}});
  }
  return json::serialize(json::object{{"credits", std::move(list)}, {"available_count", GoodCredits(account, now)}});
}

void AddQuotaHeaders(Reply& reply, const Account& account, long long now) {
  AddPlan(reply, account);
  reply.AddHeader("x-codex-active-limit", "codex");
  AddExtraLimits(reply, account, now);
  AddWindow(reply, "x-codex-primary", account.primary, now);
  AddWindow(reply, "x-codex-secondary", account.secondary, now);
}

void AddSpentLimitHeaders(Reply& reply, const Account& account, const ExtraLimit& limit, long long now) {
  AddPlan(reply, account);
  reply.AddHeader("x-codex-active-limit", limit.feature);
  AddWindow(reply, "x-codex-primary", account.primary, now);
  AddWindow(reply, "x-codex-secondary", account.secondary, now);
  AddExtraLimits(reply, account, now);
  reply.AddHeader("x-codex-rate-limit-reached-type", "rate_limit_reached");
}

void AddExhaustedHeaders(Reply& reply, const Account& account, long long now, long long resets_at) {
  AddPlan(reply, account);
  reply.AddHeader("x-codex-active-limit", "codex");
  AddExtraLimits(reply, account, now);
  AddWindow(reply, "x-codex-primary", Window{100, account.primary.minutes, resets_at}, now);
  AddWindow(reply, "x-codex-secondary", account.secondary, now);
  reply.AddHeader("x-codex-rate-limit-reached-type", "rate_limit_reached");
}

void AddEdgeHeaders(Reply& reply, std::string_view id) {
  reply.header_lines.append("x-request-id: req_").append(id).append("\r\ncf-ray: ").append(id);
  reply.header_lines += "-SIM\r\ncf-cache-status: DYNAMIC\r\nserver: cloudflare\r\n";
}

void AddCookies(Reply& reply, const Account& account) {
  // No Domain attribute: a client of a loopback address could not keep a cookie of another host.
  for (const std::string_view name : {"__cf_bm=", "_cfuvid=uv."}) {
    reply.header_lines.append("set-cookie: ").append(name).append(account.cookie);
    reply.header_lines += "; path=/; HttpOnly; Secure; SameSite=None\r\n";
  }
}

}  // namespace patchbay::sim
