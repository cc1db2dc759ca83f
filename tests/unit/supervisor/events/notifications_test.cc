// Notifications by a program: what it gets, what becomes of one that fails, and what a reload changes. Webhooks, which
// upstream dials, stand in the integration suite.
#include "supervisor/events/notifications.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/supervisor/house.h"

namespace patchbay::supervisor {
namespace {

using ::testing::HasSubstr;

class NotificationsTest : public HouseTest {
 protected:
  // A program that appends what it gets to a file, and ends with that code.
  void Notify(const std::string& name, int exit_code, const std::string& more = "") {
    Configure("notifications:\n  " + name + ":\n    command: /bin/sh\n    arguments: [-c, 'cat >> " + told_.string() +
              "; exit " + std::to_string(exit_code) + "']\n" + more);
  }
  void Open() {
    PATCHBAY_CHECK(sockets_.OpenUnix("upstream.sock", scratch_.path()).ok());
    Begin(std::vector<WorkerSpec>{});
    notifications_.emplace(reactor_, *house_, logs_, issuer_->Issue({rpc::Role::kSupervisor, "supervisor", 0}));
  }
  void Tell(events::v1::EventKind kind, const std::string& account) {
    events::v1::Event event;
    event.set_kind(kind);
    event.set_account(account);
    house_->events().Tell("accounts", event);
  }
  NotificationView View() {
    const auto views = notifications_->List();
    EXPECT_EQ(views.size(), 1u);
    return views.empty() ? NotificationView{} : views.front();
  }
  std::string Told() const {
    std::ifstream file(told_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path told_ = scratch_.path() / "told";
  rpc::Reactor reactor_{io_};
  std::optional<Notifications> notifications_;
};

TEST_F(NotificationsTest, GiveAProgramTheEventAsALineOfJson) {
  Notify("mail", 0);
  Open();
  Tell(events::v1::EVENT_KIND_BANNED, "acc_1");
  ASSERT_TRUE(RunUntil([&] { return View().told == 1; })) << View().problem;
  EXPECT_THAT(Told(), HasSubstr(R"("kind":"banned")"));
  EXPECT_THAT(Told(), HasSubstr(R"("account":"acc_1")"));
  EXPECT_TRUE(Told().ends_with("}\n"));
  EXPECT_EQ(View().problem, "");
  EXPECT_TRUE(View().told_at.has_value());
  EXPECT_EQ(View().waiting, 0u);
}

TEST_F(NotificationsTest, KeepWhatFailedAndSayWhyAndWhenTheyTryAgain) {
  Notify("mail", 3);
  Open();
  Tell(events::v1::EVENT_KIND_BANNED, "acc_1");
  ASSERT_TRUE(RunUntil([&] { return !View().problem.empty(); }));
  EXPECT_THAT(View().problem, HasSubstr("3"));
  EXPECT_EQ(View().waiting, 1u);
  EXPECT_EQ(View().told, 0);
  EXPECT_TRUE(View().next_try_at.has_value());
}

TEST_F(NotificationsTest, TellOnlyWhatTheyAreFor) {
  Notify("mail", 0, "    events: [needs_login]\n");
  Open();
  Tell(events::v1::EVENT_KIND_BANNED, "acc_1");
  Tell(events::v1::EVENT_KIND_NEEDS_LOGIN, "acc_2");
  ASSERT_TRUE(RunUntil([&] { return View().told == 1; }));
  EXPECT_THAT(Told(), HasSubstr("acc_2"));
  EXPECT_THAT(Told(), ::testing::Not(HasSubstr("acc_1")));
}

TEST_F(NotificationsTest, GoWithTheirRow) {
  Notify("mail", 0);
  Open();
  EXPECT_EQ(View().name, "mail");
  Configure("");
  auto loaded = house_->ReadConfiguration();
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  house_->Enforce(std::move(*loaded));
  EXPECT_TRUE(notifications_->List().empty());
}

TEST_F(NotificationsTest, CanBeTriedByName) {
  Notify("mail", 0);
  Open();
  const auto tried = Spawn(notifications_->Test("mail"));
  EXPECT_TRUE(Await(tried).ok());
  EXPECT_THAT(Told(), HasSubstr(R"("kind":"test")"));
  const auto unknown = Spawn(notifications_->Test("pager"));
  EXPECT_EQ(Await(unknown).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace patchbay::supervisor
