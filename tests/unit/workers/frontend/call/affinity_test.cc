#include "workers/frontend/call/affinity.h"

#include <gtest/gtest.h>

#include <map>

namespace patchbay::frontend {
namespace {

using Headers = std::map<std::string, std::string, std::less<>>;

struct Asked {
  std::string model;
  AffinityFacts facts;
};

Affinity Of(const Headers& headers, const Asked& asked = {}, std::string_view key = "k1") {
  return AffinityOf(
      [&](std::string_view name) {
        const auto it = headers.find(name);
        return it == headers.end() ? std::string_view() : std::string_view(it->second);
      },
      asked.model, asked.facts, key);
}

Asked With(std::string model, std::string first_turn, std::string cache_key = "") {
  return {std::move(model), {.cache_key = std::move(cache_key), .first_turn = std::move(first_turn)}};
}

TEST(Affinity, PrefersSessionHeadersThenTheCacheKeyThenTheFirstTurn) {
  const Asked asked = With("m", "hi", "cache");
  EXPECT_EQ(Of({{"thread-id", "t"}, {"session-id", "s"}}, asked).source, "thread-id");
  EXPECT_EQ(Of({{"session_id", "s"}}, asked).source, "session_id");
  EXPECT_EQ(Of({{"x-session-affinity", "s"}}, asked).source, "x-session-affinity");
  EXPECT_EQ(Of({{"x-claude-code-session-id", "s"}}, asked).source, "x-claude-code-session-id");
  EXPECT_EQ(Of({}, asked).source, "prompt_cache_key");
  EXPECT_EQ(Of({}, With("m", "hi")).source, "first_turn");
}

TEST(Affinity, KeepsAThreadThatWorksForAnotherWithTheSession) {
  const Affinity root = Of({{"thread-id", "s"}, {"session-id", "s"}});
  const Affinity child = Of({{"thread-id", "t"}, {"session-id", "s"}, {"x-codex-parent-thread-id", "s"}});
  EXPECT_EQ(child.key, root.key);
  EXPECT_EQ(child.source, "session-id");
  EXPECT_NE(Of({{"thread-id", "t"}, {"session-id", "s"}}).key, root.key);
  EXPECT_EQ(Of({{"thread-id", "t"}, {"x-codex-parent-thread-id", "s"}}).source, "thread-id");
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
