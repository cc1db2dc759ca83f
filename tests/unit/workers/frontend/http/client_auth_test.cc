#include "workers/frontend/http/client_auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>

#include "lib/base/sha256.h"
#include "lib/testing/fake_time.h"
#include "lib/time/proto_time.h"

namespace patchbay::frontend {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

accounts::v1::ClientKeyUpdate Key(const std::string& id, const std::string& key) {
  accounts::v1::ClientKeyUpdate update;
  update.mutable_upsert()->set_id(id);
  update.mutable_upsert()->mutable_terms()->set_requests_per_minute(60);
  update.mutable_upsert()->add_secrets()->set_sha256(Sha256(key));
  return update;
}
accounts::v1::ClientKeyUpdate Synced() {
  accounts::v1::ClientKeyUpdate update;
  update.set_synced(true);
  return update;
}

class ClientAuthTest : public ::testing::Test {
 protected:
  // Starts the check; the answer is there once it can be.
  std::shared_ptr<std::optional<Result<ClientKey>>> Check(std::string key) {
    return Check(std::vector<std::string>{std::move(key)});
  }
  std::shared_ptr<std::optional<Result<ClientKey>>> Check(std::vector<std::string> keys) {
    auto answer = std::make_shared<std::optional<Result<ClientKey>>>();
    const auto run = [this, answer, keys]() -> Awaitable<void> { answer->emplace(co_await auth_.Check(keys)); };
    asio::co_spawn(io_, run, [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Poll();
    return answer;
  }
  void Poll() {
    io_.restart();
    io_.poll();
  }
  asio::io_context io_;
  testing::FakeTime clock_;
  ClientAuth auth_{io_.get_executor(), clock_};
};

TEST_F(ClientAuthTest, KnowsAKeyAsItIsByNow) {
  auth_.BeginSet();
  auth_.Apply(Key("k", "good"));
  auth_.Apply(Synced());
  const ClientKey held = ***Check("good");
  auto changed = Key("k", "good");
  changed.mutable_upsert()->mutable_terms()->set_requests_per_minute(5);
  auth_.Apply(changed);
  EXPECT_EQ(held.terms->requests_per_minute(), 60);
  EXPECT_EQ(auth_.Now(held).terms->requests_per_minute(), 5);
  accounts::v1::ClientKeyUpdate removed;
  removed.set_removed("k");
  auth_.Apply(removed);
  EXPECT_EQ(auth_.Now(held).terms->requests_per_minute(), 60) << "as it was: accounts refuses what it asks for";
}

TEST_F(ClientAuthTest, WaitsForTheFirstSetOfKeysRatherThanRefuseAGoodOne) {
  auth_.BeginSet();
  const auto good = Check("good"), bad = Check("bad");
  EXPECT_FALSE(*good);
  auth_.Apply(Key("k", "good"));
  auth_.Apply(Synced());
  Poll();
  ASSERT_TRUE(*good && *bad);
  EXPECT_EQ((*good)->value().id, "k");
  EXPECT_EQ((*bad)->error().code, ErrorCode::kUnauthenticated);
}

TEST_F(ClientAuthTest, KeepsItsSetUntilTheNextOneIsWhole) {
  auth_.BeginSet();
  auth_.Apply(Key("k1", "one"));
  auth_.Apply(Synced());
  auth_.BeginSet();
  auth_.Apply(Key("k2", "two"));
  EXPECT_TRUE((*Check("one"))->ok());
  EXPECT_FALSE((*Check("two"))->ok());
  auth_.Apply(Synced());
  EXPECT_FALSE((*Check("one"))->ok()) << "it was removed while nobody watched";
  EXPECT_TRUE((*Check("two"))->ok());
}

TEST_F(ClientAuthTest, ForgetsTheOldSecretOfAKeyThatChanged) {
  auth_.BeginSet();
  auth_.Apply(Key("k", "old"));
  auth_.Apply(Synced());
  auth_.Apply(Key("k", "new"));
  EXPECT_FALSE((*Check("old"))->ok());
  EXPECT_TRUE((*Check("new"))->ok());
}

TEST_F(ClientAuthTest, LetsBothSecretsInUntilTheOldOneIsOver) {
  accounts::v1::ClientKeyUpdate update = Key("k", "new");
  auto& old = *update.mutable_upsert()->add_secrets();
  old.set_sha256(Sha256(std::string("old")));
  SetTimestamp(clock_.Now() + 1h, old.mutable_valid_until());
  auth_.BeginSet();
  auth_.Apply(update);
  auth_.Apply(Synced());
  EXPECT_EQ(auth_.size(), 1U) << "it is one key";
  EXPECT_EQ((*Check("old"))->value().id, "k");
  clock_.Advance(1h);
  EXPECT_EQ((*Check("old"))->error().message, "the client key has expired");
  EXPECT_EQ((*Check("new"))->value().id, "k");
}

TEST_F(ClientAuthTest, EndsAKeyByTheClockThoughNobodySaysSo) {
  accounts::v1::ClientKeyUpdate update = Key("k", "mine");
  SetTimestamp(clock_.Now() + 1h, update.mutable_upsert()->mutable_expires_at());
  auth_.BeginSet();
  auth_.Apply(update);
  auth_.Apply(Synced());
  EXPECT_TRUE((*Check("mine"))->ok());
  clock_.Advance(1h - 1ms);
  EXPECT_TRUE((*Check("mine"))->ok());
  clock_.Advance(1ms);
  ASSERT_FALSE((*Check("mine"))->ok());
  EXPECT_EQ((*Check("mine"))->error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ((*Check("other"))->error().message, "the client key is not valid") << "nobody learns what is not theirs";

  // Whoever still shows it does not have it sent to a provider.
  const SystemClock clock;
  const Dialects dialects(clock);
  net::HttpRequest request;
  request.headers = {{"authorization", "Bearer mine"}};
  EXPECT_TRUE(auth_.CallerLoginOf(request, dialects).access_token.empty());
}

TEST_F(ClientAuthTest, KeepsWhatIsToldOfAKeyThroughItsChanges) {
  const auto stand = [&](int requests) {
    accounts::v1::ClientKeyUpdate update;
    update.mutable_standing()->set_id("k");
    update.mutable_standing()->mutable_standing()->set_requests_this_minute(requests);
    auth_.Apply(update);
  };
  auth_.BeginSet();
  auth_.Apply(Key("k", "one"));
  auth_.Apply(Synced());
  const ClientKey held = (*Check("one"))->value();  // as a socket holds it
  stand(3);
  EXPECT_EQ(held.standing->requests_this_minute(), 3);
  auth_.Apply(Key("k", "two"));  // its terms changed
  stand(4);
  EXPECT_EQ(held.standing->requests_this_minute(), 4);
  auth_.BeginSet();  // accounts started again
  auth_.Apply(Key("k", "two"));
  stand(5);
  auth_.Apply(Synced());
  EXPECT_EQ(held.standing->requests_this_minute(), 5);
  accounts::v1::ClientKeyUpdate unlimited = Key("k", "two");
  unlimited.mutable_upsert()->clear_terms();
  auth_.Apply(unlimited);
  EXPECT_EQ(held.standing->ByteSizeLong(), 0U) << "what nobody tells of any more is not known";
}

TEST(KeyRing, ForgetsNoSecretThatAnotherKeyHasTakenOver) {
  KeyRing ring;
  ring.Upsert(Key("a", "shared").upsert());
  ring.Upsert(Key("b", "shared").upsert());
  ring.Remove("a");
  ASSERT_TRUE(ring.Find("shared", WallTime()).has_value());
  EXPECT_EQ(ring.Find("shared", WallTime())->id, "b");
}

TEST(CountsTokens, IsAskedForByLimitsOfTokensAndMoney) {
  const auto with = [](const std::function<void(accounts::v1::KeyTerms&)>& set) {
    accounts::v1::KeyTerms terms;
    set(terms);
    ClientKey key;
    key.terms = std::make_shared<const accounts::v1::KeyTerms>(terms);
    return CountsTokens(key);
  };
  EXPECT_FALSE(CountsTokens({}));
  EXPECT_FALSE(with([](auto& terms) { terms.set_requests_per_minute(1); }));
  EXPECT_TRUE(with([](auto& terms) { terms.set_tokens_per_minute(1); }));
  EXPECT_TRUE(with([](auto& terms) { terms.add_budgets(); }));
}

TEST(Source, IsAnAddressWithoutWhatASocketMakesOfIt) {
  const auto of = [](std::string_view remote) {
    net::HttpRequest request;
    request.remote_address = remote;
    return SourceOf(request);
  };
  EXPECT_EQ(of("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(of("2001:DB8::0:7"), "2001:db8::7");
  EXPECT_EQ(of("unix"), "");
}

TEST_F(ClientAuthTest, LetsInWhoShowsAKeyOfOursAmongOthers) {
  auth_.BeginSet();
  auth_.Apply(Key("k", "ours"));
  auth_.Apply(Synced());
  const std::string ours = "ours", foreign = "foreign";
  EXPECT_EQ((*Check(std::vector{foreign, ours}))->value().id, "k");
  EXPECT_EQ((*Check(std::vector{ours, foreign}))->value().id, "k");
  EXPECT_FALSE((*Check(std::vector{foreign, foreign}))->ok());
  EXPECT_FALSE((*Check(std::vector<std::string>{}))->ok());
}

TEST_F(ClientAuthTest, TakesForTheCallersLoginWhatIsNoKeyOfOurs) {
  auth_.BeginSet();
  auth_.Apply(Key("k", "ours"));
  auth_.Apply(Synced());
  const SystemClock clock;
  const Dialects dialects(clock);
  const auto login = [&](std::vector<net::HttpHeader> headers) {
    net::HttpRequest request;
    request.headers = std::move(headers);
    return auth_.CallerLoginOf(request, dialects);
  };
  const CallerLogin own = login({{"x-patchbay-key", "ours"},
                                 {"authorization", "Bearer mine"},
                                 {"chatgpt-account-id", "acc"},
                                 {"x-openai-fedramp", "true"}});
  EXPECT_EQ(own.access_token.Reveal(), "mine");
  EXPECT_EQ(own.provider_account_id, "acc");
  EXPECT_TRUE(own.fedramp);
  EXPECT_EQ(login({{"authorization", "Bearer ours"}, {"x-api-key", "mine"}}).access_token.Reveal(), "mine");
  EXPECT_TRUE(login({{"authorization", "Bearer ours"}}).access_token.empty());
  EXPECT_TRUE(login({{"authorization", "Bearer pbk_revoked"}}).access_token.empty()) << "of ours, if not valid";
  EXPECT_TRUE(login({{"chatgpt-account-id", "acc"}}).provider_account_id.empty()) << "a name alone is no login";
}

std::vector<std::string> KeysOf(std::vector<net::HttpHeader> headers, std::string_view query = {}) {
  net::HttpRequest request;
  request.headers = std::move(headers);
  request.query = query;
  static const SystemClock kClock;
  static const Dialects kDialects(kClock);
  return PresentedKeys(request, kDialects);
}

TEST(PresentedKeys, AreFoundWhereverClientsPutThem) {
  for (const char* name : {"x-api-key", "api-key", "x-goog-api-key", "X-Api-Key"}) {
    EXPECT_THAT(KeysOf({{name, "k"}}), ElementsAre("k")) << name;
  }
  EXPECT_THAT(KeysOf({}, "alt=sse&key=k"), ElementsAre("k"));
  EXPECT_THAT(KeysOf({{"authorization", "Bearer theirs"}, {"x-patchbay-key", " k "}}), ElementsAre("k", "theirs"));
  EXPECT_THAT(KeysOf({{"x-goog-api-key", "c"}, {"x-api-key", "b"}, {"Authorization", "Bearer a"}}, "key=d"),
              ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(KeysOf({{"authorization", "Bearer a"}, {"authorization", "Bearer b"}}), ElementsAre("a", "b"));
}

TEST(PresentedKeys, AreBearerTokensHoweverTheSchemeIsWritten) {
  for (const char* value : {"Bearer k", "bearer k", "BEARER k", "bEaReR  k", "Bearer\tk", " Bearer \t k "}) {
    EXPECT_THAT(KeysOf({{"authorization", value}}), ElementsAre("k")) << value;
  }
  for (const char* value : {"", " ", "Bearer", "Bearer ", "Bearerk", "Basic k", "k", "[earer k"}) {
    EXPECT_THAT(KeysOf({{"authorization", value}}), IsEmpty()) << value;
  }
}

TEST(PresentedKeys, AreNeverEmpty) {
  EXPECT_THAT(KeysOf({{"authorization", "Bearer "}, {"x-api-key", ""}, {"x-goog-api-key", " "}}, "key="), IsEmpty());
  EXPECT_THAT(KeysOf({{"authorization", "Bearer "}, {"x-api-key", "k"}}), ElementsAre("k"));
}

}  // namespace
}  // namespace patchbay::frontend
