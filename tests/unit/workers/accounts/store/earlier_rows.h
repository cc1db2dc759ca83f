// A row for each table that any shape of the database has had, in SQL, and what the store should read of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/seal/seal.h"
#include "workers/accounts/store/records.h"

namespace patchbay::accounts::earlier_rows {

inline constexpr std::int64_t kHour = 500'000;
inline constexpr std::int64_t kStarted = kHour * 3'600'000 + 1000;  // all times: milliseconds since 1970

inline WallTime At(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

inline std::string Hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "X'";
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text + "'";
}

inline std::string Sealed(std::string_view plain, std::string_view owner) {
  return Hex(seal::Sealer(Secret(std::string(seal::kKeyBytes, 'k'))).Seal(plain, owner));
}

inline v1::KeyTerms SomeTerms() {
  v1::KeyTerms terms;
  terms.add_models("gpt-5.5");
  return terms;
}

using Row = std::map<std::string, std::string>;  // column → SQL

// For each table that any shape has: a value for each column that any shape gives it. None is a default.
inline std::map<std::string, Row> Values() {
  const std::string started = std::to_string(kStarted);
  std::map<std::string, Row> values;
  values["accounts"] = {{"position", "7"},
                        {"ref", "'a'"},
                        {"provider", "'codex'"},
                        {"label", "'mine'"},
                        {"provider_account_id", "'acct-1'"},
                        {"user_id", "'user-1'"},
                        {"email", "'a@example.com'"},
                        {"plan", "'plus'"},
                        {"egress", "'tor'"},
                        {"fedramp", "1"},
                        {"enabled", "0"},
                        {"access_token", Sealed("access-1", "accounts/a/access_token")},
                        {"refresh_token", Sealed("refresh-1", "accounts/a/refresh_token")},
                        {"id_token", Sealed("id-1", "accounts/a/id_token")},
                        {"credential_version", "5"},
                        {"created_at", "1001"},
                        {"configured_by", "'providers.codex.keys[0]'"},
                        {"priority", "3"},
                        {"weight", "4"},
                        {"token_expires_at", "1002"},
                        {"tokens_at", "1003"},
                        {"login_file", "'/home/me/auth.json'"},
                        {"tags", "'home work'"}};
  values["account_state"] = {{"account", "'a'"}, {"state", "'exhausted'"}, {"evidence", "'usage_limit_reached'"},
                             {"since", "1004"},  {"until", "1005"},        {"request_id", "'req-1'"}};
  values["account_counters"] = {{"account", "'a'"}, {"requests_total", "1"}, {"last_used_at", started}};
  values["client_keys"] = {{"id", "'key-1'"},      {"name", "'laptop'"},
                           {"hint", "'pb-…abcd'"}, {"sha256", Hex(std::string(32, '\x11'))},
                           {"created_at", "1006"}, {"revoked_at", "1007"},
                           {"quota_view", "2"},    {"terms", Hex(SomeTerms().SerializeAsString())},
                           {"expires_at", "1019"}, {"rotated_at", "1020"},
                           {"configured", "0"}};
  values["client_key_secrets"] = {
      {"client_key", "'key-1'"}, {"place", "0"}, {"sha256", Hex(std::string(32, '\x11'))}, {"valid_until", "1021"}};
  values["key_days"] = {
      {"day", std::to_string(kHour / 24)}, {"client_key_id", "'key-1'"}, {"tokens", "26"}, {"cost_nano", "19"}};
  values["usage"] = {{"position", "9"},
                     {"lease_id", "'lease-1'"},
                     {"request_id", "'req-1'"},
                     {"account", "'a'"},
                     {"client_key_id", "'key-1'"},
                     {"model", "'smart'"},
                     {"served_model", "'gpt-5.5-2026'"},
                     {"dialect", "'anthropic'"},
                     {"outcome", "1"},
                     {"input_tokens", "11"},
                     {"cached_input_tokens", "12"},
                     {"cache_write_tokens", "13"},
                     {"output_tokens", "14"},
                     {"reasoning_tokens", "15"},
                     {"started_at", started},
                     {"first_output_ms", "16"},
                     {"total_ms", "17"},
                     {"attempts", "2"},
                     {"failure", "'none'"},
                     {"provider", "'codex'"},
                     {"wire_model", "'gpt-5.5'"},
                     {"service_tier", "'priority'"},
                     {"usage_estimated", "1"},
                     {"served_tier", "'priority'"},
                     {"cost_nano", "18"},
                     {"subscription", "1"}};
  values["usage_hours"] = {{"hour", std::to_string(kHour)},
                           {"client_key_id", "'key-1'"},
                           {"account", "'a'"},
                           {"provider", "'codex'"},
                           {"model", "'gpt-5.5'"},
                           {"tier", "'priority'"},
                           {"requests", "1"},
                           {"failed", "0"},
                           {"abandoned", "0"},
                           {"lost", "0"},
                           {"estimated", "1"},
                           {"unpriced", "0"},
                           {"input_tokens", "11"},
                           {"cached_input_tokens", "12"},
                           {"cache_write_tokens", "13"},
                           {"output_tokens", "14"},
                           {"reasoning_tokens", "15"},
                           {"cost_nano", "0"},
                           {"subscription_nano", "18"},
                           {"total_ms", "17"},
                           {"first_output_ms", "16"},
                           {"first_outputs", "1"}};
  values["usage_weeks"] = {{"week_started_at", "1008"}, {"model", "'gpt-5.5'"},        {"tier", "'priority'"},
                           {"long_context", "1"},       {"client_key_id", "'key-1'"},  {"requests", "1"},
                           {"input_tokens", "11"},      {"cached_input_tokens", "12"}, {"output_tokens", "14"},
                           {"cost_nano", "18"}};
  values["refresh_intents"] = {{"account", "'a'"}, {"credential_version", "5"}, {"started_at", "1009"}};
  values["refresh_claims"] = {{"account", "'a'"},     {"credential_version", "5"}, {"owner", "'node-1'"},
                              {"claimed_at", "1009"}, {"expires_at", "1010"},      {"shown_at", "1009"}};
  values["quota_windows"] = {{"account", "'a'"},       {"family", "'codex_other'"}, {"length_s", "604800"},
                             {"used_percent", "42.5"}, {"resets_at", "1011"},       {"seen_at", "1012"},
                             {"spent_lately", "6.5"},  {"watched_since", "1013"}};
  values["quota_extras"] = {{"account", "'a'"}, {"name", "'credits'"}, {"value", "'1 0 12.50'"}};
  values["quota_points"] = {{"position", "3"}, {"account", "'a'"},       {"family", "''"},     {"length_s", "18000"},
                            {"at", "1014"},    {"used_percent", "12.5"}, {"resets_at", "1015"}};
  values["model_lists"] = {
      {"provider", "'codex'"}, {"plan", "'plus'"}, {"fetched_at", "1016"}, {"body", Hex("{\"models\":[]}")}};
  values["open_leases"] = {{"lease_id", "'lease-2'"}, {"request_id", "'req-2'"},    {"account", "'a'"},
                           {"frontend", "'fe-1'"},    {"client_key_id", "'key-1'"}, {"model", "'smart'"},
                           {"provider", "'codex'"},   {"wire_model", "'gpt-5.5'"},  {"service_tier", "'priority'"},
                           {"attempts", "2"},         {"granted_at", "1017"},       {"fallback_model", "'small'"},
                           {"asks_input", "1019"},    {"asks_output", "1020"}};
  values["affinity"] = {{"conversation", Hex("conversation-1")}, {"account", "'a'"}, {"used_at", "1018"}};
  values["logins"] = {{"id", "'lgn_1'"}, {"record", Sealed("{\"provider\":\"codex\"}", "logins/lgn_1")}};
  return values;
}

inline std::vector<Row> MetaRows() {
  return {{{"name", "'seal_check'"}, {"value", Sealed("patchbay", "meta/seal_check")}},
          {{"name", "'node'"}, {"value", Hex("node-1")}},
          {{"name", "'run'"}, {"value", Hex("run-1")}}};
}

}  // namespace patchbay::accounts::earlier_rows
