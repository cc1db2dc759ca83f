#include "workers/frontend/call/affinity.h"

#include <gtest/gtest.h>

#include <map>

namespace patchbay::frontend {
namespace {

using Headers = std::map<std::string, std::string, std::less<>>;

Affinity Of(const Headers& headers, const Conversation& conversation = {}, std::string_view key = "k1") {
  return AffinityOf(
      [&](std::string_view name) {
        const auto it = headers.find(name);
        return it == headers.end() ? std::string_view() : std::string_view(it->second);
      },
      conversation, key);
}

Conversation With(std::string model, std::string first_turn, std::string cache_key = "") {
  Conversation conversation;
  conversation.model = std::move(model);
  conversation.first_turn = std::move(first_turn);
  conversation.cache_key = std::move(cache_key);
  return conversation;
}

TEST(Affinity, PrefersSessionHeadersThenTheCacheKeyThenTheFirstTurn) {
  const Conversation conversation = With("m", "hi", "cache");
  EXPECT_EQ(Of({{"thread-id", "t"}, {"session-id", "s"}}, conversation).source, "thread-id");
  EXPECT_EQ(Of({{"session_id", "s"}}, conversation).source, "session_id");
  EXPECT_EQ(Of({{"x-session-affinity", "s"}}, conversation).source, "x-session-affinity");
  EXPECT_EQ(Of({{"x-claude-code-session-id", "s"}}, conversation).source, "x-claude-code-session-id");
  EXPECT_EQ(Of({}, conversation).source, "prompt_cache_key");
  EXPECT_EQ(Of({}, With("m", "hi")).source, "first_turn");
}

TEST(Affinity, IsTheSameForEveryTurnOfAConversation) {
  EXPECT_EQ(Of({}, With("m", "hi")).key, Of({}, With("m", "hi")).key);
  EXPECT_NE(Of({}, With("m", "hi")).key, Of({}, With("m", "ho")).key);
  EXPECT_NE(Of({}, With("m", "hi")).key, Of({}, With("n", "hi")).key);
}

TEST(Affinity, IsNeverSharedBetweenClientKeys) {
  EXPECT_NE(Of({{"session-id", "s"}}, {}, "k1").key, Of({{"session-id", "s"}}, {}, "k2").key);
  EXPECT_NE(Of({{"session-id", "s"}}, {}, "k1").session_id, Of({{"session-id", "s"}}, {}, "k2").session_id);
}

TEST(Affinity, GivesASessionIdInTheFormOfAUuid) {
  const std::string id = Of({{"session-id", "s"}}).session_id;
  ASSERT_EQ(id.size(), 36u);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) EXPECT_EQ(id[dash], '-');
  EXPECT_EQ(id[14], '8');
}

}  // namespace
}  // namespace patchbay::frontend
