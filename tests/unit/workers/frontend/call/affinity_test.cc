#include "workers/frontend/call/affinity.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

struct Asked {
  std::string model;
  AffinityFacts facts;
};

Affinity Of(SessionHint session, const Asked& asked = {}, std::string_view key = "k1") {
  return AffinityOf(session, asked.model, asked.facts, key);
}

Asked With(std::string model, std::string first_turn, std::string cache_key = "") {
  return {std::move(model), {.cache_key = std::move(cache_key), .first_turn = std::move(first_turn)}};
}

TEST(Affinity, PrefersTheSessionThenTheCacheKeyThenTheFirstTurn) {
  const Asked asked = With("m", "hi", "cache");
  EXPECT_EQ(Of({"thread-id", "t"}, asked).source, "thread-id");
  EXPECT_EQ(Of({}, asked).source, "prompt_cache_key");
  EXPECT_EQ(Of({}, With("m", "hi")).source, "first_turn");
}

TEST(Affinity, IsTheSameForEveryTurnOfAConversation) {
  EXPECT_EQ(Of({}, With("m", "hi")).key, Of({}, With("m", "hi")).key);
  EXPECT_NE(Of({}, With("m", "hi")).key, Of({}, With("m", "ho")).key);
  EXPECT_NE(Of({}, With("m", "hi")).key, Of({}, With("n", "hi")).key);
}

TEST(Affinity, IsNeverSharedBetweenClientKeys) {
  EXPECT_NE(Of({"session-id", "s"}, {}, "k1").key, Of({"session-id", "s"}, {}, "k2").key);
  EXPECT_NE(Of({"session-id", "s"}, {}, "k1").session_id, Of({"session-id", "s"}, {}, "k2").session_id);
}

TEST(Affinity, GivesASessionIdInTheFormOfAUuid) {
  const std::string id = Of({"session-id", "s"}).session_id;
  ASSERT_EQ(id.size(), 36u);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) EXPECT_EQ(id[dash], '-');
  EXPECT_EQ(id[14], '8');
}

}  // namespace
}  // namespace patchbay::frontend
