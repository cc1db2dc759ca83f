#include "cli/callback_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <mutex>
#include <vector>

namespace patchbay::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CallbackListenerTest : public ::testing::Test {
 protected:
  void Listen() {
    auto opened = CallbackListener::Open(0, "/auth/callback", [this](const std::string& query) {
      const std::lock_guard lock(mutex_);
      taken_.push_back(query);
      return answer_;
    });
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    listener_ = std::move(*opened);
  }
  httplib::Result Get(const std::string& target) {
    httplib::Client client("127.0.0.1", listener_->port());
    return client.Get(target.c_str());
  }

  std::mutex mutex_;
  std::vector<std::string> taken_;
  Result<void> answer_;
  std::unique_ptr<CallbackListener> listener_;
};

TEST_F(CallbackListenerTest, HandsOnWhatTheBrowserBringsAsItCame) {
  Listen();
  const auto page = Get("/auth/callback?code=a%2Bb&state=s");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->body, HasSubstr("Thank you"));
  EXPECT_EQ(page->get_header_value("Cache-Control"), "no-store");
  EXPECT_EQ(page->get_header_value("Referrer-Policy"), "no-referrer");
  EXPECT_THAT(taken_, ElementsAre("code=a%2Bb&state=s"));
}

TEST_F(CallbackListenerTest, ShowsWhyItWasNoneAndGoesOn) {
  Listen();
  answer_ = Error(ErrorCode::kInvalidArgument, "it belongs to <another> login");
  const auto refused = Get("/auth/callback?code=a");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
  EXPECT_THAT(refused->body, HasSubstr("it belongs to &lt;another&gt; login"));
  answer_ = {};
  EXPECT_EQ(Get("/auth/callback?code=b")->status, 200);
}

TEST_F(CallbackListenerTest, HasNoOtherPage) {
  Listen();
  EXPECT_EQ(Get("/")->status, 404);
  EXPECT_EQ(Get("/favicon.ico")->status, 404);
  EXPECT_EQ(Get("/auth/callback/more?code=a")->status, 404);
  EXPECT_EQ(Get("/auth/callback")->status, 400);
  EXPECT_TRUE(taken_.empty());
}

TEST_F(CallbackListenerTest, SharesItsPortWithNobody) {
  Listen();
  const auto second = CallbackListener::Open(listener_->port(), "/", [](const std::string&) { return Result<void>(); });
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  const int port = listener_->port();
  listener_.reset();
  EXPECT_TRUE(CallbackListener::Open(port, "/", [](const std::string&) { return Result<void>(); }).ok())
      << "and leaves it free";
}

TEST(CallbackPage, ShowsAnybodysText) {
  EXPECT_THAT(CallbackPage("<script>", "\"&"), Not(HasSubstr("<script>")));
  EXPECT_THAT(CallbackPage("<script>", "\"&"), HasSubstr("&quot;&amp;"));
}

}  // namespace
}  // namespace patchbay::cli
