// A database as each earlier patchbay left it, with a row in every table it had, is brought to the newest shape and
// read through the store. A migration that adds a table or a column fails here until it is given a value below, and
// with it a line that says what becomes of those who had none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "lib/sqlite/sqlite.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"
#include "workers/accounts/store/migrations.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kHour = 500'000;
constexpr std::int64_t kStarted = kHour * 3'600'000 + 1000;  // all times: milliseconds since 1970

WallTime At(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

std::string Hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "X'";
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text + "'";
}

std::string Sealed(std::string_view plain, std::string_view owner) {
  return Hex(seal::Sealer(Secret(std::string(seal::kKeyBytes, 'k'))).Seal(plain, owner));
}

v1::KeyTerms Terms() {
  v1::KeyTerms terms;
  terms.add_models("gpt-*");
  return terms;
}

using Row = std::map<std::string, std::string>;  // column → SQL

// For each table that any shape has: a value for each column that any shape gives it. None is a default.
std::map<std::string, Row> Values() {
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
                           {"quota_view", "2"},    {"terms", Hex(Terms().SerializeAsString())},
                           {"expires_at", "1019"}, {"rotated_at", "1020"},
                           {"configured", "0"}};
  values["client_key_secrets"] = {
      {"client_key", "'key-1'"}, {"place", "0"}, {"sha256", Hex(std::string(32, '\x11'))}, {"valid_until", "1021"}};
  values["key_days"] = {
      {"day", std::to_string(kHour / 24)}, {"client_key_id", "'key-1'"}, {"tokens", "25"}, {"cost_nano", "18"}};
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
                           {"attempts", "2"},         {"granted_at", "1017"}};
  values["affinity"] = {{"conversation", Hex("conversation-1")}, {"account", "'a'"}, {"used_at", "1018"}};
  values["logins"] = {{"id", "'lgn_1'"}, {"record", Sealed("{\"provider\":\"codex\"}", "logins/lgn_1")}};
  return values;
}

// What stands under names instead of columns.
std::vector<Row> MetaRows() {
  return {{{"name", "'seal_check'"}, {"value", Sealed("patchbay", "meta/seal_check")}},
          {{"name", "'node'"}, {"value", Hex("node-1")}},
          {{"name", "'run'"}, {"value", Hex("run-1")}}};
}

std::vector<std::string> Names(sqlite::Database& database, const std::string& from) {
  std::vector<std::string> names;
  // Statements are known by their address: one for each text, and none twice.
  static std::map<std::string, std::string> texts;
  const auto query = database.Prepare(texts.try_emplace(from, "SELECT name FROM " + from).first->second.c_str());
  EXPECT_TRUE(query.ok()) << from;
  while (*(*query)->Step()) names.push_back((*query)->Text(0));
  return names;
}

// The tables of this shape, those that others refer to first.
std::vector<std::string> TablesOf(sqlite::Database& database) {
  return Names(database, "sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' ORDER BY name<>'accounts'");
}

std::vector<std::string> ColumnsOf(sqlite::Database& database, const std::string& table) {
  return Names(database, "pragma_table_info('" + table + "')");
}

void Insert(sqlite::Database& database, const std::string& table, const Row& row) {
  std::string columns, values;
  for (const std::string& column : ColumnsOf(database, table)) {
    const auto value = row.find(column);
    if (value == row.end()) {
      ADD_FAILURE() << "give " << table << "." << column << " a value in Values()";
      continue;
    }
    columns += (columns.empty() ? "" : ", ") + column;
    values += (values.empty() ? "" : ", ") + value->second;
  }
  const auto done = database.Execute("INSERT OR REPLACE INTO " + table + "(" + columns + ") VALUES (" + values + ")");
  EXPECT_TRUE(done.ok()) << table << ": " << (done.ok() ? "" : done.error().message);
}

// As the patchbay of that shape left it.
void MakeDatabase(const std::filesystem::path& path, int shape) {
  auto opened = sqlite::Database::Open(path);
  ASSERT_TRUE(opened.ok());
  sqlite::Database& database = **opened;
  ASSERT_TRUE(Migrate(database, shape).ok());
  const auto values = Values();
  for (const std::string& table : TablesOf(database)) {
    if (table == "meta") {
      for (const Row& row : MetaRows()) Insert(database, table, row);
    } else if (values.contains(table)) {
      Insert(database, table, values.at(table));
    } else {
      ADD_FAILURE() << "give the table " << table << " a row in Values()";
    }
  }
}

class EarlierShapes : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    MakeDatabase(directory_.path / "accounts.db", GetParam());
    auto opened = OpenStore(directory_.path);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(*opened);
  }
  // That the shape of this case, `version` or later, has it.
  static bool Since(int version) { return GetParam() >= version; }

  TemporaryDirectory directory_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_P(EarlierShapes, KeepAccountsWithTheirTokensMarksAndCounters) {
  const auto accounts = store_->LoadAccounts();
  ASSERT_TRUE(accounts.ok()) << accounts.error().message;
  ASSERT_EQ(accounts->size(), 1u);
  const StoredAccount& account = accounts->front();
  EXPECT_EQ(account.ref, AccountId("a"));
  EXPECT_EQ(account.order, 7);
  EXPECT_EQ(account.provider, "codex");
  EXPECT_EQ(account.label, "mine");
  EXPECT_EQ(account.provider_account_id, "acct-1");
  EXPECT_EQ(account.user_id, "user-1");
  EXPECT_EQ(account.email, "a@example.com");
  EXPECT_EQ(account.plan, "plus");
  EXPECT_EQ(account.egress, "tor");
  EXPECT_TRUE(account.fedramp);
  EXPECT_FALSE(account.enabled);
  EXPECT_EQ(account.tokens.access.Reveal(), "access-1");
  EXPECT_EQ(account.tokens.refresh.Reveal(), "refresh-1");
  EXPECT_EQ(account.tokens.id.Reveal(), "id-1");
  EXPECT_EQ(account.credential_version, 5);
  EXPECT_EQ(account.created_at, At(1001));
  EXPECT_EQ(account.mark,
            (Mark{AccountState::kExhausted, "usage_limit_reached", At(1004), At(1005), RequestId("req-1")}));
  EXPECT_EQ(account.requests_total, 1) << "counted from the usage where there was no counter";
  EXPECT_EQ(account.last_used_at, At(kStarted));
  EXPECT_EQ(account.configured_by, Since(6) ? "providers.codex.keys[0]" : "");
  EXPECT_EQ(account.priority, Since(7) ? 3 : 0);
  EXPECT_EQ(account.weight, Since(7) ? 4 : 1);
  EXPECT_EQ(account.token_expires_at, Since(10) ? std::optional(At(1002)) : std::nullopt);
  EXPECT_EQ(account.tokens_at, Since(10) ? At(1003) : At(0));
  EXPECT_EQ(account.login_file, Since(12) ? "/home/me/auth.json" : "");
  EXPECT_EQ(account.tags, Since(13) ? (std::vector<std::string>{"home", "work"}) : std::vector<std::string>{});
}

TEST_P(EarlierShapes, KeepWhatIsKnownOfQuota) {
  const auto account = store_->LoadAccount(AccountId("a"));
  ASSERT_TRUE(account.ok() && account->has_value());
  const QuotaState& quota = (*account)->quota;
  ASSERT_EQ(quota.windows.size(), Since(2) ? 1u : 0u);
  if (Since(2)) {
    const Window& window = quota.windows.front();
    EXPECT_EQ(window.family, "codex_other");
    EXPECT_EQ(window.length, std::chrono::days(7));
    EXPECT_EQ(window.used_percent, 42.5);
    EXPECT_EQ(window.resets_at, At(1011));
    EXPECT_EQ(window.seen_at, At(1012));
    EXPECT_EQ(window.spent_lately, Since(14) ? 6.5 : 0);
    EXPECT_EQ(window.watched_since, Since(14) ? At(1013) : At(1012)) << "watched since it was last seen";
  }
  EXPECT_EQ(quota.credits.has_value(), Since(14));
  if (quota.credits) {
    EXPECT_EQ(quota.credits->balance, "12.50");
  }
  const auto points = store_->ListQuotaPoints(AccountId("a"), At(0), 10);
  ASSERT_TRUE(points.ok());
  if (Since(14)) {
    EXPECT_THAT(points->points, ElementsAre(QuotaPoint{"", std::chrono::hours(5), 12.5, At(1015), At(1014)}));
  } else {
    EXPECT_THAT(points->points, IsEmpty());
  }
}

TEST_P(EarlierShapes, KeepClientKeys) {
  const auto keys = store_->LoadClientKeys();
  ASSERT_TRUE(keys.ok()) << keys.error().message;
  ASSERT_EQ(keys->size(), 1u);
  const StoredClientKey& key = keys->front();
  EXPECT_EQ(key.id, ClientKeyId("key-1"));
  EXPECT_EQ(key.name, "laptop");
  EXPECT_EQ(key.hint, "pb-…abcd");
  ASSERT_EQ(key.secrets.size(), 1u);
  EXPECT_EQ(key.secrets.front().sha256, std::string(32, '\x11'));
  EXPECT_EQ(key.secrets.front().valid_until, Since(15) ? std::optional(At(1021)) : std::nullopt);
  EXPECT_EQ(key.terms.models_size(), Since(15) ? 1 : 0) << "it was good for everything, and is";
  EXPECT_EQ(key.expires_at, Since(15) ? std::optional(At(1019)) : std::nullopt);
  EXPECT_EQ(key.rotated_at, Since(15) ? std::optional(At(1020)) : std::nullopt);
  EXPECT_FALSE(key.configured);
  EXPECT_EQ(key.created_at, At(1006));
  EXPECT_EQ(key.revoked_at, At(1007));
  EXPECT_EQ(key.quota_view, Since(14) ? 2 : 0);
}

TEST_P(EarlierShapes, KeepWhatKeysHaveUsedOfTheDay) {
  const std::chrono::sys_days day{std::chrono::days(kHour / 24)};
  EXPECT_THAT(*store_->LoadKeyDays({}), ElementsAre(KeyDay{ClientKeyId("key-1"), day, 25, Since(11) ? 18 : 0}));
}

TEST_P(EarlierShapes, KeepUsageRowByRow) {
  const auto page = store_->ListUsage(10, "", {});
  ASSERT_TRUE(page.ok()) << page.error().message;
  ASSERT_EQ(page->rows.size(), 1u);
  const UsageRecord& row = page->rows.front();
  EXPECT_EQ(row.lease, LeaseId("lease-1"));
  EXPECT_EQ(row.request, RequestId("req-1"));
  EXPECT_EQ(row.account, AccountId("a"));
  EXPECT_EQ(row.client_key, ClientKeyId("key-1"));
  EXPECT_EQ(row.model, "smart");
  EXPECT_EQ(row.served_model, "gpt-5.5-2026");
  EXPECT_EQ(row.dialect, "anthropic");
  EXPECT_EQ(row.outcome, 1);
  EXPECT_EQ(row.input_tokens, 11);
  EXPECT_EQ(row.cached_input_tokens, 12);
  EXPECT_EQ(row.cache_write_tokens, 13);
  EXPECT_EQ(row.output_tokens, 14);
  EXPECT_EQ(row.reasoning_tokens, 15);
  EXPECT_EQ(row.started_at, At(kStarted));
  EXPECT_EQ(row.first_output, std::chrono::milliseconds(16));
  EXPECT_EQ(row.total, std::chrono::milliseconds(17));
  EXPECT_EQ(row.attempts, 2);
  EXPECT_EQ(row.failure, "none");
  EXPECT_EQ(row.provider, "codex") << "its account's, where the row had none";
  EXPECT_EQ(row.wire_model, Since(4) ? "gpt-5.5" : "");
  EXPECT_EQ(row.service_tier, Since(4) ? "priority" : "");
  EXPECT_EQ(row.usage_estimated, Since(4));
  EXPECT_EQ(row.served_tier, Since(11) ? "priority" : "");
  EXPECT_EQ(row.cost_nano_dollars, Since(11) ? std::optional<std::int64_t>(18) : std::nullopt);
  EXPECT_EQ(row.subscription, Since(11));
}

TEST_P(EarlierShapes, KeepTheSumsOrMakeThem) {
  UsageQuestion question;
  question.by = UsageBy::kModel;
  question.filter.since = At(kHour * 3'600'000);
  question.filter.until = At((kHour + 1) * 3'600'000);
  question.limit = 10;
  const auto sums = store_->SumUsage(question);
  ASSERT_TRUE(sums.ok()) << sums.error().message;
  ASSERT_EQ(sums->groups.size(), 1u);
  EXPECT_EQ(sums->groups.front().of, Since(4) ? "gpt-5.5" : "");
  const UsageSum& sum = sums->groups.front().sum;
  EXPECT_EQ(sum.requests, 1);
  EXPECT_EQ(sum.input_tokens, 11);
  EXPECT_EQ(sum.cached_input_tokens, 12);
  EXPECT_EQ(sum.cache_write_tokens, 13);
  EXPECT_EQ(sum.output_tokens, 14);
  EXPECT_EQ(sum.reasoning_tokens, 15);
  EXPECT_EQ(sum.total_ms, 17);
  EXPECT_EQ(sum.first_output_ms, 16);
  EXPECT_EQ(sum.unpriced, Since(11) ? 0 : 1);
  EXPECT_EQ(sum.subscription_nano_dollars, Since(11) ? 18 : 0);
  const auto weeks = store_->LoadWeeks();
  ASSERT_TRUE(weeks.ok());
  ASSERT_EQ(weeks->size(), Since(11) ? 1u : 0u) << "the file of weeks began with shape 11";
  if (Since(11)) {
    EXPECT_EQ(weeks->front().week_started_at, At(1008));
    EXPECT_TRUE(weeks->front().long_context);
    EXPECT_EQ(weeks->front().cost_nano_dollars, 18);
  }
}

TEST_P(EarlierShapes, KeepWhatWasUnderWay) {
  const auto claims = store_->LoadClaims();
  ASSERT_TRUE(claims.ok());
  ASSERT_EQ(claims->size(), Since(2) ? 1u : 0u);
  if (Since(2)) {
    EXPECT_EQ(claims->front().credential_version, 5);
    EXPECT_EQ(claims->front().owner, Since(10) ? "node-1" : "");
    EXPECT_EQ(claims->front().shown_at, At(1009));
  }
  const auto leases = store_->LoadOpenLeases();
  ASSERT_TRUE(leases.ok());
  ASSERT_EQ(leases->size(), Since(5) ? 1u : 0u);
  if (Since(5)) {
    const HeldLease& lease = leases->front();
    EXPECT_EQ(lease.lease, LeaseId("lease-2"));
    EXPECT_EQ(lease.frontend, FrontendId("fe-1"));
    EXPECT_EQ(lease.client_key, ClientKeyId("key-1"));
    EXPECT_EQ(lease.wire_model, "gpt-5.5");
    EXPECT_EQ(lease.granted_at, At(1017));
    EXPECT_EQ(lease.terms->model, "smart");
    EXPECT_EQ(lease.terms->service_tier, "priority");
  }
  const auto logins = store_->LoadLogins();
  ASSERT_TRUE(logins.ok()) << logins.error().message;
  ASSERT_EQ(logins->size(), Since(9) ? 1u : 0u);
  if (Since(9)) {
    EXPECT_EQ(logins->front().record.Reveal(), "{\"provider\":\"codex\"}");
  }
}

TEST_P(EarlierShapes, KeepWhatWasLearnt) {
  EXPECT_EQ(*store_->Node(), "node-1");
  EXPECT_TRUE(*store_->BeginRun("run-1"));
  const auto lists = store_->LoadModelLists();
  ASSERT_TRUE(lists.ok());
  ASSERT_EQ(lists->size(), Since(3) ? 1u : 0u);
  if (Since(3)) {
    EXPECT_EQ(lists->front().body, "{\"models\":[]}");
  }
  const auto bindings = store_->LoadAffinity(10);
  ASSERT_TRUE(bindings.ok());
  ASSERT_EQ(bindings->size(), Since(8) ? 1u : 0u);
  if (Since(8)) {
    EXPECT_EQ(bindings->front().key, "conversation-1");
  }
}

// What it became can be written to like a new one.
TEST_P(EarlierShapes, GoOnFromThere) {
  StoredAccount account = *store_->LoadAccount(AccountId("a")).value();
  account.tokens.access = Secret("access-2");
  account.credential_version = 6;
  ASSERT_TRUE(*store_->PutTokens(account, 5));
  EXPECT_THAT(*store_->LoadClaims(), IsEmpty()) << "the claim ends with its tokens";
  ASSERT_TRUE(store_->PutAccount(AnAccount("b")).ok());
  EXPECT_THAT(*store_->AddUsage({AUsage("lease-1"), AUsage("lease-3", "b")}),
              ElementsAre(RowAdded::kKnown, RowAdded::kNew));
  const auto accounts = store_->LoadAccounts();
  ASSERT_EQ(accounts->size(), 2u);
  EXPECT_EQ(accounts->front().tokens.access.Reveal(), "access-2");
  EXPECT_EQ(accounts->back().ref, AccountId("b")) << "added last";
}

INSTANTIATE_TEST_SUITE_P(From, EarlierShapes, ::testing::Range(1, LatestVersion() + 1));

}  // namespace
}  // namespace patchbay::accounts
