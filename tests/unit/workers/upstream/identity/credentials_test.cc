#include "workers/upstream/identity/credentials.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace patchbay::upstream {
namespace {

using namespace std::chrono_literals;

class Credentials : public ::testing::Test {
 protected:
  void Upsert(const std::string& account, std::int64_t version) {
    accounts::v1::CredentialUpdate update;
    update.mutable_upsert()->set_account(account);
    update.mutable_upsert()->set_version(version);
    update.mutable_upsert()->set_access_token("t" + std::to_string(version));
    cache_.Apply(std::move(update));
  }
  void Remove(const std::string& account) {
    accounts::v1::CredentialUpdate update;
    update.set_removed(account);
    cache_.Apply(std::move(update));
  }
  void Synced() {
    accounts::v1::CredentialUpdate update;
    update.set_synced(true);
    cache_.Apply(std::move(update));
  }
  std::string TokenOf(const std::string& account, std::int64_t version, std::chrono::milliseconds timeout = 0ms) {
    std::string token = "(pending)";
    auto wait = [&]() -> Awaitable<void> {
      const auto credential = co_await cache_.Wait(account, version, timeout);
      token = credential ? credential->access_token.Reveal() : "(none)";
    };
    bool done = false;
    asio::co_spawn(io_, wait(), [&](std::exception_ptr) { done = true; });
    io_.restart();
    while (!done) io_.run_one();
    return token;
  }
  asio::io_context io_{1};
  CredentialCache cache_{io_.get_executor()};
};

TEST_F(Credentials, AreGivenAtOnceWhenKnown) {
  Upsert("a", 3);
  EXPECT_EQ(TokenOf("a", 3), "t3");
  EXPECT_EQ(TokenOf("a", 0), "t3");
}

TEST_F(Credentials, AreWaitedForUntilNewEnough) {
  Upsert("a", 1);
  asio::post(io_, [&] { Upsert("b", 9); });
  asio::post(io_, [&] { Upsert("a", 2); });
  asio::post(io_, [&] { Upsert("a", 3); });
  EXPECT_EQ(TokenOf("a", 3, 10s), "t3");
}

TEST_F(Credentials, AreNotWaitedForForever) {
  Upsert("a", 1);
  EXPECT_EQ(TokenOf("a", 2, 20ms), "(none)");
  EXPECT_EQ(TokenOf("b", 0, 20ms), "(none)");
}

TEST_F(Credentials, StayWhileTheStreamIsDownAndGoWhenNoLongerTold) {
  Upsert("a", 1);
  Upsert("b", 1);
  Synced();
  cache_.BeginSync();
  Upsert("a", 2);
  EXPECT_EQ(TokenOf("b", 1), "t1");
  Synced();
  EXPECT_EQ(TokenOf("b", 1), "(none)");
  EXPECT_EQ(TokenOf("a", 2), "t2");
  EXPECT_EQ(cache_.size(), 1u);
}

TEST_F(Credentials, GoWhenRemoved) {
  Upsert("a", 1);
  Remove("a");
  EXPECT_EQ(TokenOf("a", 0), "(none)");
}

TEST(CallersCredential, IsTheLoginThatTheCallBrought) {
  Credential granted;
  granted.account = "acc_callers";
  granted.provider = "codex";
  v1::CallerLogin login;
  EXPECT_EQ(CallersCredential(granted, login), nullptr);
  login.set_access_token("one");
  login.set_provider_account_id("a");
  const auto one = CallersCredential(granted, login);
  EXPECT_EQ(one->access_token.Reveal(), "one");
  EXPECT_EQ(one->provider_account_id, "a");
  EXPECT_TRUE(one->passes);
  EXPECT_EQ(CallersCredential(granted, login)->account, one->account) << "its connections are used again";
  EXPECT_EQ(one->account.find("one"), std::string::npos);
  login.set_access_token("two");
  EXPECT_NE(CallersCredential(granted, login)->account, one->account) << "and shared with nobody";
}

}  // namespace
}  // namespace patchbay::upstream
