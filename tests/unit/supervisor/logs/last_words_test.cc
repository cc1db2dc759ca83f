#include "supervisor/logs/last_words.h"

#include <gtest/gtest.h>

namespace patchbay::supervisor {
namespace {

TEST(LastWords, AreTheReasonOfTheLastFailedStart) {
  asio::io_context io;
  LogHub logs(io);
  RecordMaker accounts({"accounts", 1, 1});
  RecordMaker upstream({"upstream", 1, 2});
  EXPECT_EQ(LastWords(logs, "accounts"), "");
  logs.Line(accounts, R"({"ts":"t","event":"worker.start_failed","error":"first"})");
  logs.Line(accounts, R"({"ts":"t","event":"worker.start_failed","error":"accounts.db is damaged"})");
  logs.Line(accounts, "some words after it");
  logs.Line(upstream, R"({"ts":"t","event":"worker.start_failed","error":"another's"})");
  EXPECT_EQ(LastWords(logs, "accounts"), "accounts.db is damaged");
}

TEST(LastWords, ReadARecordThatHasOtherKinds) {
  asio::io_context io;
  LogHub logs(io);
  RecordMaker extra({"extra", 1, 1});
  logs.Line(extra, R"({"ts":"t","event":"worker.start_failed","error":7})");
  EXPECT_EQ(LastWords(logs, "extra"), "");
  logs.Line(extra, R"({"ts":"t","event":5,"error":"x"})");
  EXPECT_EQ(LastWords(logs, "extra"), "");
}

TEST(LastWords, AreForgottenWhenMuchWasSaidSince) {
  asio::io_context io;
  LogHub logs(io);
  RecordMaker accounts({"accounts", 1, 1});
  logs.Line(accounts, R"({"ts":"t","event":"worker.start_failed","error":"of an earlier life"})");
  for (int i = 0; i < 100; ++i) logs.Line(accounts, R"({"ts":"t","event":"call"})");
  EXPECT_EQ(LastWords(logs, "accounts"), "");
}

}  // namespace
}  // namespace patchbay::supervisor
