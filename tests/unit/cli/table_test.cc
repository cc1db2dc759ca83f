#include "cli/table.h"

#include <gtest/gtest.h>

namespace patchbay::cli {
namespace {

TEST(Table, AlignsTextLeftAndNumbersRight) {
  Table table({"NAME", ">COUNT", "NOTE"});
  table.Add({"a", "1", "x"});
  table.Add({"größer", "12345", ""});
  EXPECT_EQ(table.Render(false),
            "NAME    COUNT  NOTE\n"
            "a           1  x\n"
            "größer  12345\n");
}

TEST(Table, PaintsWithoutMovingColumns) {
  Table table({"STATE", "X"});
  table.Add({{"ready", Colour::kGood}, "1"});
  EXPECT_EQ(table.Render(true), "\x1b[2mSTATE\x1b[0m  \x1b[2mX\x1b[0m\n\x1b[32mready\x1b[0m  1\n");
}

TEST(Table, MakesCellsPrintable) {
  Table table({"X"});
  table.Add({"a\x1b[2Jb\nc"});
  EXPECT_EQ(table.Render(false), "X\na?[2Jb?c\n");
}

}  // namespace
}  // namespace patchbay::cli
