#include "supervisor/audit/trail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "lib/base/check.h"
#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {
namespace {

using ::testing::ElementsAre;

class TrailTest : public ::testing::Test {
 protected:
  std::unique_ptr<AuditTrail> Open(std::uintmax_t bytes = AuditTrail::kFileBytes) {
    auto trail = AuditTrail::Open(scratch_.path(), bytes);
    PATCHBAY_CHECK(trail.ok());
    return std::move(*trail);
  }
  static void Append(AuditTrail& trail, const std::string& method) {
    admin::v1::AuditRecord record;
    record.set_method(method);
    record.set_request("account=\"x\"");
    EXPECT_TRUE(trail.Append(record).ok());
  }
  static std::vector<std::string> Methods(const AuditTrail& trail, std::size_t count = 1000) {
    std::vector<std::string> methods;
    const auto records = trail.Last(count);
    PATCHBAY_CHECK(records.ok());
    for (const auto& record : *records) methods.push_back(record.method());
    return methods;
  }

  ScratchDirectory scratch_;
};

TEST_F(TrailTest, KeepsWhatWasAppendedOverARestart) {
  {
    const auto trail = Open();
    Append(*trail, "a");
    Append(*trail, "b");
    EXPECT_THAT(Methods(*trail), ElementsAre("a", "b"));
  }
  const auto trail = Open();
  Append(*trail, "c");
  EXPECT_THAT(Methods(*trail), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Methods(*trail, 2), ElementsAre("b", "c"));
  struct stat status {};
  ASSERT_EQ(stat((scratch_.path() / "audit.jsonl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(TrailTest, ClosesALineThatACrashHasCut) {
  {
    const auto trail = Open();
    Append(*trail, "a");
  }
  std::ofstream(scratch_.path() / "audit.jsonl", std::ios::app) << "{\"method\":\"cu";
  const auto trail = Open();
  Append(*trail, "b");
  EXPECT_THAT(Methods(*trail), ElementsAre("a", "b"));
}

TEST_F(TrailTest, IsBoundedByTwoFiles) {
  const auto trail = Open(2000);
  for (int i = 0; i < 200; ++i) Append(*trail, std::to_string(i));
  const auto methods = Methods(*trail);
  EXPECT_EQ(methods.back(), "199");
  EXPECT_GT(methods.size(), 20u);
  EXPECT_LT(methods.size(), 150u);
  for (const char* name : {"audit.jsonl", "audit.1.jsonl"}) {
    EXPECT_LE(std::filesystem::file_size(scratch_.path() / name), 2000u) << name;
  }
}

TEST_F(TrailTest, SaysSoWhenItCannotBeOpened) { EXPECT_FALSE(AuditTrail::Open(scratch_.path() / "nowhere").ok()); }

}  // namespace
}  // namespace patchbay::supervisor
