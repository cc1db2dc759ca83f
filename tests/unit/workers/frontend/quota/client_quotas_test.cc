#include "workers/frontend/quota/client_quotas.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

using namespace accounts::v1;  // NOLINT(google-build-using-namespace): views by their names

template <class Message>
Message Of(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

struct Told {
  Told() {
    quotas.Put(Of<PoolQuotas>(R"pb(
      pools {
        provider: "codex"
        windows { used_percent: 40 }
      }
      pools { provider: "openai" has_room: true }
      pools { provider: "own" callers_account: "acc_1" })pb"));
  }
  QuotaSight Sight(QuotaView view, const std::string& provider = {}) const {
    return quotas.SightOf(ClientKey{"ck_1", "me", view}, provider);
  }
  ClientQuotas quotas;
};

TEST(ClientQuotas, ShowsThePoolOfWhoeverAnswers) {
  const Told told;
  EXPECT_EQ(told.Sight(QUOTA_VIEW_POOL, "openai").quota->provider(), "openai");
  EXPECT_EQ(told.Sight(QUOTA_VIEW_POOL).quota->provider(), "codex");
  EXPECT_EQ(told.Sight(QUOTA_VIEW_POOL, "nobody").quota, nullptr);
  EXPECT_FALSE(told.Sight(QUOTA_VIEW_POOL, "nobody").passes) << "of what is not known nothing is shown";
}

TEST(ClientQuotas, ShowsNothingToWhoMaySeeNone) {
  const Told told;
  for (const QuotaView view : {QUOTA_VIEW_NONE, QUOTA_VIEW_OWN}) {
    EXPECT_FALSE(told.Sight(view, "codex").passes);
    EXPECT_EQ(told.Sight(view, "codex").quota, nullptr);
    EXPECT_FALSE(told.Sight(view, "own").passes);
  }
}

TEST(ClientQuotas, ShowsAKeyItsOwnBudgets) {
  const Told told;
  ClientKey key{"ck_1", "me", QUOTA_VIEW_OWN};
  key.standing = std::make_shared<const KeyStanding>(
      Of<KeyStanding>("budgets { budget { period: BUDGET_PERIOD_DAY tokens: 100 } used: 30 }"));
  const QuotaSight sight = told.quotas.SightOf(key, "codex");
  EXPECT_FALSE(sight.passes);
  ASSERT_NE(sight.quota, nullptr);
  EXPECT_DOUBLE_EQ(sight.quota->windows(0).used_percent(), 30);
  key.quota_view = QUOTA_VIEW_POOL;
  EXPECT_DOUBLE_EQ(told.quotas.SightOf(key, "codex").quota->windows(0).used_percent(), 40);
}

TEST(ClientQuotas, ShowsUpstreamsWordsToTheKeyThatTheyWereSaidTo) {
  Told told;
  EXPECT_TRUE(told.Sight(QUOTA_VIEW_UPSTREAM, "codex").passes);
  EXPECT_EQ(told.Sight(QUOTA_VIEW_UPSTREAM).quota, nullptr);
  told.quotas.Learn("ck_1", "codex", Of<inference::v1::RateLimits>("plan: 'pro' windows { used_percent: 7 }"));
  told.quotas.Learn("ck_2", "codex", Of<inference::v1::RateLimits>("plan: 'plus' windows { used_percent: 9 }"));
  told.quotas.Learn("ck_1", "codex", {});  // an answer that says nothing changes nothing
  EXPECT_EQ(told.Sight(QUOTA_VIEW_UPSTREAM).quota->plan(), "pro");
}

TEST(ClientQuotas, LetsCallersOwnLoginsSeeTheirOwn) {
  const Told told;
  EXPECT_TRUE(told.Sight(QUOTA_VIEW_POOL, "own").passes);
  EXPECT_EQ(told.Sight(QUOTA_VIEW_POOL, "own").quota, nullptr);
}

TEST(ClientQuotas, TakesTheDefaultForKeysThatSayNothing) {
  Told told;
  EXPECT_NE(told.Sight(QUOTA_VIEW_UNSPECIFIED).quota, nullptr);
  told.quotas.SetDefaultView("none");
  EXPECT_EQ(told.Sight(QUOTA_VIEW_UNSPECIFIED).quota, nullptr);
  EXPECT_NE(told.Sight(QUOTA_VIEW_POOL).quota, nullptr);
}

}  // namespace
}  // namespace patchbay::frontend
