#include "workers/accounts/pool/operator_verdict.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "tests/unit/workers/accounts/pool/pool_world.h"

namespace patchbay::accounts {
namespace {

std::vector<OperatorVerdict> Rows(const std::string& text) {
  config::v1::Accounts config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config));
  return OperatorVerdictsOf(config);
}

const std::string kBusy =
    "verdicts { key: 'busy' value { status: '500-599' says: 'Slow Down' means: 'throttle' rest { seconds: 90 } } }";

FailureFacts Saying(FailureFacts failure, std::string message) {
  failure.message = std::move(message);
  return failure;
}

Verdict Judge(const std::vector<OperatorVerdict>& rows, const FailureFacts& failure) {
  return Classify(failure, {}, World().now.wall, rows, "codex");
}

TEST(OperatorVerdict, ComesBeforeOurOwn) {
  const auto rows = Rows(kBusy);
  const Verdict theirs = Judge(rows, Saying(Status(500), "please slow down now"));
  EXPECT_EQ(theirs.rule, "busy");
  EXPECT_EQ(theirs.effect, Effect::kThrottle);
  EXPECT_EQ(theirs.until, World().now.wall + 90s);
  EXPECT_EQ(Judge(rows, Saying(Status(500), "another trouble")).rule, "server_failure");
  EXPECT_EQ(Judge(rows, Saying(Status(429), "slow down")).rule, "too_many_requests");
}

TEST(OperatorVerdict, BelievesTheTimeThatTheProviderNames) {
  FailureFacts failure = Saying(Status(503), "slow down");
  failure.retry_after = 7s;
  EXPECT_EQ(Judge(Rows(kBusy), failure).until, World().now.wall + 7s);
  failure.retry_after = 24h * 10'000;
  EXPECT_EQ(Judge(Rows(kBusy), failure).until, World().now.wall + 90s) << "no window is that long";
}

TEST(OperatorVerdict, MatchesAllThatItNames) {
  const auto rows = Rows(
      "verdicts { key: 'a' value { provider: 'openai' status: '403' means: 'ban' } }"
      "verdicts { key: 'b' value { code: 'gone' means: 'stop' } }"
      "verdicts { key: 'c' value { status: '403' means: 'elsewhere' } }");
  EXPECT_EQ(Judge(rows, Status(403)).rule, "c") << "another provider's row";
  EXPECT_EQ(Judge(rows, Status(403, "gone")).rule, "b") << "in the order of their names";
  FailureFacts by_type = Status(418);
  by_type.type = "gone";
  EXPECT_EQ(Judge(rows, by_type).rule, "b");
  EXPECT_EQ(Classify(Status(403), {}, World().now.wall, rows, "openai").effect, Effect::kBan);
}

TEST(OperatorVerdict, IsNotAskedWhereNobodyAnswered) {
  const auto rows = Rows("verdicts { key: 'a' value { says: 'x' means: 'ban' } }");
  for (const Stage stage : {Stage::kConnect, Stage::kTls, Stage::kStream, Stage::kGateway}) {
    EXPECT_NE(Judge(rows, Saying(Stopped(stage), "x")).rule, "a");
  }
  FailureFacts challenge = Saying(Status(403), "x");
  challenge.challenge = true;
  EXPECT_EQ(Judge(rows, challenge).rule, "challenge");
  EXPECT_EQ(Judge(rows, Saying(Stopped(Stage::kReported), "x")).rule, "a") << "an error event is an answer";
}

TEST(OperatorVerdict, IsWeakUnlessItSaysOtherwise) {
  for (const bool strong : {false, true}) {
    PoolSettings settings = DefaultSettings();
    settings.verdicts = Rows(std::string("verdicts { key: 'a' value { status: '418' means: 'exhaust' strong: ") +
                             (strong ? "true" : "false") + " rest { seconds: 3600 } } }");
    World world(settings);
    const AccountId a = world.Add("a"), b = world.Add("b");
    world.Retry(world.MustGrant("r1"), Status(418));
    const auto second = world.One<Granted>();
    ASSERT_TRUE(second.has_value());
    world.Retry(*second, Status(418));
    const auto state = strong ? AccountState::kExhausted : AccountState::kActive;
    EXPECT_EQ(world.StateOf(a), state);
    EXPECT_EQ(world.StateOf(b), state);
    EXPECT_EQ(world.One<Denied>()->code, strong ? DenyCode::kExhausted : DenyCode::kRequestFault);
  }
}

}  // namespace
}  // namespace patchbay::accounts
