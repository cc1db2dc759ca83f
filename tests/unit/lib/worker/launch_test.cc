#include "lib/worker/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/base/random.h"

namespace patchbay::worker {
namespace {

using ::testing::HasSubstr;

const Options kAccounts{.name = "accounts", .standalone = std::nullopt};
const Options kBridge{.name = "ollama",
                      .standalone = Standalone{.peer_role = "frontend", .listener = "ollama", .default_listen = ""}};

class LaunchTest : public ::testing::Test {
 protected:
  ~LaunchTest() override {
    for (const char* name : {"PATCHBAY_SUPERVISOR", "PATCHBAY_WORKER", "PATCHBAY_ROLE_TOKEN", "PATCHBAY_GENERATION",
                             "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
      unsetenv(name);
    }
  }
  static void Set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }
};

TEST_F(LaunchTest, TakesWhatTheSupervisorGaveAndLeavesNoTokenBehind) {
  Set("PATCHBAY_SUPERVISOR", "unix:/run/supervisor.sock");
  Set("PATCHBAY_WORKER", "frontend-2");
  Set("PATCHBAY_ROLE_TOKEN", "secret");
  Set("PATCHBAY_GENERATION", "17");
  const auto launch = TakeLaunch(kAccounts, {});
  ASSERT_TRUE(launch.ok());
  EXPECT_EQ(launch->supervisor, "unix:/run/supervisor.sock");
  EXPECT_EQ(launch->name, "frontend-2");
  EXPECT_EQ(launch->generation, 17);
  EXPECT_EQ(launch->role_token.Reveal(), "secret");
  EXPECT_EQ(std::getenv("PATCHBAY_ROLE_TOKEN"), nullptr);
  EXPECT_EQ(std::getenv("PATCHBAY_SUPERVISOR"), nullptr);
}

TEST_F(LaunchTest, KnowsPassedSocketsByTheirNames) {
  Set("PATCHBAY_SUPERVISOR", "unix:/s");
  Set("LISTEN_PID", std::to_string(getpid()));
  Set("LISTEN_FDS", "3");
  Set("LISTEN_FDNAMES", "http:grpc:http");
  const auto launch = TakeLaunch(kAccounts, {});
  ASSERT_TRUE(launch.ok());
  EXPECT_EQ(launch->listeners.at("http"), (std::vector<int>{3, 5}));
  EXPECT_EQ(launch->listeners.at("grpc"), (std::vector<int>{4}));
}

TEST_F(LaunchTest, LeavesSocketsAloneThatWereMeantForAnother) {
  Set("PATCHBAY_SUPERVISOR", "unix:/s");
  Set("LISTEN_PID", std::to_string(getpid() + 1));
  Set("LISTEN_FDS", "3");
  EXPECT_TRUE(TakeLaunch(kAccounts, {})->listeners.empty());
  Set("LISTEN_PID", std::to_string(getpid()));
  Set("LISTEN_FDS", "1000000");
  EXPECT_EQ(TakeLaunch(kAccounts, {}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(LaunchTest, SaysWhoStartsAWorkerThatWasStartedByHand) {
  EXPECT_THAT(TakeLaunch(kAccounts, {}).error().message, HasSubstr("patchbayd starts it"));
  EXPECT_THAT(TakeLaunch(kBridge, {}).error().message, HasSubstr("--gateway ADDRESS"));
}

TEST_F(LaunchTest, BindsItsOwnSocketAndReadsItsTokenWhenAlone) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / RandomId("token-");
  std::ofstream(file) << "the token\n";
  CommandLine command_line;
  command_line.alone = CommandLine::Alone{.gateway = "unix:/g", .listen = "127.0.0.1:0", .token_file = file.string()};
  const auto launch = TakeLaunch(kBridge, command_line);
  std::filesystem::remove(file);
  ASSERT_TRUE(launch.ok()) << launch.error().message;
  EXPECT_EQ(launch->supervisor, "");
  EXPECT_EQ(launch->peers.at("frontend"), "unix:/g");
  EXPECT_EQ(launch->role_token.Reveal(), "the token");
  ASSERT_EQ(launch->listeners.at("ollama").size(), 1u);
  close(launch->listeners.at("ollama").front());
}

TEST_F(LaunchTest, MayWorkLaterWhenTheTokenFileIsNotThereYet) {
  CommandLine command_line;
  command_line.alone =
      CommandLine::Alone{.gateway = "unix:/g", .listen = "127.0.0.1:0", .token_file = "/nonexistent/t"};
  EXPECT_EQ(TakeLaunch(kBridge, command_line).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace patchbay::worker
