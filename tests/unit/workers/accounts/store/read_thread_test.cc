#include "workers/accounts/store/read_thread.h"

#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <optional>
#include <utility>

#include "lib/async/spawn.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"
#include "workers/accounts/store/storage_thread.h"

namespace patchbay::accounts {
namespace {

using Read = std::function<Result<UsagePage>(StoredUsage&)>;

struct ReadThreadTest : ::testing::Test {
  ReadThreadTest() {
    auto store = OpenStore(directory.path);
    EXPECT_TRUE(store.ok());
    auto reader = (*store)->OpenReader();
    EXPECT_TRUE(reader.ok()) << reader.error().message;
    storage = std::make_unique<StorageThread>(io, std::move(*store));
    reads = std::make_unique<ReadThread>(io, std::move(*reader));
  }
  ~ReadThreadTest() override { LetGo(); }
  void LetGo() {
    if (!std::exchange(may_go, true)) let_go.set_value();
  }
  template <class Done>
  void Until(Done done) {
    while (!done()) {
      if (io.run_one() == 0) io.restart();  // it had nothing to do for a moment
    }
  }
  // Its answer is `answers[place]` once it is there.
  void Ask(Read read) {
    answers.emplace_back();
    async::Spawn(io, "read", Answer(answers.size() - 1, std::move(read)));
    io.poll();
    io.restart();
  }
  Awaitable<void> Answer(std::size_t place, Read read) {
    auto answer = co_await reads->Run<UsagePage>(std::move(read));
    answers[place].emplace(std::move(answer));
  }
  // One that lasts until LetGo.
  void AskLong() {
    Ask([this](StoredUsage& reader) {
      begun.set_value();
      may_end.wait();
      return reader.ListUsage(10, "", {});
    });
    begun.get_future().wait();
  }
  static Result<UsagePage> All(StoredUsage& reader) { return reader.ListUsage(10, "", {}); }

  TemporaryDirectory directory;
  asio::io_context io;
  bool may_go = false;
  std::promise<void> begun, let_go;
  std::shared_future<void> may_end = let_go.get_future().share();
  std::deque<std::optional<Result<UsagePage>>> answers;
  std::unique_ptr<StorageThread> storage;
  std::unique_ptr<ReadThread> reads;  // it lets go of the file first
};

TEST_F(ReadThreadTest, HoldsUpNothingThatIsWritten) {
  AskLong();
  std::optional<Result<void>> settled;
  storage->Submit(
      [](Store& store) -> Result<void> {
        ASSIGN_OR_RETURN(const auto added, store.AddUsage({AUsage("l1")}));
        (void)added;
        return {};
      },
      [&](Result<void> written) { settled.emplace(std::move(written)); });
  Until([&] { return settled.has_value(); });
  EXPECT_TRUE(settled->ok());
  EXPECT_FALSE(answers[0]) << "the read is still under way";
  LetGo();
  Until([&] { return answers[0].has_value(); });
  ASSERT_TRUE(answers[0]->ok()) << answers[0]->error().message;
  EXPECT_EQ((*answers[0])->total_rows, 1);
}

TEST_F(ReadThreadTest, RefusesMoreThanItsQueueHolds) {
  AskLong();
  for (std::size_t i = 0; i <= ReadThread::kQueueMax; ++i) Ask(All);
  ASSERT_TRUE(answers.back()) << "at once, while the others wait";
  ASSERT_FALSE(answers.back()->ok());
  EXPECT_EQ(answers.back()->error().code, ErrorCode::kResourceExhausted);
  EXPECT_FALSE(answers[1]);
  LetGo();
  Until([&] { return answers[ReadThread::kQueueMax].has_value(); });
  for (std::size_t i = 0; i <= ReadThread::kQueueMax; ++i) EXPECT_TRUE(answers[i] && answers[i]->ok()) << i;
  Ask(All);
  Until([&] { return answers.back().has_value(); });
  EXPECT_TRUE(answers.back()->ok()) << "there is room again";
}

TEST_F(ReadThreadTest, EndsWithTheReadUnderWayWhenItIsClosed) {
  AskLong();
  Ask(All);
  bool closed = false;
  const auto close = [&]() -> Awaitable<void> {
    co_await reads->Close();
    closed = true;
  };
  async::Spawn(io, "close", close());
  io.poll();
  io.restart();
  Ask(All);
  ASSERT_TRUE(answers[2]);
  ASSERT_FALSE(answers[2]->ok());
  EXPECT_EQ(answers[2]->error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(closed);
  LetGo();
  Until([&] { return closed; });
  EXPECT_TRUE(answers[0] && answers[0]->ok());
  ASSERT_TRUE(answers[1]);
  EXPECT_FALSE(answers[1]->ok()) << "it had not begun";
}

}  // namespace
}  // namespace patchbay::accounts
