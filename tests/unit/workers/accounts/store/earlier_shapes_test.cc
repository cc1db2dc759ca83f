// A database as each earlier patchbay left it, with a row in every table it had, is brought to the newest shape and
// read through the store. A migration that adds a table or a column fails here until earlier_rows.h
// has a value for it, and with it a line here that says what becomes of those who had none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "lib/sqlite/sqlite.h"
#include "tests/unit/workers/accounts/store/earlier_rows.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"
#include "workers/accounts/store/migrations.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using namespace earlier_rows;  // NOLINT(google-build-using-namespace): the data of this test

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
      ADD_FAILURE() << "give " << table << "." << column << " a value in earlier_rows.h";
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
      ADD_FAILURE() << "give the table " << table << " a row in earlier_rows.h";
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
  EXPECT_EQ(key.secrets[0].sha256, std::string(32, '\x11'));
  EXPECT_EQ(key.secrets[0].valid_until, Since(15) ? std::optional(At(1021)) : std::nullopt);
  EXPECT_EQ(key.created_at, At(1006));
  EXPECT_EQ(key.revoked_at, At(1007));
  EXPECT_EQ(key.quota_view, Since(14) ? 2 : 0);
  EXPECT_EQ(key.terms.SerializeAsString(), Since(15) ? SomeTerms().SerializeAsString() : "") << "none is no limit";
  EXPECT_EQ(key.expires_at, Since(15) ? std::optional(At(1019)) : std::nullopt);
  EXPECT_EQ(key.rotated_at, Since(15) ? std::optional(At(1020)) : std::nullopt);
  EXPECT_FALSE(key.configured);
}

TEST_P(EarlierShapes, KeepWhatBudgetsCountOrAddItUp) {
  const auto days = store_->LoadKeyDays(std::chrono::sys_days{});
  ASSERT_TRUE(days.ok()) << days.error().message;
  ASSERT_EQ(days->size(), 1u);
  const KeyDay& day = days->front();
  EXPECT_EQ(day.key, ClientKeyId("key-1"));
  EXPECT_EQ(day.day.time_since_epoch().count(), kHour / 24);
  EXPECT_EQ(day.tokens, Since(15) ? 26 : 11 + 14);
  EXPECT_EQ(day.nano_dollars, Since(15) ? 19 : Since(11) ? 18 : 0) << "nothing where no price was kept";
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
    EXPECT_EQ(lease.terms->fallback_model, Since(15) ? "small" : "");
    EXPECT_EQ(lease.terms->input_tokens, Since(15) ? 1019 : 0);
    EXPECT_EQ(lease.terms->max_output_tokens, Since(15) ? 1020 : 0);
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
  ASSERT_TRUE(store_->AddUsage({AUsage("lease-1"), AUsage("lease-3", "b")}).ok());
  EXPECT_EQ(store_->ListUsage(10, "", {})->total_rows, 2) << "one lease is one row";
  const auto accounts = store_->LoadAccounts();
  ASSERT_EQ(accounts->size(), 2u);
  EXPECT_EQ(accounts->front().tokens.access.Reveal(), "access-2");
  EXPECT_EQ(accounts->back().ref, AccountId("b")) << "added last";
}

INSTANTIATE_TEST_SUITE_P(From, EarlierShapes, ::testing::Range(1, LatestVersion() + 1));

}  // namespace
}  // namespace patchbay::accounts
