#include "supervisor/system/proc_stat.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace patchbay::supervisor {
namespace {

TEST(ProcStat, ReadsTheNumbersBehindAnyName) {
  const ProcStat stat =
      ParseProcStat("42 (a) (b 1) S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 15 16 17 18 19 20 100 22 23", 4096, 100);
  EXPECT_DOUBLE_EQ(stat.cpu_seconds, 2.0);
  EXPECT_EQ(stat.rss_bytes, 100 * 4096);
  EXPECT_GT(ReadProcStat(getpid()).rss_bytes, 0);
  EXPECT_EQ(ReadProcStat(0).rss_bytes, 0);
}

}  // namespace
}  // namespace patchbay::supervisor
