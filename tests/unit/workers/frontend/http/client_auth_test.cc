#include "workers/frontend/http/client_auth.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "lib/base/sha256.h"

namespace patchbay::frontend {
namespace {

accounts::v1::ClientKeyUpdate Key(const std::string& id, const std::string& key) {
  accounts::v1::ClientKeyUpdate update;
  update.mutable_upsert()->set_id(id);
  update.mutable_upsert()->set_sha256(Sha256(key));
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
    auto answer = std::make_shared<std::optional<Result<ClientKey>>>();
    const auto run = [this, answer, key]() -> Awaitable<void> { answer->emplace(co_await auth_.Check(key)); };
    asio::co_spawn(io_, run, [](std::exception_ptr error) { ASSERT_FALSE(error); });
    Poll();
    return answer;
  }
  void Poll() {
    io_.restart();
    io_.poll();
  }
  asio::io_context io_;
  ClientAuth auth_{io_.get_executor()};
};

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

TEST(PresentedKey, IsFoundWhereverClientsPutIt) {
  const auto key = [](std::string_view name, std::string_view value, std::string_view query = {}) {
    return PresentedKey([&](std::string_view wanted) { return wanted == name ? value : std::string_view(); }, query);
  };
  EXPECT_EQ(key("authorization", "Bearer  k"), "k");
  EXPECT_EQ(key("authorization", "bearer k"), "k");
  for (const char* name : {"x-api-key", "api-key", "x-goog-api-key"}) EXPECT_EQ(key(name, "k"), "k") << name;
  EXPECT_EQ(key("", "", "alt=sse&key=k"), "k");
  EXPECT_EQ(key("x-goog-api-key", "header", "key=query"), "header");
  EXPECT_EQ(key("authorization", "Basic k"), "");
  EXPECT_EQ(key("authorization", "Bearer"), "");
}

}  // namespace
}  // namespace patchbay::frontend
