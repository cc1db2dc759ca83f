#include "workers/accounts/tokens/shared_logins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/workers/accounts/core/core_world.h"
#include "workers/accounts/providers/registry.h"

namespace patchbay::accounts {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A Codex CLI with a login in its file, which the account shares.
struct SharedWorld : CoreWorld {
  explicit SharedWorld(std::chrono::milliseconds lives = 240h) {
    std::filesystem::create_directory(directory.path / "cli");
    LogIn("rt_1", 0ms, lives);
    account = Share();
    Look();
  }
  std::string Token(std::chrono::milliseconds issued_in, std::chrono::milliseconds lives,
                    const std::string& whose = "acct") {
    return IssuedJwt(clock.wall + issued_in, clock.wall + issued_in + lives, whose);
  }
  // What the CLI writes when it has logged in, or has renewed its login.
  void LogIn(const std::string& refresh, std::chrono::milliseconds issued_in = 0ms,
             std::chrono::milliseconds lives = 240h, const std::string& whose = "acct") {
    Write(R"({"auth_mode":"chatgpt","theirs":[1],"tokens":{"access_token":")" + Token(issued_in, lives, whose) +
          R"(","refresh_token":")" + refresh + R"(","account_id":")" + whose + "\"}}");
  }
  void Write(const std::string& text) { std::ofstream(file) << text; }
  std::string Text() {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string FileToken() { return FindLogin("codex")->file->read(Text())->refresh.Reveal(); }
  AccountId Share() {
    auto read = Await(shared().Read(file.string()));
    EXPECT_TRUE(read.ok()) << read.error().message;
    std::vector<NewAccount> accounts;
    accounts.push_back(std::move(*read));
    const auto added = Await(this->accounts().Add(std::move(accounts)));
    EXPECT_TRUE(added.front().ok());
    Settle();
    return added.front()->account;
  }
  // As Core does every second, after two of them.
  void Look() {
    clock.Pass(SharedLogins::kLookEvery);
    shared().Tick([](const AccountId&) { return false; });
    Settle();
  }
  void AnswerWith(const std::string& refresh) {
    fetcher->Answer(200, R"({"access_token":")" + Token(0ms, 240h) + R"(","refresh_token":")" + refresh + "\"}");
  }
  Result<void> Refresh() { return Await(refresher().RefreshNow(account)); }

  std::filesystem::path file = directory.path / "cli" / "auth.json";
  AccountId account;
};

TEST(SharedLogins, LeaveARenewedLoginInTheFile) {
  SharedWorld world;
  world.clock.Pass(1h);
  world.AnswerWith("rt_2");
  EXPECT_TRUE(world.Refresh().ok());
  EXPECT_EQ(world.FileToken(), "rt_2");
  EXPECT_THAT(world.Text(), HasSubstr("\"theirs\": [\n    1\n  ]")) << "what it says besides is kept";
  EXPECT_THAT(world.Text(), HasSubstr("last_refresh"));
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_2");
  EXPECT_TRUE(LockSharedFile(world.file).ok()) << "given back";
  world.Look();
  EXPECT_EQ(world.accounts().Find(world.account)->credential_version, 2) << "nothing new";
  world.Crash();
  world.Start();
  EXPECT_EQ(world.accounts().Find(world.account)->login_file, world.file.string());
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_2");
}

TEST(SharedLogins, TakeANewerLoginFromTheFileInsteadOfAsking) {
  SharedWorld world;
  world.clock.Pass(1h);
  world.LogIn("rt_theirs");
  EXPECT_TRUE(world.Refresh().ok());
  EXPECT_THAT(world.fetcher->bodies, IsEmpty());
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_theirs");
  EXPECT_EQ(world.FileToken(), "rt_theirs");
}

TEST(SharedLogins, SeeThatTheOtherProgramHasRenewedIt) {
  SharedWorld world;
  world.Carry(world.pool().RefreshRefused(world.account, "refresh_token_reused", world.Now()));
  world.clock.Pass(1h);
  world.LogIn("rt_theirs");
  world.Look();
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_theirs");
  EXPECT_EQ(world.StateOf(world.account), AccountState::kActive) << "nobody has to log in";
  EXPECT_EQ((*(*OpenStore(world.directory.path))->LoadAccount(world.account))->tokens.refresh.Reveal(), "rt_theirs");
}

TEST(SharedLogins, GiveWayToTheFileInARace) {
  SharedWorld world;
  world.clock.Pass(1h);
  world.fetcher->on_token = [&] { world.LogIn("rt_theirs", 1s); };
  world.AnswerWith("rt_ours");
  EXPECT_TRUE(world.Refresh().ok());
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_theirs");
  EXPECT_EQ(world.FileToken(), "rt_theirs");
  EXPECT_TRUE((*OpenStore(world.directory.path))->LoadClaims()->empty());
}

TEST(SharedLogins, TakeARefusalForTheOthersRefresh) {
  SharedWorld world;
  world.clock.Pass(1h);
  world.fetcher->on_token = [&] { world.LogIn("rt_theirs", 1s); };
  world.fetcher->Answer(401, R"({"error":{"code":"refresh_token_reused"}})");
  EXPECT_TRUE(world.Refresh().ok());
  EXPECT_EQ(world.StateOf(world.account), AccountState::kActive);
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_theirs");
}

TEST(SharedLogins, WriteWhatACrashKeptFromTheFile) {
  SharedWorld world;
  const std::string before = world.Text();
  world.clock.Pass(1h);
  world.AnswerWith("rt_2");
  EXPECT_TRUE(world.Refresh().ok());
  world.Write(before);  // as if it had never been written
  world.Look();
  EXPECT_EQ(world.FileToken(), "rt_2");
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_2");
}

TEST(SharedLogins, UseTheAccessTokenUpWhenTheFileIsGone) {
  SharedWorld world(/*lives=*/10min);
  std::filesystem::remove(world.file);
  world.Look();
  EXPECT_THAT(world.shared().ProblemOf(world.account), HasSubstr("auth.json is gone: log in again with the program"));
  world.clock.Pass(6min);
  world.refresher().Tick();
  world.Settle();
  EXPECT_THAT(world.fetcher->bodies, IsEmpty()) << "the person may have logged out";
  EXPECT_EQ(world.StateOf(world.account), AccountState::kActive);
  EXPECT_FALSE(world.Refresh().ok());
  world.clock.Pass(5min);
  world.Look();
  EXPECT_EQ(world.StateOf(world.account), AccountState::kExpired);
  EXPECT_THAT(world.Evidence(world.account), HasSubstr("is gone"));
  world.LogIn("rt_back");
  world.Look();
  EXPECT_EQ(world.StateOf(world.account), AccountState::kActive);
  EXPECT_EQ(world.shared().ProblemOf(world.account), "");
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_back");
}

TEST(SharedLogins, NeedALoginWhenTheTokenIsRefusedAndTheFileIsGone) {
  SharedWorld world;
  std::filesystem::remove(world.file);
  world.Acquire("r1");
  ASSERT_EQ(world.granted.size(), 1u);
  FailureFacts refused;
  refused.stage = Stage::kStatus;
  refused.http_status = 401;
  world.Retry(world.granted[0], refused);
  world.Settle();
  EXPECT_EQ(world.StateOf(world.account), AccountState::kExpired);
  EXPECT_THAT(world.Evidence(world.account), HasSubstr("its login is shared, and"));
  EXPECT_THAT(world.fetcher->bodies, IsEmpty());
}

TEST(SharedLogins, ForgiveAFileThatIsJustBeingWritten) {
  SharedWorld world;
  world.Write(R"({"tokens":{"access_token":"ey)");
  world.Look();
  world.Look();
  EXPECT_EQ(world.shared().ProblemOf(world.account), "");
  world.Look();
  EXPECT_THAT(world.shared().ProblemOf(world.account), HasSubstr("it is no auth.json of the Codex CLI"));
  EXPECT_EQ(world.StateOf(world.account), AccountState::kActive);
  world.clock.Pass(1h);
  world.LogIn("rt_2");
  world.Look();
  EXPECT_EQ(world.shared().ProblemOf(world.account), "");
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_2");
}

TEST(SharedLogins, TakeNobodyElsesLogin) {
  SharedWorld world;
  world.clock.Pass(1h);
  world.LogIn("rt_other", 0ms, 240h, "somebody-else");
  world.Look();
  EXPECT_THAT(world.shared().ProblemOf(world.account), HasSubstr("it holds another account's login"));
  EXPECT_FALSE(world.Refresh().ok());
  EXPECT_EQ(world.RefreshTokenOf(world.account), "rt_1");
  EXPECT_THAT(world.fetcher->bodies, IsEmpty());
}

TEST(SharedLogins, WaitForWhoeverHoldsTheFile) {
  SharedWorld world;
  world.clock.Pass(1h);
  auto lock = std::make_unique<FileLock>(std::move(*LockSharedFile(world.file)));
  bool done = false;
  world.AnswerWith("rt_2");
  world.Spawn([](SharedWorld& w, bool& d) -> Awaitable<void> {
    EXPECT_TRUE((co_await w.refresher().RefreshNow(w.account)).ok());
    d = true;
  }(world, done));
  for (int i = 0; i < 50; ++i) world.io->run_one();
  EXPECT_FALSE(done);
  EXPECT_THAT(world.fetcher->bodies, IsEmpty());
  lock.reset();
  world.Until([&] { return done; });
  EXPECT_EQ(world.FileToken(), "rt_2");
}

TEST(SharedLogins, AreReadFromAFileThatIsOne) {
  SharedWorld world;
  const auto error = [&](const std::string& path) { return world.Await(world.shared().Read(path)).error(); };
  EXPECT_EQ(error("auth.json").code, ErrorCode::kInvalidArgument) << "whose directory?";
  EXPECT_EQ(error("/nonexistent/auth.json").code, ErrorCode::kNotFound);
  world.Write(R"({"OPENAI_API_KEY":"sk-secret"})");
  const Error no_login = error(world.file.string());
  EXPECT_THAT(no_login.message, HasSubstr("auth.json: it holds no ChatGPT login"));
  EXPECT_THAT(no_login.message, ::testing::Not(HasSubstr("sk-secret")));
}

}  // namespace
}  // namespace patchbay::accounts
