#include "supervisor/logs/child_output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string_view>

#include "lib/async/spawn.h"
#include "lib/base/descriptor.h"

namespace patchbay::supervisor {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadOutputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    write_end_ = Descriptor(ends[1]);
    async::Spawn(io_, "output", Read(this, ends[0]));
  }
  static Awaitable<void> Read(ReadOutputTest* self, int fd) {
    asio::posix::stream_descriptor pipe(self->io_, fd);
    LogSource source{"probe", 2, 77};
    co_await ReadOutput(std::move(pipe), self->logs_, std::move(source));
    self->ended_ = true;
  }
  void Write(std::string_view bytes) {
    ASSERT_EQ(write(write_end_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  bool RunUntil(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < limit) io_.run_one_for(milliseconds(10));
    return done();
  }
  std::size_t Records() { return logs_.Tail("probe", 10'000).size(); }

  asio::io_context io_;
  LogHub logs_{io_};
  Descriptor write_end_{-1};
  bool ended_ = false;
};

TEST_F(ReadOutputTest, MakesARecordOfEveryLineWithWhoWroteIt) {
  Write("{\"ts\":\"t\",\"event\":\"e\"}\nplain wo");
  ASSERT_TRUE(RunUntil([&] { return Records() == 1; }));
  Write("rds\n");
  ASSERT_TRUE(RunUntil([&] { return Records() == 2; }));
  const auto who = AllOf(HasSubstr("\"worker\":\"probe\""), HasSubstr("\"generation\":2"), HasSubstr("\"pid\":77"));
  EXPECT_THAT(logs_.Tail("probe", 2),
              ElementsAre(AllOf(HasSubstr("\"event\":\"e\""), who), AllOf(HasSubstr("plain words"), who)));
  EXPECT_FALSE(ended_);
}

TEST_F(ReadOutputTest, ReadsUntilTheLastWriterIsGoneAndKeepsALineWithoutItsEnd) {
  Descriptor another(dup(write_end_.get()));  // a child of the child
  Write("last");
  write_end_.Close();
  io_.run_for(milliseconds(30));
  EXPECT_FALSE(ended_);
  EXPECT_EQ(write(another.get(), " words", 6), 6);
  another.Close();
  ASSERT_TRUE(RunUntil([&] { return ended_; }));
  EXPECT_THAT(logs_.Tail("probe", 1), ElementsAre(HasSubstr("last words")));
}

TEST_F(ReadOutputTest, LosesNothingOfMoreThanItReadsAtOnce) {
  std::string burst;
  for (int i = 0; i < 1000; ++i) burst += "line " + std::to_string(i) + std::string(40, '.') + "\n";
  ASSERT_LT(burst.size(), 64u << 10) << "a pipe holds it";
  Write(burst);
  ASSERT_TRUE(RunUntil([&] { return Records() == 1000; }));
  EXPECT_THAT(logs_.Tail("probe", 1), ElementsAre(HasSubstr("line 999.")));
}

}  // namespace
}  // namespace patchbay::supervisor
