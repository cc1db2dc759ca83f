#include "lib/rpc/roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "patchbay/accounts/v1/client_keys.pb.h"
#include "patchbay/accounts/v1/credentials.pb.h"
#include "patchbay/accounts/v1/leasing.pb.h"
#include "patchbay/accounts/v1/models.pb.h"
#include "patchbay/admin/v1/admin.pb.h"
#include "patchbay/gateway/v1/gateway.pb.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "patchbay/worker/v1/supervision.pb.h"

namespace patchbay::rpc {
namespace {

std::vector<const google::protobuf::ServiceDescriptor*> OurServices() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const google::protobuf::FileDescriptor* file :
       {accounts::v1::ListAccountsRequest::descriptor()->file(),
        accounts::v1::WatchClientKeysRequest::descriptor()->file(),
        accounts::v1::WatchCredentialsRequest::descriptor()->file(), accounts::v1::LeaseRequest::descriptor()->file(),
        accounts::v1::ListModelsRequest::descriptor()->file(), admin::v1::GetStatusRequest::descriptor()->file(),
        gateway::v1::GenerateCall::descriptor()->file(), upstream::v1::CallRequest::descriptor()->file(),
        worker::v1::WorkerReport::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  return services;
}

TEST(Roles, EveryMethodOfOurContractsIsAllowedToSomebodyButNotToEverybody) {
  for (const auto* service : OurServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = "/" + service->full_name() + "/" + service->method(i)->name();
      int allowed = 0;
      for (const Role role : kAllRoles) allowed += Allowed(method, role) ? 1 : 0;
      EXPECT_GT(allowed, 0) << method;
      // The gateway's service asks those for a client key.
      const bool by_key = service == gateway::v1::GenerateCall::descriptor()->file()->FindServiceByName("Gateway");
      EXPECT_EQ(Allowed(method, Role::kNone), by_key) << method;
      EXPECT_EQ(Allowed(method, Role::kProgram), by_key) << method;
    }
  }
}

TEST(Roles, NoMethodOfOursSharesItsRequestMessageWithAnother) {
  // rpc::Server finds a method by its request message.
  std::set<const google::protobuf::Descriptor*> seen;
  for (const auto* service : OurServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      EXPECT_TRUE(seen.insert(service->method(i)->input_type()).second) << service->method(i)->full_name();
    }
  }
}

TEST(Roles, SecretsGoOnlyWhereTheyAreUsed) {
  for (const Role role : kAllRoles) {
    EXPECT_EQ(Allowed("/patchbay.accounts.v1.Credentials/Watch", role), role == Role::kUpstream);
    EXPECT_EQ(Allowed("/patchbay.upstream.v1.Upstream/Fetch", role), role == Role::kAccounts);
    EXPECT_EQ(Allowed("/patchbay.accounts.v1.Leasing/Lease", role), role == Role::kFrontend);
  }
}

TEST(Roles, AnUnknownMethodIsAllowedToNobody) {
  for (const Role role : kAllRoles) EXPECT_FALSE(Allowed("/patchbay.accounts.v1.Leasing/Steal", role));
}

class Tokens : public ::testing::Test {
 protected:
  std::unique_ptr<TokenIssuer> issuer_ = TokenIssuer::Create().value();
  TokenVerifier verifier_{issuer_->public_key()};
};

TEST_F(Tokens, ProveTheRoleTheyWereIssuedFor) {
  const Secret token = issuer_->Issue({.role = Role::kUpstream, .worker = "upstream", .generation = 7});
  for (int i = 0; i < 2; ++i) {  // the second time from memory
    const auto claim = verifier_.Verify(token.Reveal());
    ASSERT_TRUE(claim.ok());
    EXPECT_EQ(claim->role, Role::kUpstream);
    EXPECT_EQ(claim->worker, "upstream");
    EXPECT_EQ(claim->generation, 7);
  }
}

TEST_F(Tokens, AreRefusedWhenAnyByteChanges) {
  const std::string token = issuer_->Issue({.role = Role::kFrontend, .worker = "frontend", .generation = 1}).Reveal();
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto claim = verifier_.Verify(changed);
    // The last character of a base64 group may carry unused bits; then the same bytes were signed.
    if (claim.ok())
      EXPECT_EQ(claim->role, Role::kFrontend);
    else
      EXPECT_EQ(claim.error().code, ErrorCode::kUnauthenticated);
  }
}

TEST_F(Tokens, OfAnotherSupervisorAreRefused) {
  const auto other = TokenIssuer::Create().value();
  const Secret token = other->Issue({.role = Role::kFrontend, .worker = "frontend", .generation = 1});
  EXPECT_EQ(verifier_.Verify(token.Reveal()).error().code, ErrorCode::kUnauthenticated);
  EXPECT_FALSE(verifier_.Verify("").ok());
  EXPECT_FALSE(verifier_.Verify("frontend").ok());
  EXPECT_FALSE(verifier_.Verify(std::string(100'000, 'a')).ok());
}

}  // namespace
}  // namespace patchbay::rpc
