#include "workers/upstream/dialects/common/unfinished_event.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(UnfinishedEvent, IsTheSameHoweverTheBytesWereSplit) {
  for (const std::string end : {"\n", "\r\n"}) {
    const std::string first = "event: a" + end + "data: 1" + end + end;
    const std::string second = "event: b" + end + "data: {\"type\"";
    const std::string all = first + second;
    for (std::size_t split = 0; split <= all.size(); ++split) {
      UnfinishedEvent unfinished;
      unfinished.Feed(std::string_view(all).substr(0, split));
      if (split == first.size()) {
        EXPECT_EQ(unfinished.bytes(), 0u);
      }
      unfinished.Feed(std::string_view(all).substr(split));
      EXPECT_EQ(unfinished.bytes(), second.size()) << split;
      std::string_view name;
      EXPECT_EQ(unfinished.ReadType(name), UnfinishedEvent::Type::kKnown);
      EXPECT_EQ(name, "b");
    }
  }
}

TEST(UnfinishedEvent, IsNoneWhileOnlyCommentsHaveCome) {
  UnfinishedEvent unfinished;
  std::string_view name;
  EXPECT_EQ(unfinished.ReadType(name), UnfinishedEvent::Type::kNone);
  unfinished.Feed(": keepalive\n");
  EXPECT_EQ(unfinished.ReadType(name), UnfinishedEvent::Type::kNone);
  unfinished.Feed("d");
  EXPECT_EQ(unfinished.ReadType(name), UnfinishedEvent::Type::kUnknown);
}

TEST(UnfinishedEvent, CountsAllOfALongOneAndKeepsItsBeginning) {
  UnfinishedEvent unfinished;
  unfinished.Feed("data: {\"type\":\"x\",\"y\":\"");
  const std::size_t begun = unfinished.bytes();
  for (int i = 0; i < 100; ++i) unfinished.Feed(std::string(1000, 'z'));
  EXPECT_EQ(unfinished.bytes(), begun + 100'000);
  std::string_view name;
  EXPECT_EQ(unfinished.ReadType(name), UnfinishedEvent::Type::kKnown);
  EXPECT_EQ(name, "x");
}

}  // namespace
}  // namespace patchbay::upstream
