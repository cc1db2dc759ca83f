// A writer is killed at random moments: whatever it was told is durable is there afterwards, and nothing twice.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <random>
#include <set>

#include "tests/unit/workers/accounts/store/store_fixture.h"
#include "workers/accounts/store/storage_thread.h"

namespace patchbay::accounts {
namespace {

constexpr int kRounds = 12;

// Writes rows and token versions for ever; tells each acknowledged number on the pipe.
[[noreturn]] void WriteForEver(const std::filesystem::path& directory, int first, int pipe) {
  auto store = OpenStore(directory);
  if (!store.ok()) _exit(3);
  asio::io_context io;
  StorageThread thread(io, std::move(*store));
  for (int number = first;; ++number) {
    thread.Submit(
        [number](Store& s) -> Result<void> {
          ASSIGN_OR_RETURN(const auto fresh, s.AddUsage({AUsage("lease-" + std::to_string(number))}));
          (void)fresh;
          StoredAccount account = AnAccount("a");
          account.credential_version = number;
          account.tokens.refresh = Secret("refresh-" + std::to_string(number));
          ASSIGN_OR_RETURN(const bool follows, s.PutTokens(account, number - 1));
          if (follows) return {};
          return number == 1 ? s.PutAccount(account) : Error(ErrorCode::kInternal, "a version is missing");
        },
        [number, pipe](Result<void> written) {
          if (!written.ok()) _exit(4);
          const std::int32_t told = number;
          if (write(pipe, &told, sizeof told) != sizeof told) _exit(5);
        });
    if (number % 7 == 0) {
      while (thread.pending() > 3) io.run_one();
    }
  }
}

TEST(StoreCrash, LosesNothingThatWasAcknowledged) {
  TemporaryDirectory directory;
  std::mt19937 random(7);
  std::set<std::int32_t> acknowledged;
  int next = 1;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      WriteForEver(directory.path, next, ends[1]);
    }
    close(ends[1]);
    // Killed after a random number of acknowledgements, in the middle of whatever it is doing then.
    const std::size_t enough = acknowledged.size() + 1 + random() % 150;
    std::int32_t number = 0;
    while (acknowledged.size() < enough && read(ends[0], &number, sizeof number) == sizeof number)
      acknowledged.insert(number);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
    while (read(ends[0], &number, sizeof number) == sizeof number) acknowledged.insert(number);
    close(ends[0]);

    auto store = OpenStore(directory.path);
    ASSERT_TRUE(store.ok()) << store.error().message;
    const auto page = (*store)->ListUsage(1'000'000, "", {});
    ASSERT_TRUE(page.ok());
    std::set<std::string> rows;
    for (const UsageRecord& row : page->rows) EXPECT_TRUE(rows.insert(row.lease.str()).second);
    for (const std::int32_t told : acknowledged) EXPECT_TRUE(rows.contains("lease-" + std::to_string(told))) << told;
    const auto accounts = (*store)->LoadAccounts();
    ASSERT_TRUE(accounts.ok());
    ASSERT_EQ(accounts->size(), 1u);
    EXPECT_GE(accounts->front().credential_version, *acknowledged.rbegin());
    EXPECT_EQ(accounts->front().tokens.refresh.Reveal(),
              "refresh-" + std::to_string(accounts->front().credential_version));
    EXPECT_EQ(accounts->front().requests_total,
              static_cast<std::int64_t>(rows.size()) - (rows.contains("lease-1") ? 1 : 0));
    UsageQuestion question;
    question.filter.since = AUsage("any").started_at - std::chrono::hours(10);
    question.filter.until = AUsage("any").started_at + std::chrono::hours(10);
    const auto sums = (*store)->SumUsage(question);
    ASSERT_TRUE(sums.ok());
    EXPECT_EQ(sums->all.requests, static_cast<std::int64_t>(rows.size())) << "rows and their sums are one";
    EXPECT_EQ(sums->all.output_tokens, static_cast<std::int64_t>(rows.size()) * AUsage("any").output_tokens);
    next = static_cast<int>(accounts->front().credential_version) + 1;
  }
}

}  // namespace
}  // namespace patchbay::accounts
