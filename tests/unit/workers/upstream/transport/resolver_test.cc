#include "workers/upstream/transport/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "lib/async/spawn.h"

namespace patchbay::upstream {
namespace {

using asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Endpoints = Result<std::vector<tcp::endpoint>>;

class ResolutionTest : public ::testing::Test {
 protected:
  void Begin(const std::string& host, bool allow_private) {
    Authority authority;
    authority.host = host;
    authority.port = 4711;
    async::Spawn(io_, "test", Keep(this, std::move(authority), allow_private));
  }
  Endpoints Resolve(const std::string& host, bool allow_private) {
    Begin(host, allow_private);
    io_.restart();
    io_.run();
    return std::move(*found_);
  }
  static Awaitable<void> Keep(ResolutionTest* self, Authority authority, bool allow_private) {
    self->resolution_ = std::make_shared<Resolution>(self->io_.get_executor());
    self->found_.emplace(co_await self->resolution_->Run(std::move(authority), allow_private));
  }

  asio::io_context io_;
  std::shared_ptr<Resolution> resolution_;
  std::optional<Endpoints> found_;
};

TEST_F(ResolutionTest, TakesAnAddressAsItIs) {
  for (const char* address : {"93.184.216.34", "2606:2800:220:1::1", "127.0.0.1", "::1"}) {
    const Endpoints found = Resolve(address, /*allow_private=*/true);
    ASSERT_TRUE(found.ok()) << address;
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front(), tcp::endpoint(asio::ip::make_address(address), 4711));
  }
}

TEST_F(ResolutionTest, FindsTheAddressesOfAName) {
  const Endpoints found = Resolve("localhost", /*allow_private=*/true);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(*found, Not(IsEmpty()));
  EXPECT_LE(found->size(), kMaxAddresses);
  for (const tcp::endpoint& endpoint : *found) {
    EXPECT_TRUE(endpoint.address().is_loopback()) << endpoint;
    EXPECT_EQ(endpoint.port(), 4711);
  }
}

TEST_F(ResolutionTest, GivesNoPrivateAddressUnlessAllowed) {
  for (const char* host :
       {"localhost", "127.0.0.1", "10.1.2.3", "::1", "fd00::1", "169.254.169.254", "::ffff:10.0.0.1"}) {
    const Endpoints found = Resolve(host, /*allow_private=*/false);
    ASSERT_FALSE(found.ok()) << host;
    EXPECT_EQ(found.error().code, ErrorCode::kPermissionDenied) << host;
    EXPECT_THAT(found.error().message, HasSubstr(host));
  }
  EXPECT_TRUE(Resolve("93.184.216.34", /*allow_private=*/false).ok());
}

TEST_F(ResolutionTest, SaysWhichNameHasNoAddress) {
  const Endpoints found = Resolve("not..a.name", /*allow_private=*/true);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(found.error().message, HasSubstr("no address for not..a.name"));
}

TEST_F(ResolutionTest, IsOverAtOnceWhenItIsGivenUpAndALateAnswerFindsNobody) {
  for (int round = 0; round < 20; ++round) {  // the answer comes from another thread, at any time
    found_.reset();
    Begin("localhost", /*allow_private=*/true);
    io_.restart();
    io_.poll_one();  // up to the question
    ASSERT_FALSE(found_);
    resolution_->GiveUp();
    io_.run();
    ASSERT_TRUE(found_);
    ASSERT_FALSE(found_->ok());
    EXPECT_EQ(found_->error().code, ErrorCode::kCancelled);
  }
}

}  // namespace
}  // namespace patchbay::upstream
