#include "workers/accounts/login/logins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "lib/base/encoding.h"
#include "tests/unit/workers/accounts/providers/rows.h"
#include "workers/accounts/login/requests.h"

namespace patchbay::accounts {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kTokens = R"({"access_token":"at","refresh_token":"rt","id_token":"it"})";
constexpr const char* kDeviceCode = R"({"device_auth_id":"dev","user_code":"ABCD-12345","interval":"5"})";
constexpr const char* kCallback = "http://localhost:1455/auth/callback?code=ac_1&state=state-1";

// A person, a provider and a clock around the machine.
struct World {
  Moment now{WallTime(std::chrono::seconds(1'790'000'000)), SteadyTime(1000h)};
  std::unique_ptr<Logins> logins = std::make_unique<Logins>(CatalogProviders());
  int drawn = 0;

  void Pass(std::chrono::milliseconds time) {
    now.wall += time;
    now.steady += time;
  }
  Result<std::vector<LoginStep>> TryBegin(bool by_device = false, const std::string& provider = "") {
    const std::string number = std::to_string(++drawn);
    return logins->Begin({provider, "work", by_device},
                         {LoginId("lgn_" + number), Secret("verifier-" + number), Secret("state-" + number)}, now);
  }
  LoginId Begin(bool by_device = false) {
    auto steps = TryBegin(by_device);
    EXPECT_TRUE(steps.ok()) << steps.error().message;
    return steps->back().login;
  }
  // A login by a device that waits for its person.
  LoginId BeginDevice() {
    const LoginId id = Begin(/*by_device=*/true);
    EXPECT_THAT(logins->Answered(id, 200, kDeviceCode, now), SizeIs(1));
    return id;
  }
  Result<std::vector<LoginStep>> Complete(const LoginId& id, const std::string& answer, int port = 0) {
    return logins->Complete(id, answer, port, now);
  }
  LoginPhase PhaseOf(const LoginId& id) { return logins->Find(id)->record.phase; }
  std::string Problem(const LoginId& id) { return logins->Find(id)->problem; }
  // What a crash leaves: the record that was written last.
  void CrashWith(const Secret& written) {
    logins = std::make_unique<Logins>(CatalogProviders());
    logins->Restore({*ReadLoginRecord(written.Reveal())}, now);
  }
};

TEST(Logins, LeadABrowserToAnAccount) {
  World world;
  auto begun = world.TryBegin();
  ASSERT_TRUE(begun.ok());
  ASSERT_THAT(*begun, SizeIs(1));
  EXPECT_TRUE(begun->front().write.has_value()) << "before the person is sent anywhere";
  const LoginId id = begun->front().login;
  EXPECT_EQ(world.logins->Find(id)->record.provider, "codex") << "the default one";

  const auto completed = world.Complete(id, kCallback);
  ASSERT_TRUE(completed.ok());
  ASSERT_THAT(*completed, SizeIs(1));
  ASSERT_TRUE(completed->front().write.has_value()) << "a code is good for one use";
  EXPECT_EQ(ReadLoginRecord(completed->front().write->Reveal())->code.Reveal(), "ac_1");
  ASSERT_TRUE(completed->front().ask.has_value());
  EXPECT_EQ(completed->front().ask->endpoint, LoginEndpoint::kToken);
  EXPECT_THAT(completed->front().ask->request.body.Reveal(),
              HasSubstr("code=ac_1&redirect_uri=http%3A%2F%2Flocalhost%3A1455"));
  EXPECT_THAT(completed->front().ask->request.body.Reveal(), HasSubstr("code_verifier=verifier-1"));

  const auto answered = world.logins->Answered(id, 200, kTokens, world.now);
  ASSERT_THAT(answered, SizeIs(1));
  ASSERT_TRUE(answered.front().keep.has_value());
  EXPECT_EQ(answered.front().keep->label, "work");
  EXPECT_EQ(answered.front().keep->refresh.Reveal(), "rt");
  world.logins->Kept(id, AccountId("acc_1"), true, world.now);
  EXPECT_EQ(world.PhaseOf(id), LoginPhase::kDone);
  EXPECT_EQ(world.logins->Find(id)->account, AccountId("acc_1"));
  EXPECT_EQ(world.logins->open(), 0u);
}

TEST(Logins, TakeACodeThatWasCopiedAndThePortThatIsToldWithIt) {
  World world;
  const LoginId id = world.Begin();
  const auto completed = world.Complete(id, "ac_1", 1457);
  ASSERT_TRUE(completed.ok());
  EXPECT_THAT(completed->front().ask->request.body.Reveal(), HasSubstr("localhost%3A1457"));
}

TEST(Logins, RefuseAnAnswerThatBelongsToAnotherAndGoOnWaiting) {
  World world;
  const LoginId id = world.Begin();
  for (const char* answer :
       {"http://localhost:1455/auth/callback?code=ac_1&state=state-2", "http://localhost:1455/auth/callback?code=ac_1",
        "ac_1#state", "code=ac_1&state=", "http://localhost:1455/auth/callback?error=access_denied&state=other",
        "http://localhost:8080/auth/callback?code=ac_1&state=state-1", ""}) {
    const auto completed = world.Complete(id, answer);
    ASSERT_FALSE(completed.ok()) << answer;
    EXPECT_EQ(completed.error().code, ErrorCode::kInvalidArgument) << answer;
    EXPECT_EQ(world.PhaseOf(id), LoginPhase::kWaiting) << answer;
  }
  EXPECT_TRUE(world.Complete(id, kCallback).ok());
  EXPECT_EQ(world.Complete(LoginId("lgn_9"), kCallback).error().code, ErrorCode::kNotFound);
}

TEST(Logins, TakeTheSameAnswerTwiceAndNoOther) {
  World world;
  const LoginId id = world.Begin();
  ASSERT_TRUE(world.Complete(id, kCallback).ok());
  EXPECT_THAT(*world.Complete(id, kCallback), IsEmpty());
  EXPECT_EQ(world.Complete(id, "another").error().code, ErrorCode::kFailedPrecondition);
  world.logins->Answered(id, 200, kTokens, world.now);
  world.logins->Kept(id, AccountId("acc_1"), true, world.now);
  EXPECT_THAT(*world.Complete(id, kCallback), IsEmpty()) << "the page was loaded again";
}

TEST(Logins, SayWhatThePageSaid) {
  World world;
  const LoginId id = world.Begin();
  const auto steps = world.Complete(id, "error=access_denied&error_description=You+said+no&state=state-1");
  ASSERT_TRUE(steps.ok());
  ASSERT_THAT(*steps, SizeIs(1));
  EXPECT_TRUE(steps->front().forget);
  EXPECT_EQ(world.Problem(id), "the provider's page answered access_denied (You said no); log in again");
  EXPECT_EQ(world.Complete(id, kCallback).error().message, world.Problem(id));
}

TEST(Logins, LeadADeviceToAnAccount) {
  World world;
  auto begun = world.TryBegin(/*by_device=*/true);
  ASSERT_TRUE(begun.ok());
  const LoginId id = begun->front().login;
  EXPECT_EQ(begun->front().ask->endpoint, LoginEndpoint::kDevice);
  EXPECT_FALSE(begun->front().write.has_value()) << "there is nothing to lose yet";

  auto steps = world.logins->Answered(id, 200, kDeviceCode, world.now);
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_TRUE(steps.front().write.has_value());
  EXPECT_EQ(world.logins->Find(id)->record.device.page, "https://auth.openai.com/codex/device");
  EXPECT_EQ(world.logins->Find(id)->record.device.user_code, "ABCD-12345");

  EXPECT_THAT(world.logins->Tick(world.now), IsEmpty()) << "its interval has not passed";
  world.Pass(5s);
  steps = world.logins->Tick(world.now);
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_EQ(steps.front().ask->endpoint, LoginEndpoint::kDeviceToken);
  world.Pass(60s);
  EXPECT_THAT(world.logins->Tick(world.now), IsEmpty()) << "one question at a time";
  EXPECT_THAT(world.logins->Answered(id, 403, "", world.now), IsEmpty());
  world.Pass(5s);
  EXPECT_THAT(world.logins->Tick(world.now), SizeIs(1));

  steps = world.logins->Answered(id, 200, R"({"authorization_code":"ac_2","code_verifier":"theirs"})", world.now);
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_TRUE(steps.front().write.has_value());
  EXPECT_THAT(steps.front().ask->request.body.Reveal(),
              HasSubstr("redirect_uri=https%3A%2F%2Fauth.openai.com%2Fdeviceauth%2Fcallback"));
  EXPECT_THAT(steps.front().ask->request.body.Reveal(), HasSubstr("code_verifier=theirs"));
  EXPECT_TRUE(world.logins->Answered(id, 200, kTokens, world.now).front().keep.has_value());
}

TEST(Logins, AskADevicesProviderLessOftenWhenItIsTroubled) {
  World world;
  const LoginId id = world.BeginDevice();
  world.Pass(5s);
  ASSERT_THAT(world.logins->Tick(world.now), SizeIs(1));
  EXPECT_THAT(world.logins->Answered(id, 503, "", world.now), IsEmpty());
  world.Pass(9s);
  EXPECT_THAT(world.logins->Tick(world.now), IsEmpty());
  world.Pass(1s);
  ASSERT_THAT(world.logins->Tick(world.now), SizeIs(1));
  EXPECT_THAT(world.logins->Unanswered(id, "reset", world.now), IsEmpty());
  EXPECT_EQ(world.PhaseOf(id), LoginPhase::kWaiting) << "a network that is away for a while ends no login";
}

TEST(Logins, EndWhenNobodyComes) {
  World world;
  const LoginId browser = world.Begin(), device = world.BeginDevice();
  world.Pass(15min);
  EXPECT_THAT(world.logins->Tick(world.now), SizeIs(2)) << "both records go";
  for (const LoginId& id : {browser, device}) EXPECT_EQ(world.Problem(id), "nobody finished it in time; log in again");
  world.Pass(5min);
  world.logins->Tick(world.now);
  EXPECT_EQ(world.logins->Find(browser), nullptr);
}

TEST(Logins, TryAnExchangeAgainAndSayThatItsCodeMayBeSpent) {
  World world;
  const LoginId id = world.Begin();
  ASSERT_TRUE(world.Complete(id, kCallback).ok());
  EXPECT_THAT(world.logins->Unanswered(id, "reset", world.now), IsEmpty());
  EXPECT_THAT(world.logins->Tick(world.now), IsEmpty());
  world.Pass(2s);
  ASSERT_THAT(world.logins->Tick(world.now), SizeIs(1));
  const auto steps = world.logins->Answered(id, 400, R"({"error":"invalid_grant"})", world.now);
  EXPECT_TRUE(steps.front().forget);
  EXPECT_EQ(
      world.Problem(id),
      "the provider does not take the code (token endpoint: 400 invalid_grant); an earlier try went unanswered, so "
      "most likely it has spent the code; log in again");
}

TEST(Logins, GiveAProviderUpThatNeverAnswers) {
  World world;
  const LoginId id = world.Begin();
  ASSERT_TRUE(world.Complete(id, kCallback).ok());
  int asked = 1;
  while (world.PhaseOf(id) == LoginPhase::kExchanging && asked < 100) {
    world.logins->Unanswered(id, "reset", world.now);
    world.Pass(64s);
    for (const LoginStep& step : world.logins->Tick(world.now)) asked += step.ask ? 1 : 0;
  }
  EXPECT_EQ(asked, Logins::kTries);
  EXPECT_THAT(world.Problem(id), HasSubstr("reset"));
}

TEST(Logins, GoOnAfterACrashWhileThePersonIsAway) {
  World world;
  const auto begun = world.TryBegin();
  world.Pass(10min);
  world.CrashWith(*begun->front().write);
  const LoginId id = begun->front().login;
  const auto completed = world.Complete(id, kCallback);
  ASSERT_TRUE(completed.ok()) << completed.error().message;
  EXPECT_THAT(completed->front().ask->request.body.Reveal(), HasSubstr("code_verifier=verifier-1"));
}

TEST(Logins, ShowACodeOnceMoreAfterACrash) {
  World world;
  const LoginId id = world.Begin();
  const auto completed = world.Complete(id, kCallback);
  world.CrashWith(*completed->front().write);
  const auto steps = world.logins->Tick(world.now);
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_EQ(steps.front().ask->request.body.Reveal(), completed->front().ask->request.body.Reveal());
  EXPECT_TRUE(world.logins->Answered(id, 200, kTokens, world.now).front().keep.has_value());
}

TEST(Logins, AskForADevicesCodeAgainAfterACrash) {
  World world;
  const LoginId id = world.Begin(/*by_device=*/true);
  const auto steps = world.logins->Answered(id, 200, kDeviceCode, world.now);
  world.CrashWith(*steps.front().write);
  const auto due = world.logins->Tick(world.now);
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_THAT(due.front().ask->request.body.Reveal(), HasSubstr("ABCD-12345"));
}

TEST(Logins, AreNotMovedByACalendarThatJumps) {
  World world;
  const LoginId id = world.Begin();
  world.now.wall += 24h;
  EXPECT_THAT(world.logins->Tick(world.now), IsEmpty());
  EXPECT_EQ(world.PhaseOf(id), LoginPhase::kWaiting);
  const auto completed = world.TryBegin();
  world.now.wall -= 48h;
  world.CrashWith(*completed->front().write);
  world.Pass(15min);
  EXPECT_THAT(world.logins->Tick(world.now), SizeIs(1)) << "and end all the same";
}

TEST(Logins, AreNoneWhenTheyCannotBeWrittenDown) {
  World world;
  const LoginId id = world.Begin();
  world.logins->Unwritten(id, world.now);
  EXPECT_EQ(world.logins->Find(id), nullptr);

  const LoginId later = world.Begin();
  ASSERT_TRUE(world.Complete(later, "ac_1#state-2").ok());
  world.logins->Unwritten(later, world.now);
  EXPECT_THAT(world.logins->Tick(world.now), IsEmpty());
  world.Pass(1s);
  const auto steps = world.logins->Tick(world.now);
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_TRUE(steps.front().write.has_value()) << "the code is not shown before it is written";
  EXPECT_TRUE(steps.front().ask.has_value());
}

TEST(Logins, OfferTokensAgainUntilTheDiskTakesThem) {
  World world;
  const LoginId id = world.Begin();
  ASSERT_TRUE(world.Complete(id, kCallback).ok());
  world.logins->Answered(id, 200, kTokens, world.now);
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(world.logins->NotKept(id, /*for_now=*/true, "disk full", world.now), IsEmpty());
    world.Pass(1s);
    const auto steps = world.logins->Tick(world.now);
    ASSERT_THAT(steps, SizeIs(1));
    EXPECT_EQ(steps.front().keep->refresh.Reveal(), "rt");
  }
  EXPECT_TRUE(world.logins->NotKept(id, /*for_now=*/false, "no token", world.now).front().forget);
  EXPECT_EQ(world.Problem(id), "the account cannot be added: no token");
}

TEST(Logins, MakeRoomForTheNewest) {
  World world;
  const LoginId oldest = world.Begin();
  for (std::size_t i = 1; i < Logins::kOpenMax; ++i) {
    world.Pass(1s);
    world.Begin();
  }
  auto steps = world.TryBegin();
  ASSERT_TRUE(steps.ok());
  EXPECT_TRUE(steps->front().forget);
  EXPECT_EQ(steps->front().login, oldest);
  EXPECT_EQ(world.logins->open(), Logins::kOpenMax);
  EXPECT_THAT(world.Problem(oldest), HasSubstr("too many other logins"));
}

TEST(Logins, ThatAreBeingFinishedMakeNoRoom) {
  World world;
  for (std::size_t i = 0; i < Logins::kOpenMax; ++i) {
    const LoginId id = world.Begin();
    ASSERT_TRUE(world.Complete(id, "ac").ok());
  }
  EXPECT_EQ(world.TryBegin().error().code, ErrorCode::kResourceExhausted);
}

TEST(Logins, RememberABoundedNumberThatEnded) {
  World world;
  for (std::size_t i = 0; i < 2 * Logins::kEndedMax; ++i) {
    world.Pass(1s);
    const LoginId id = world.Begin();
    ASSERT_TRUE(world.Complete(id, "error=x&state=state-" + std::to_string(world.drawn)).ok());
  }
  world.logins->Tick(world.now);
  EXPECT_EQ(world.logins->Find(LoginId("lgn_1")), nullptr);
  EXPECT_NE(world.logins->Find(LoginId("lgn_" + std::to_string(world.drawn))), nullptr);
}

TEST(Logins, AreForProvidersThatHaveThem) {
  World world;
  EXPECT_EQ(world.TryBegin(false, "nobody").error().code, ErrorCode::kInvalidArgument);
  const auto keyed = world.TryBegin(false, "groq");
  EXPECT_EQ(keyed.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(keyed.error().message, HasSubstr("get a key at"));
}

TEST(Logins, NeedAClientIdOfTheOperatorsWhereTheProviderKeepsItsOwn) {
  const Providers providers = ProvidersWith(
      R"pb(providers {
             key: "kept"
             value {
               base_url: "https://kept.example"
               auth_base_url: "https://kept.example"
               dialect: "openai_chat"
               auth {
                 mode: "oauth"
                 oauth { token_path: "/t" client_id_reserved: true device_path: "/d" }
               }
             }
           })pb");
  Logins logins(providers);
  const Moment now{WallTime(std::chrono::seconds(1)), SteadyTime(1h)};
  const auto refused = logins.Begin({"kept", "", true}, {LoginId("l"), Secret(), Secret()}, now);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("providers.kept.auth.oauth.client_id"));
}

// OpenID Connect Core §3.1.3.7: the id token repeats the nonce, or it was made for somebody else.
TEST(Logins, TakeNoIdTokenThatWasMadeForAnotherLogin) {
  const auto answer = [](const std::string& nonce) {
    const std::string claims = nonce.empty() ? R"({"sub":"u"})" : R"({"sub":"u","nonce":")" + nonce + R"("})";
    return R"({"access_token":"at","refresh_token":"rt","id_token":"e30.)" + Base64UrlEncode(claims) + R"(.c2ln"})";
  };
  const auto end = [](const std::string& body) {
    World world;
    const LoginId id = world.TryBegin(false, "grok")->back().login;
    EXPECT_TRUE(world.Complete(id, "http://127.0.0.1:56121/callback?code=c&state=state-1").ok());
    world.logins->Answered(id, 200, body, world.now);
    return world.PhaseOf(id);
  };
  EXPECT_EQ(end(answer(NonceOf(Secret("verifier-1")))), LoginPhase::kKeeping);
  EXPECT_EQ(end(answer("another")), LoginPhase::kFailed);
  EXPECT_EQ(end(answer("")), LoginPhase::kFailed);
  EXPECT_EQ(end(R"({"access_token":"at","refresh_token":"rt"})"), LoginPhase::kFailed) << "without any";
}

// What GitHub gives is kept as what renews: calls show what it is exchanged for.
TEST(Logins, KeepWhatTheirSessionsComeFrom) {
  World world;
  const LoginId id = world.TryBegin(true, "github-copilot")->back().login;
  constexpr const char* kCode =
      R"({"device_code":"d","user_code":"AB-12","verification_uri":"https://github.com/login/device","interval":5})";
  EXPECT_THAT(world.logins->Answered(id, 200, kCode, world.now), SizeIs(1));
  world.Pass(5s);
  ASSERT_THAT(world.logins->Tick(world.now), SizeIs(1));
  // GitHub refuses with 200.
  EXPECT_THAT(world.logins->Answered(id, 200, R"({"error":"slow_down","interval":10})", world.now), IsEmpty());
  world.Pass(6s);
  EXPECT_THAT(world.logins->Tick(world.now), IsEmpty()) << "it was told to ask less often";
  world.Pass(4s);
  ASSERT_THAT(world.logins->Tick(world.now), SizeIs(1));
  const auto steps = world.logins->Answered(id, 200, R"({"access_token":"gho_1","token_type":"bearer"})", world.now);
  ASSERT_THAT(steps, SizeIs(1));
  ASSERT_TRUE(steps[0].keep);
  EXPECT_TRUE(steps[0].keep->access.empty());
  EXPECT_EQ(steps[0].keep->refresh.Reveal(), "gho_1");
}

TEST(Logins, ChangeTheirRevisionWithEveryChange) {
  World world;
  const LoginId id = world.Begin();
  std::int64_t seen = world.logins->Find(id)->revision;
  EXPECT_GT(seen, 0);
  const auto rises = [&] {
    return std::exchange(seen, world.logins->Find(id)->revision) < world.logins->Find(id)->revision;
  };
  ASSERT_TRUE(world.Complete(id, kCallback).ok());
  EXPECT_TRUE(rises());
  world.logins->Answered(id, 200, kTokens, world.now);
  EXPECT_TRUE(rises());
  world.logins->Kept(id, AccountId("acc_1"), true, world.now);
  EXPECT_TRUE(rises());
}

}  // namespace
}  // namespace patchbay::accounts
