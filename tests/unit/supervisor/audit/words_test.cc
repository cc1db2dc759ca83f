#include "supervisor/audit/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "patchbay/admin/v1/admin.pb.h"

namespace patchbay::supervisor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AuditWords, AMethodChangesSomethingUnlessItsContractSaysNo) {
  EXPECT_TRUE(ChangesSomething("/patchbay.accounts.v1.AccountAdmin/UpdateAccount"));
  EXPECT_TRUE(ChangesSomething("/patchbay.admin.v1.Admin/RestartWorker"));
  EXPECT_TRUE(ChangesSomething("/patchbay.accounts.v1.AccountAdmin/OfANewerWorker")) << "nobody knows what it does";
  EXPECT_FALSE(ChangesSomething("/patchbay.accounts.v1.AccountAdmin/ListAccounts"));
  EXPECT_FALSE(ChangesSomething("/patchbay.accounts.v1.Models/ListModels"));
  EXPECT_FALSE(ChangesSomething("/patchbay.gateway.v1.Recorder/NextRecording"));
  EXPECT_FALSE(ChangesSomething("/grpc.health.v1.Health/Check"));
  EXPECT_EQ(NameOfMethod("/patchbay.accounts.v1.AccountAdmin/UpdateAccount"), "AccountAdmin.UpdateAccount");
}

TEST(AuditWords, ShowsWhatWasAskedForAndNoSecret) {
  accounts::v1::UpdateAccountRequest update;
  update.set_account("acc_1");
  update.set_enabled(false);
  update.set_priority(0);
  EXPECT_EQ(WordsOf(update), "account=acc_1 enabled=false priority=0") << "also what is set to nothing";
  accounts::v1::AddAccountRequest add;
  add.set_provider("groq");
  add.set_access_token("sk-secret");
  add.set_refresh_token("rt-secret");
  EXPECT_EQ(WordsOf(add), "provider=groq");
  accounts::v1::CompleteLoginRequest complete;
  complete.set_login("lgn_1");
  complete.set_answer("http://localhost/?code=secret");
  EXPECT_EQ(WordsOf(complete), "login=lgn_1");
  admin::v1::RestartWorkerRequest restart;
  restart.set_worker("a\nb");
  restart.mutable_timeout()->set_seconds(5);
  EXPECT_EQ(WordsOf(restart), "worker=a\\x0Ab timeout={seconds=5}");
}

TEST(AuditWords, IsBounded) {
  accounts::v1::UpdateAccountRequest update;
  update.set_label(std::string(100'000, 'x'));
  EXPECT_LE(WordsOf(update).size(), 200u);
}

TEST(AuditWords, KnowsTheRequestOfARelayedMethod) {
  const auto request = RequestOf("/patchbay.accounts.v1.AccountAdmin/RemoveAccount");
  ASSERT_NE(request, nullptr);
  EXPECT_NE(dynamic_cast<accounts::v1::RemoveAccountRequest*>(request.get()), nullptr);
  EXPECT_EQ(RequestOf("/no.such/Method"), nullptr);
}

// What is secret in these contracts is of type bytes: by that it is left out.
TEST(AuditWords, LeavesOutEveryFieldOfBytes) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("patchbay.accounts.v1.AccountAdmin");
  ASSERT_NE(service, nullptr);
  int fields = 0;
  for (int i = 0; i < service->method_count(); ++i) {
    const auto* input = service->method(i)->input_type();
    const auto request = RequestOf("/" + service->full_name() + "/" + service->method(i)->name());
    ASSERT_NE(request, nullptr);
    for (int k = 0; k < input->field_count(); ++k) {
      if (input->field(k)->type() != google::protobuf::FieldDescriptor::TYPE_BYTES) continue;
      request->GetReflection()->SetString(request.get(), input->field(k), "a-secret");
      ++fields;
    }
    EXPECT_THAT(WordsOf(*request), Not(HasSubstr("a-secret"))) << input->name();
  }
  EXPECT_GE(fields, 5);
}

}  // namespace
}  // namespace patchbay::supervisor
