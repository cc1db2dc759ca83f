#include "workers/accounts/store/storage_thread.h"

#include <gtest/gtest.h>

#include <atomic>

#include "lib/async/spawn.h"
#include "tests/unit/workers/accounts/store/counting_store.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

struct StorageThreadTest : ::testing::Test {
  StorageThreadTest()
      : thread(std::make_unique<StorageThread>(
            io, std::make_unique<CountingStore>(std::move(*OpenStore(directory.path)), commits, full))) {}
  // Runs the io_context until everything submitted is completed.
  void Finish() {
    Until([&] { return thread->pending() == 0; });
  }
  template <class Done>
  void Until(Done done) {
    while (!done()) {
      if (io.run_one() == 0) io.restart();  // it had nothing to do for a moment
    }
  }
  TemporaryDirectory directory;
  asio::io_context io;
  std::atomic<int> commits{0};
  std::atomic<bool> full{false};
  std::unique_ptr<StorageThread> thread;
};

TEST_F(StorageThreadTest, CommitsManyRowsTogether) {
  int acknowledged = 0;
  for (int i = 0; i < 2000; ++i) {
    thread->Submit(
        [i](Store& store) -> Result<void> {
          ASSIGN_OR_RETURN(const auto fresh, store.AddUsage({AUsage("l" + std::to_string(i))}));
          (void)fresh;
          return {};
        },
        [&](Result<void> written) { acknowledged += written.ok() ? 1 : 0; });
  }
  Finish();
  EXPECT_EQ(acknowledged, 2000);
  EXPECT_LT(commits, 1000);
}

TEST_F(StorageThreadTest, AcknowledgesNothingThatWasNotCommitted) {
  full = true;
  int refused = 0;
  for (int i = 0; i < 10; ++i) {
    thread->Submit(
        [i](Store& store) -> Result<void> {
          ASSIGN_OR_RETURN(const auto fresh, store.AddUsage({AUsage("l" + std::to_string(i))}));
          (void)fresh;
          return {};
        },
        [&](Result<void> written) {
          refused += !written.ok() && written.error().code == ErrorCode::kUnavailable ? 1 : 0;
        });
  }
  Finish();
  EXPECT_EQ(refused, 10);
  full = false;
  thread->Submit(
      [](Store& store) -> Result<void> {
        EXPECT_EQ(store.ListUsage(10, "", {})->total_rows, 0);
        return {};
      },
      nullptr);
  Finish();
}

TEST_F(StorageThreadTest, LetsOneRefusedRowLeaveItsNeighboursAlone) {
  std::vector<bool> ok;
  for (int i = 0; i < 3; ++i) {
    thread->Submit(
        [i](Store& store) -> Result<void> {
          RETURN_IF_ERROR(store.PutAccount(AnAccount("a" + std::to_string(i))));
          if (i == 1) return Error(ErrorCode::kInternal, "refused");
          return {};
        },
        [&](Result<void> written) { ok.push_back(written.ok()); });
  }
  Finish();
  EXPECT_EQ(ok, (std::vector<bool>{true, false, true}));
}

TEST_F(StorageThreadTest, RunsInACoroutine) {
  bool checked = false;
  const auto work = [](StorageThread& storage, bool& done) -> Awaitable<void> {
    StorageThread::Write write = [account = AnAccount("a")](Store& store) -> Result<bool> {
      RETURN_IF_ERROR(store.PutAccount(account));
      return true;
    };
    const Result<bool> written = co_await storage.Run<bool>(std::move(write));
    EXPECT_TRUE(written.ok());
    co_await storage.Close();
    StorageThread::Write late = [](Store&) -> Result<bool> { return true; };
    const Result<bool> refused = co_await storage.Run<bool>(std::move(late));
    EXPECT_FALSE(refused.ok());
    done = true;
  };
  async::Spawn(io, "test", work(*thread, checked));
  Until([&] { return checked; });
  EXPECT_FALSE(std::filesystem::exists(directory.path / "accounts.db-wal")) << "closed: one whole file is left";
  auto store = OpenStore(directory.path);
  EXPECT_EQ((*store)->LoadAccounts()->size(), 1u);
}

}  // namespace
}  // namespace patchbay::accounts
