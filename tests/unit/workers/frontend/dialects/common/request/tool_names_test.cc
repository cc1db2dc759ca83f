#include "workers/frontend/dialects/common/request/tool_names.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

TEST(ToolNames, LeavesAcceptableNamesAlone) {
  ToolNames names;
  EXPECT_EQ(names.Shorten("mcp__fs__read-file"), "mcp__fs__read-file");
  EXPECT_EQ(names.Restore("mcp__fs__read-file"), "mcp__fs__read-file");
}

TEST(ToolNames, CutsLongOnesAndGivesThemBack) {
  ToolNames names;
  const std::string one = "mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_one";
  const std::string two = "mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_two";
  const std::string shortened = names.Shorten(one);
  EXPECT_EQ(shortened.size(), ToolNames::kMaxBytes);
  EXPECT_NE(shortened, names.Shorten(two));
  EXPECT_EQ(names.Restore(shortened), one);
  EXPECT_EQ(ToolNames().Shorten(one), shortened) << "the same in every turn";
  EXPECT_EQ(names.Restore(names.Shorten("get.weather")), "get.weather");
}

}  // namespace
}  // namespace patchbay::frontend
