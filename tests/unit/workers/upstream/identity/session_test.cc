#include "workers/upstream/identity/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

constexpr const char* kUuid = "0198c0de-0000-7000-8000-000000000001";

TEST(Session, DerivesASessionUuidPerAccount) {
  EXPECT_EQ(SessionUuid("0198C0DE-0000-7000-8000-000000000001", "a"), kUuid);
  const std::string derived = SessionUuid("my chat", "a");
  EXPECT_EQ(derived, SessionUuid("my chat", "a"));
  EXPECT_NE(derived, SessionUuid("my chat", "b"));
  EXPECT_NE(derived, SessionUuid("other", "a"));
  EXPECT_THAT(derived, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(Session, PrefersTheThreadOverOlderNames) {
  EXPECT_EQ(ForwardedSession({{"session_id", "old"}, {"Thread-Id", "new"}}), "new");
  EXPECT_EQ(ForwardedSession({{"conversation_id", "c"}}), "c");
  EXPECT_EQ(ForwardedSession({}), "");
}

TEST(Session, IsTheChosenOneElseTheClientsElseTheRequests) {
  const Headers forwarded = {{"thread-id", "theirs"}};
  EXPECT_EQ(ShownSession(kUuid, forwarded, "req", "a"), kUuid);
  EXPECT_EQ(ShownSession("", forwarded, "req", "a"), SessionUuid("theirs", "a"));
  EXPECT_EQ(ShownSession("", {}, "req", "a"), SessionUuid("req", "a"));
}

}  // namespace
}  // namespace patchbay::upstream
