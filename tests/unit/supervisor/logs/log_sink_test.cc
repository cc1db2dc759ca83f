#include "supervisor/logs/log_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/descriptor.h"

namespace patchbay::supervisor {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// While it lives, what is written to stdout comes to Read.
class StdoutPipe {
 public:
  StdoutPipe() : kept_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read_end_ = Descriptor(ends[0]);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
  }
  ~StdoutPipe() { PutBack(); }
  StdoutPipe(const StdoutPipe&) = delete;
  StdoutPipe& operator=(const StdoutPipe&) = delete;

  // What there is until the writer's end is closed, which PutBack does.
  std::string ReadAll() {
    std::string all;
    char buffer[65536];
    for (ssize_t count = 0; (count = read(read_end_.get(), buffer, sizeof buffer)) > 0;) all.append(buffer, count);
    return all;
  }
  void PutBack() {
    std::fflush(stdout);
    dup2(kept_.get(), STDOUT_FILENO);
  }

 private:
  Descriptor kept_;
  Descriptor read_end_{-1};
};

constexpr char kRecord[] = R"({"ts":"2026-01-02T10:42:07.123456Z","level":"info","event":"ready","ms":7})";

// What a sink of that format makes of these batches.
std::string Written(LogFormat format, const std::vector<std::string>& batches) {
  StdoutPipe pipe;
  {
    SpdlogSink sink(format);
    for (const std::string& batch : batches) sink.Write(batch);
  }  // waits until everything is out
  pipe.PutBack();
  return pipe.ReadAll();
}

TEST(SpdlogSink, PassesJsonOnAsItIs) {
  const std::string two = std::string(kRecord) + "\nnot a record\n";
  EXPECT_EQ(Written(LogFormat::kJson, {two, "third\n"}), two + "third\n");
}

TEST(SpdlogSink, ShowsEachRecordOfABatchAsALineOfText) {
  const std::string text = Written(LogFormat::kText, {std::string(kRecord) + "\n" + kRecord + "\n", "not a record\n"});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_THAT(text, HasSubstr("ready"));
  EXPECT_THAT(text, HasSubstr("ms=7"));
  EXPECT_THAT(text, Not(HasSubstr("{")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << "colours are for terminals";
  EXPECT_THAT(text, EndsWith("not a record\n"));
}

TEST(SpdlogSink, DropsTheOldestInsteadOfWaitingForAReaderThatStalls) {
  constexpr int kBatches = 4000;  // more than the queue holds and the pipe takes
  StdoutPipe pipe;
  std::string all;
  std::thread reader;
  {
    SpdlogSink sink(LogFormat::kJson);
    for (int i = 0; i < kBatches; ++i) sink.Write(std::to_string(i) + std::string(1000, '.') + "\n");
    reader = std::thread([&] { all = pipe.ReadAll(); });  // only now: whoever had waited would wait for ever
  }
  pipe.PutBack();
  reader.join();
  EXPECT_LT(std::count(all.begin(), all.end(), '\n'), kBatches);
  EXPECT_NE(all.find("\n" + std::to_string(kBatches - 1) + "..."), std::string::npos) << "the newest is there";
}

TEST(ChooseLogFormat, TakesTheOperatorsWord) {
  EXPECT_EQ(ChooseLogFormat("text"), LogFormat::kText);
  EXPECT_EQ(ChooseLogFormat("json"), LogFormat::kJson);
  EXPECT_EQ(ChooseLogFormat("journald"), LogFormat::kJournald);
}

TEST(ChooseLogFormat, LooksWhereTheStreamGoesByItself) {
  unsetenv("JOURNAL_STREAM");
  {
    const StdoutPipe pipe;
    EXPECT_EQ(ChooseLogFormat("auto"), LogFormat::kJson);
  }
  struct stat facts {};
  ASSERT_EQ(fstat(STDERR_FILENO, &facts), 0);
  const std::string ours = std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
  setenv("JOURNAL_STREAM", ours.c_str(), 1);
  EXPECT_EQ(ChooseLogFormat("auto"), LogFormat::kJournald);
  setenv("JOURNAL_STREAM", (ours + "0").c_str(), 1);  // inherited from somebody whose stderr it was
  EXPECT_NE(ChooseLogFormat("auto"), LogFormat::kJournald);
  unsetenv("JOURNAL_STREAM");
}

}  // namespace
}  // namespace patchbay::supervisor
