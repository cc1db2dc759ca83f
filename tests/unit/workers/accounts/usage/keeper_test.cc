#include "workers/accounts/usage/keeper.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "lib/testing/configured.h"
#include "tests/unit/workers/accounts/core/core_world.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;

struct KeeperTest : ::testing::Test {
  KeeperTest()
      : thread(std::make_unique<StorageThread>(io, std::move(*OpenStore(directory.path)))),
        keeper(
            *thread, clock,
            [this](std::string_view, Awaitable<void> task) {
              asio::co_spawn(io, std::move(task), [](std::exception_ptr error) { ASSERT_FALSE(error); });
            },
            [] {
              return std::map<std::string, std::string>{{"key_1", "alice"}};
            }) {
    settings = patchbay::testing::Configured().accounts().usage();
  }
  void Add(std::int64_t rows, std::chrono::hours ago) {
    std::vector<UsageRecord> usages;
    for (std::int64_t i = 0; i < rows; ++i) {
      usages.push_back(AUsage("l" + std::to_string(++leases)));
      usages.back().started_at = clock.wall - ago;
      usages.back().client_key = ClientKeyId("key_1");
    }
    thread->Submit(
        [usages](Store& store) -> Result<void> {
          RETURN_IF_ERROR(store.AddUsage(usages));
          return {};
        },
        [](Result<void> written) { ASSERT_TRUE(written.ok()); });
    Settle();
  }
  // Until nothing is under way.
  void Settle() {
    do {
      io.restart();
      io.run();
    } while (thread->pending() > 0);
  }
  std::int64_t Rows() {
    std::int64_t rows = 0;
    thread->Submit(
        [&](Store& store) -> Result<void> {
          rows = store.ListUsage(1, "", {})->total_rows;
          return {};
        },
        nullptr);
    Settle();
    return rows;
  }
  std::string File() const {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void Tick() {
    keeper.Tick();
    Settle();
  }

  TemporaryDirectory directory;
  asio::io_context io;
  FakeClock clock;
  std::unique_ptr<StorageThread> thread;
  UsageKeeper keeper;
  config::v1::UsageBooks settings;
  const std::string path = directory.path / "usages.json";
  int leases = 0;
};

TEST_F(KeeperTest, ForgetsWhatIsOlderThanTheSettingSays) {
  settings.mutable_keep_requests()->set_seconds(24 * 3600);
  keeper.Configure(settings);
  Add(UsageKeeper::kStep * 2 + 1, 25h);
  Add(3, 1h);
  Tick();
  EXPECT_EQ(Rows(), 3) << "all of them, in steps";
}

TEST_F(KeeperTest, ForgetsTheOldestBeyondTheNumberThatIsKept) {
  settings.set_requests_max(5);
  keeper.Configure(settings);
  Add(8, 1h);
  Tick();
  EXPECT_EQ(Rows(), 5);
  Add(2, 1h);
  Tick();
  EXPECT_EQ(Rows(), 7) << "not twice a minute";
  clock.Pass(1min);
  Tick();
  EXPECT_EQ(Rows(), 5);
}

TEST_F(KeeperTest, WritesTheFileWhenSomethingHasChangedAndOnceAMinute) {
  settings.set_usages_path(path);
  keeper.Configure(settings);
  Tick();
  EXPECT_THAT(File(), HasSubstr("\"combinations\":[]"));
  Add(1, 1h);
  keeper.Changed();
  Tick();
  EXPECT_THAT(File(), HasSubstr("\"combinations\":[]")) << "not twice a minute";
  clock.Pass(1min);
  Tick();
  EXPECT_THAT(File(), HasSubstr("\"alice\":{\"request_count\":1"));
  std::filesystem::remove(path);
  clock.Pass(1min);
  Tick();
  EXPECT_EQ(File(), "") << "nothing has changed";
}

TEST_F(KeeperTest, WritesTheFileALastTime) {
  settings.set_usages_path(path);
  keeper.Configure(settings);
  Tick();
  Add(1, 1h);
  keeper.Changed();
  asio::co_spawn(io, keeper.Finish(), [](std::exception_ptr error) { ASSERT_FALSE(error); });
  Settle();
  EXPECT_THAT(File(), HasSubstr("\"request_count\":1"));
}

TEST_F(KeeperTest, TriesAgainWhereTheFileCannotBeWritten) {
  settings.set_usages_path(path);
  std::filesystem::create_directory(path + ".tmp");
  keeper.Configure(settings);
  Tick();
  EXPECT_EQ(File(), "");
  std::filesystem::remove(path + ".tmp");
  clock.Pass(1min);
  Tick();
  EXPECT_THAT(File(), HasSubstr("combinations"));
}

}  // namespace
}  // namespace patchbay::accounts
