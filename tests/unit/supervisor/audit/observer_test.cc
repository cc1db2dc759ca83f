// What an operator's call leaves on the trail: who, what, and what came of it.
#include "supervisor/audit/observer.h"

#include <gmock/gmock.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kUpdate = "/patchbay.accounts.v1.AccountAdmin/UpdateAccount";
constexpr const char* kList = "/patchbay.accounts.v1.AccountAdmin/ListAccounts";

class AuditTest : public ::testing::Test {
 protected:
  AuditTest() : trail_(std::move(*AuditTrail::Open(scratch_.path()))), audit_(Audit(*trail_, clock_)) {}

  static rpc::CallInfo CallOf(const std::string& method, std::optional<rpc::PeerProcess> peer = std::nullopt) {
    rpc::CallInfo call;
    call.caller.role = rpc::Role::kOperator;
    call.method = method;
    call.peer = peer;
    return call;
  }
  std::vector<admin::v1::AuditRecord> Records() { return *trail_->Last(10); }

  ScratchDirectory scratch_;
  SystemClock clock_;
  std::unique_ptr<AuditTrail> trail_;
  rpc::Server::Observer audit_;
};

TEST_F(AuditTest, IsKeptOnceTheCallEndsWithWhatItAskedForAndWhatCameOfIt) {
  accounts::v1::UpdateAccountRequest request;
  request.set_account("acc_1");
  request.set_enabled(false);
  const auto ended = audit_(CallOf(kUpdate), &request, nullptr);
  ASSERT_TRUE(ended);
  EXPECT_THAT(Records(), IsEmpty()) << "nothing came of it yet";
  ended(nullptr);
  ASSERT_EQ(Records().size(), 1u);
  const admin::v1::AuditRecord record = Records().front();
  EXPECT_EQ(record.role(), "operator");
  EXPECT_EQ(record.method(), "AccountAdmin.UpdateAccount");
  EXPECT_EQ(record.request(), "account=acc_1 enabled=false");
  EXPECT_EQ(record.outcome(), "ok");
  EXPECT_TRUE(record.has_at());
  EXPECT_EQ(record.pid(), 0) << "nobody knows whose call it was";
}

TEST_F(AuditTest, ReadsARequestThatOnlyPassesThrough) {
  accounts::v1::UpdateAccountRequest request;
  request.set_account("acc_2");
  const std::string text = request.SerializeAsString();
  const grpc::Slice slice(text);
  const grpc::ByteBuffer bytes(&slice, 1);
  audit_(CallOf(kUpdate), nullptr, &bytes)(nullptr);
  const grpc::Slice odd(std::string("\x0f\xff"));
  const grpc::ByteBuffer nonsense(&odd, 1);
  audit_(CallOf(kUpdate), nullptr, &nonsense)(nullptr);
  ASSERT_EQ(Records().size(), 2u);
  EXPECT_EQ(Records()[0].request(), "account=acc_2");
  EXPECT_EQ(Records()[1].request(), "a request that is none");
}

TEST_F(AuditTest, CutsALongError) {
  const accounts::v1::UpdateAccountRequest request;
  const Error error(ErrorCode::kNotFound, std::string(1000, 'x'));
  audit_(CallOf(kUpdate), &request, nullptr)(&error);
  ASSERT_EQ(Records().size(), 1u);
  EXPECT_THAT(Records().front().outcome(), HasSubstr("not_found: xxx"));
  EXPECT_EQ(Records().front().outcome().size(), 200u);
}

TEST_F(AuditTest, HasNoCallThatOnlyLooks) { EXPECT_FALSE(audit_(CallOf(kList), nullptr, nullptr)); }

TEST_F(AuditTest, NamesTheProcessAndHowSureThatIs) {
  const accounts::v1::UpdateAccountRequest request;
  const rpc::PeerProcess us{.pid = getpid(), .uid = static_cast<int>(geteuid())};
  audit_(CallOf(kUpdate, us), &request, nullptr)(nullptr);
  rpc::PeerProcess named = us;
  named.by_its_word = true;
  audit_(CallOf(kUpdate, named), &request, nullptr)(nullptr);
  ASSERT_EQ(Records().size(), 2u);
  for (const admin::v1::AuditRecord& record : Records()) {
    EXPECT_EQ(record.pid(), getpid());
    EXPECT_EQ(record.uid(), static_cast<int>(geteuid()));
    EXPECT_FALSE(record.program().empty());
  }
  EXPECT_FALSE(Records()[0].by_its_word());
  EXPECT_TRUE(Records()[1].by_its_word());
}

TEST_F(AuditTest, HasWhatNobodyCalledForUnderItsOwnName) {
  AuditOwn(*trail_, clock_, "signal", "Admin.Reload", "refused by a worker");
  ASSERT_EQ(Records().size(), 1u);
  EXPECT_EQ(Records().front().role(), "signal");
  EXPECT_EQ(Records().front().method(), "Admin.Reload");
  EXPECT_EQ(Records().front().outcome(), "refused by a worker");
}

}  // namespace
}  // namespace patchbay::supervisor
