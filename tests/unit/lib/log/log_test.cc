#include "lib/log/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "lib/base/secret.h"

namespace patchbay::log {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Record, IsOneJsonObjectOnOneLineInTheOrderOfItsFields) {
  const std::string record = Format(Level::kWarn, "frontend", "it.happened",
                                    {{"text", "a \"b\"\n\x1b[31m"}, {"count", 3}, {"ratio", 0.5}, {"late", true}});
  EXPECT_EQ(record.find('\n'), std::string::npos);
  EXPECT_THAT(record, ::testing::StartsWith("{\"ts\":\""));
  const auto json = nlohmann::ordered_json::parse(record);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("ts", "level", "process", "event", "text", "count", "ratio", "late"));
  EXPECT_EQ(json["level"], "warn");
  EXPECT_EQ(json["process"], "frontend");
  EXPECT_EQ(json["event"], "it.happened");
  EXPECT_EQ(json["text"], "a \"b\"\n\x1b[31m");
  EXPECT_EQ(json["count"], 3);
  EXPECT_EQ(json["ratio"], 0.5);
  EXPECT_EQ(json["late"], true);
}

TEST(Record, IsJsonWhateverTheTextHolds) {
  const auto json =
      nlohmann::json::parse(Format(Level::kInfo, "p", "e", {{"bytes", "\xff\xfe broken"}, {"number", std::nan("")}}));
  EXPECT_THAT(json["bytes"].get<std::string>(), HasSubstr("broken"));
  EXPECT_TRUE(json["number"].is_null());
}

TEST(Field, CannotHoldASecret) { EXPECT_FALSE((std::is_constructible_v<Field, std::string_view, const Secret&>)); }

TEST(Level, IsReadAsItIsWritten) {
  for (const Level level : {Level::kTrace, Level::kDebug, Level::kInfo, Level::kWarn, Level::kError}) {
    const auto read = ParseLevel(ToString(level));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, level);
  }
  EXPECT_FALSE(ParseLevel("loud").ok());
}

// Runs `body` in a child whose stderr is `stderr_fd`. The child ends with exit code 0.
template <class Body>
pid_t InAChild(int stderr_fd, Body body) {
  const pid_t child = fork();
  if (child == 0) {
    dup2(stderr_fd, STDERR_FILENO);
    body();
    _exit(0);
  }
  return child;
}

TEST(Stderr, GetsEveryRecordInOrderAndSeveralInOneWriteWhenTheyWait) {
  constexpr int kRecords = 2000;
  // Each write is one packet. A reader that has not begun lets the records pile up.
  std::array<int, 2> packets{};
  std::array<int, 2> written{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets.data()), 0);
  ASSERT_EQ(pipe(written.data()), 0);
  const pid_t child = InAChild(packets[1], [&] {
    InitToStderr("child");
    for (int i = 0; i < kRecords; ++i) Info("n", {{"i", i}});
    if (write(written[1], "x", 1) != 1) _exit(1);
    Flush();
  });
  close(packets[1]);
  char byte = 0;
  ASSERT_EQ(read(written[0], &byte, 1), 1);
  int writes = 0;
  std::string all;
  std::vector<char> buffer(1 << 20);
  for (ssize_t count = 1; count > 0;) {
    count = read(packets[0], buffer.data(), buffer.size());
    if (count <= 0) break;
    ++writes;
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  std::istringstream lines(all);
  int next = 0;
  for (std::string line; std::getline(lines, line); ++next) {
    EXPECT_EQ(nlohmann::json::parse(line)["i"], next);
  }
  EXPECT_EQ(next, kRecords);
  EXPECT_LT(writes, kRecords);
  for (const int fd : {packets[0], written[0], written[1]}) close(fd);
}

TEST(Stderr, GetsErrorsEvenBeforeInit) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = InAChild(ends[1], [] {
    Info("quiet");
    Error("loud");
  });
  close(ends[1]);
  std::array<char, 4096> buffer{};
  const ssize_t count = read(ends[0], buffer.data(), buffer.size());
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_GT(count, 0);
  const std::string text(buffer.data(), static_cast<std::size_t>(count));
  EXPECT_THAT(text, HasSubstr("\"event\":\"loud\""));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("quiet")));
  close(ends[0]);
}

TEST(Sink, GetsTheRecordsInsteadOfStderr) {
  const pid_t child = InAChild(STDERR_FILENO, [] {
    std::vector<std::string> taken;
    bool flushed = false;
    InitToSink(
        "patchbayd", [&](std::string record) { taken.push_back(std::move(record)); }, [&] { flushed = true; });
    SetLevel(Level::kWarn);
    Info("below");
    Warn("above");
    Flush();
    _exit(taken.size() == 1 && taken[0].find("above") != std::string::npos && flushed ? 0 : 1);
  });
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace patchbay::log
