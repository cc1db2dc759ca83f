// The services over a real Unix socket: what frontends, upstream and the operator see.
#include <gtest/gtest.h>

#include "lib/rpc/channel.h"
#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "lib/time/proto_time.h"
#include "tests/unit/workers/accounts/core/core_world.h"
#include "workers/accounts/service/admin_service.h"
#include "workers/accounts/service/convert.h"
#include "workers/accounts/service/leasing_service.h"
#include "workers/accounts/service/watch_services.h"

namespace patchbay::accounts {
namespace {

// A frontend's stream, one request and one reply at a time.
class LeaseWire {
 public:
  using Batches = rpc::Stream<v1::LeaseRequests, v1::LeaseReplies>;
  explicit LeaseWire(std::unique_ptr<Batches> stream) : stream_(std::move(stream)) {}
  Awaitable<bool> Send(v1::LeaseRequest request) {
    v1::LeaseRequests batch;
    *batch.add_requests() = std::move(request);
    co_return co_await stream_->Send(batch);
  }
  Awaitable<bool> Receive(v1::LeaseReply& reply) {
    if (next_ == received_.replies_size()) {
      next_ = 0;
      const bool more = co_await stream_->Receive(received_);
      if (!more) co_return false;
    }
    reply = received_.replies(next_++);
    co_return true;
  }
  Awaitable<Result<void>> Finish() { return stream_->Finish(); }
  Awaitable<bool> CloseSend() { return stream_->CloseSend(); }

 private:
  std::unique_ptr<Batches> stream_;
  v1::LeaseReplies received_;
  int next_ = 0;
};
using LeaseStream = std::unique_ptr<LeaseWire>;

struct ServicesTest : ::testing::Test {
  ServicesTest()
      : reactor_(*world_.io),
        issuer_(std::move(*rpc::TokenIssuer::Create())),
        verifier_(issuer_->public_key()),
        server_(reactor_),
        leasing_(
            *world_.io, [this](std::string_view, Awaitable<void> task) { world_.Spawn(std::move(task)); }, *world_.core,
            server_),
        watches_(*world_.io, *world_.core, server_),
        admin_(*world_.core, server_) {
    server_.SetVerifier(&verifier_);
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
    world_.Spawn(world_.core->Run());
  }
  // Calls end before what serves them goes.
  void TearDown() override { Run(Shut(this)); }
  static Awaitable<void> Shut(ServicesTest* self) {
    self->watches_.Drain();
    self->leasing_stub_.reset();
    co_await self->server_.Drain(0ms);
  }

  std::shared_ptr<grpc::Channel> Channel(rpc::Role role, const std::string& worker) {
    return rpc::MakeChannel("unix:" + listener_.path, issuer_->Issue({role, worker, 1}));
  }
  Awaitable<LeaseStream> Connect(std::vector<v1::Redeclare::OpenLease> open = {}) {
    if (!leasing_stub_) leasing_stub_ = v1::Leasing::NewStub(Channel(rpc::Role::kFrontend, "frontend"));
    auto stream = std::make_unique<LeaseWire>(rpc::OpenStream<v1::LeaseRequests, v1::LeaseReplies>(
        reactor_, [this](auto* context, auto* queue) { return leasing_stub_->PrepareAsyncLease(context, queue); }));
    v1::LeaseRequest request;
    auto* declare = request.mutable_redeclare();
    for (auto& lease : open) *declare->add_open() = lease;
    EXPECT_TRUE(co_await stream->Send(request));
    co_return stream;
  }
  static v1::LeaseRequest Acquire(const std::string& id) {
    v1::LeaseRequest request;
    request.mutable_acquire()->set_request_id(id);
    request.mutable_acquire()->set_model("gpt-5.5");
    return request;
  }
  static v1::LeaseRequest SettleOf(const v1::Granted& granted) {
    v1::LeaseRequest request;
    auto* settle = request.mutable_settle();
    settle->set_lease_id(granted.lease_id());
    settle->set_request_id(granted.request_id());
    settle->set_account(granted.account());
    settle->set_outcome(v1::OUTCOME_SUCCEEDED);
    settle->mutable_usage()->set_input_tokens(3);
    settle->set_attempts(1);
    return request;
  }
  void Run(Awaitable<void> task) { testing::RunToEnd(*world_.io, std::move(task)); }

  CoreWorld world_;
  rpc::Reactor reactor_;
  std::unique_ptr<rpc::TokenIssuer> issuer_;
  rpc::TokenVerifier verifier_;
  rpc::Server server_;
  LeasingService leasing_;
  WatchServices watches_;
  AdminService admin_;
  testing::UnixListener listener_;
  std::unique_ptr<v1::Leasing::Stub> leasing_stub_;
};

TEST_F(ServicesTest, GrantsAndAcknowledgesWhatIsDurable) {
  world_.MustAdd("acct");
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    auto stream = co_await self->Connect();
    v1::LeaseRequest request = Acquire("r1");
    EXPECT_TRUE(co_await stream->Send(request));
    v1::LeaseReply reply;
    EXPECT_TRUE(co_await stream->Receive(reply));
    EXPECT_TRUE(reply.has_granted());
    const v1::Granted granted = reply.granted();
    EXPECT_EQ(granted.provider(), "codex");
    EXPECT_EQ(granted.wire_model(), "gpt-5.5");
    request = SettleOf(granted);
    for (int twice = 0; twice < 2; ++twice) {
      EXPECT_TRUE(co_await stream->Send(request));
      EXPECT_TRUE(co_await stream->Receive(reply));
      EXPECT_EQ(reply.settled().lease_id(), granted.lease_id());
    }
    auto store = OpenStore(self->world_.directory.path);
    EXPECT_EQ((*store)->ListUsage(10, "r1", {})->rows.size(), 1u);
  };
  Run(story(this));
  EXPECT_EQ(world_.core->stats().settled_total, 1);
}

TEST_F(ServicesTest, WantsTheDeclarationFirst) {
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    self->leasing_stub_ = v1::Leasing::NewStub(self->Channel(rpc::Role::kFrontend, "frontend"));
    auto stream = std::make_unique<LeaseWire>(rpc::OpenStream<v1::LeaseRequests, v1::LeaseReplies>(
        self->reactor_,
        [self](auto* context, auto* queue) { return self->leasing_stub_->PrepareAsyncLease(context, queue); }));
    v1::LeaseRequest request = Acquire("r1");
    co_await stream->Send(request);
    v1::LeaseReply reply;
    EXPECT_FALSE(co_await stream->Receive(reply));
    const Result<void> end = co_await stream->Finish();
    EXPECT_FALSE(end.ok());
    if (!end.ok()) {
      EXPECT_EQ(end.error().code, ErrorCode::kInvalidArgument);
    }
  };
  Run(story(this));
}

TEST_F(ServicesTest, RefusesOtherRoles) {
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    self->leasing_stub_ = v1::Leasing::NewStub(self->Channel(rpc::Role::kUpstream, "upstream"));
    auto stream = co_await self->Connect();
    v1::LeaseReply reply;
    EXPECT_FALSE(co_await stream->Receive(reply));
    const Result<void> end = co_await stream->Finish();
    EXPECT_FALSE(end.ok());
    if (!end.ok()) {
      EXPECT_EQ(end.error().code, ErrorCode::kPermissionDenied);
    }
  };
  Run(story(this));
}

TEST_F(ServicesTest, DeniesUnknownModelsAndRevokedKeys) {
  world_.MustAdd("acct");
  const auto made = world_.Await(world_.keys().Create({"k", 0, {}, {}}));
  ASSERT_TRUE(made.ok());
  ASSERT_TRUE(world_.Await(world_.keys().Revoke("k")).ok());
  const auto story = [](ServicesTest* self, std::string key) -> Awaitable<void> {
    auto stream = co_await self->Connect();
    v1::LeaseRequest request = Acquire("r1");
    request.mutable_acquire()->set_model("llama-9");
    co_await stream->Send(request);
    v1::LeaseReply reply;
    EXPECT_TRUE(co_await stream->Receive(reply));
    EXPECT_EQ(reply.denied().reason(), v1::DENY_REASON_UNKNOWN_MODEL);
    request = Acquire("r2");
    request.mutable_acquire()->set_client_key_id(key);
    co_await stream->Send(request);
    EXPECT_TRUE(co_await stream->Receive(reply));
    EXPECT_EQ(reply.denied().reason(), v1::DENY_REASON_KEY);
  };
  Run(story(this, made->key.id.str()));
}

TEST_F(ServicesTest, FreesTheSlotsOfALeaseDeclaredAgain) {
  const AccountId account = world_.MustAdd("acct");
  const auto story = [](ServicesTest* self, AccountId id) -> Awaitable<void> {
    v1::Redeclare::OpenLease lease;
    lease.set_lease_id("from-before");
    lease.set_request_id("r0");
    lease.set_account(id.str());
    lease.set_model("gpt-5.5");
    std::vector<v1::Redeclare::OpenLease> open;
    open.push_back(lease);
    auto stream = co_await self->Connect(std::move(open));
    v1::Granted granted;
    granted.set_lease_id("from-before");
    granted.set_account(id.str());
    v1::LeaseRequest request = SettleOf(granted);
    co_await stream->Send(request);
    v1::LeaseReply reply;
    EXPECT_TRUE(co_await stream->Receive(reply));
    EXPECT_EQ(reply.settled().lease_id(), "from-before");
  };
  Run(story(this, account));
  EXPECT_EQ(world_.pool().Find(account)->open, 0);
}

TEST_F(ServicesTest, StreamsCredentialsAndTheirChanges) {
  const AccountId account = world_.MustAdd("acct");
  const auto story = [](ServicesTest* self, AccountId id) -> Awaitable<void> {
    auto stub = v1::Credentials::NewStub(self->Channel(rpc::Role::kUpstream, "upstream"));
    v1::WatchCredentialsRequest request;
    auto reader = co_await rpc::ServerStreamReader<v1::CredentialUpdate>::Open(
        self->reactor_, [&stub, &request](auto* context, auto* queue, void* tag) {
          return stub->AsyncWatch(context, request, queue, tag);
        });
    v1::CredentialUpdate update;
    EXPECT_TRUE(co_await reader->Receive(update));
    EXPECT_EQ(update.upsert().account(), id.str());
    EXPECT_EQ(update.upsert().provider_account_id(), "acct");
    EXPECT_TRUE(co_await reader->Receive(update));
    EXPECT_TRUE(update.synced());
    Tokens tokens;
    tokens.access = Secret(Jwt(self->world_.clock.wall + 500h, "acct"));
    Secret shown = self->world_.accounts().Find(id)->tokens.refresh;
    const Result<void> applied =
        co_await self->world_.accounts().ApplyTokens(id, std::move(shown), std::move(tokens), std::nullopt);
    EXPECT_TRUE(applied.ok());
    EXPECT_TRUE(co_await reader->Receive(update));
    EXPECT_EQ(update.upsert().version(), 2);
    const Result<void> removed = co_await self->world_.accounts().Remove(id);
    EXPECT_TRUE(removed.ok());
    EXPECT_TRUE(co_await reader->Receive(update));
    EXPECT_EQ(update.removed(), id.str());
  };
  Run(story(this, account));
}

TEST_F(ServicesTest, AnswersTheOperatorWithoutASecret) {
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    auto stub = v1::AccountAdmin::NewStub(self->Channel(rpc::Role::kSupervisor, "supervisor"));
    v1::AddAccountRequest add;
    add.set_label("home");
    add.set_access_token(Jwt(self->world_.clock.wall + 240h, "acct"));
    add.set_refresh_token("rt_1");
    const auto added = co_await rpc::Unary<v1::AddAccountReply>(
        self->reactor_, 5s,
        [&stub, &add](auto* context, auto* queue) { return stub->AsyncAddAccount(context, add, queue); });
    EXPECT_TRUE(added.ok());
    if (added.ok()) {
      EXPECT_TRUE(added->created());
      EXPECT_EQ(added->account().state(), v1::ACCOUNT_STATE_ACTIVE);
      EXPECT_EQ(added->account().plan(), "plus");
      EXPECT_EQ(added->ShortDebugString().find("rt_1"), std::string::npos);
    }
    v1::CreateClientKeyRequest create;
    create.set_name("laptop");
    const auto key = co_await rpc::Unary<v1::CreateClientKeyReply>(
        self->reactor_, 5s,
        [&stub, &create](auto* context, auto* queue) { return stub->AsyncCreateClientKey(context, create, queue); });
    EXPECT_TRUE(key.ok());
    if (key.ok()) {
      EXPECT_EQ(key->secret().substr(0, 4), "pbk_");
      EXPECT_EQ(key->secret().substr(key->secret().size() - 4), key->key().hint());
    }
    v1::ExplainRequest explain;
    explain.set_model("gpt-5.5");
    const auto explained = co_await rpc::Unary<v1::ExplainReply>(
        self->reactor_, 5s,
        [&stub, &explain](auto* context, auto* queue) { return stub->AsyncExplain(context, explain, queue); });
    EXPECT_TRUE(explained.ok());
    if (explained.ok() && added.ok()) {
      EXPECT_EQ(explained->chosen(), added->account().ref());
      EXPECT_EQ(explained->strategy(), "paced");
      EXPECT_EQ(explained->accounts(0).place(), 1);
      EXPECT_EQ(explained->accounts(0).slots(), 100);
    }
    explain.set_client_key("laptop");
    v1::RevokeClientKeyRequest revoke;
    revoke.set_key("laptop");
    (void)co_await rpc::Unary<v1::RevokeClientKeyReply>(
        self->reactor_, 5s,
        [&stub, &revoke](auto* context, auto* queue) { return stub->AsyncRevokeClientKey(context, revoke, queue); });
    const auto refused = co_await rpc::Unary<v1::ExplainReply>(
        self->reactor_, 5s,
        [&stub, &explain](auto* context, auto* queue) { return stub->AsyncExplain(context, explain, queue); });
    EXPECT_EQ(refused.ok() ? refused->denied() : v1::DENY_REASON_UNSPECIFIED, v1::DENY_REASON_KEY);
    EXPECT_TRUE(refused.ok() && refused->chosen().empty());
  };
  Run(story(this));
}

TEST_F(ServicesTest, AddsUpWhatWasUsed) {
  world_.MustAdd("acct");
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    auto stream = co_await self->Connect();
    v1::LeaseRequest request = Acquire("r1");
    EXPECT_TRUE(co_await stream->Send(request));
    v1::LeaseReply reply;
    EXPECT_TRUE(co_await stream->Receive(reply));
    const std::string account = reply.granted().account();
    request = SettleOf(reply.granted());
    request.mutable_settle()->set_provider("codex");
    request.mutable_settle()->set_wire_model("gpt-5.5");
    SetTimestamp(self->world_.clock.wall, request.mutable_settle()->mutable_started_at());
    EXPECT_TRUE(co_await stream->Send(request));
    EXPECT_TRUE(co_await stream->Receive(reply));

    auto stub = v1::AccountAdmin::NewStub(self->Channel(rpc::Role::kSupervisor, "supervisor"));
    v1::GetUsageRequest question;
    question.set_by(v1::USAGE_BY_ACCOUNT);
    question.mutable_filter()->set_account(account.substr(0, account.size() - 1));  // enough to tell it
    const auto sums = co_await rpc::Unary<v1::GetUsageReply>(
        self->reactor_, 5s,
        [&stub, &question](auto* context, auto* queue) { return stub->AsyncGetUsage(context, question, queue); });
    EXPECT_TRUE(sums.ok());
    if (!sums.ok()) co_return;
    EXPECT_EQ(sums->groups_size(), 1);
    EXPECT_EQ(sums->sum().requests(), 1);
    EXPECT_EQ(sums->sum().usage().input_tokens(), 3);
    EXPECT_EQ(sums->sum().subscription_nano_dollars(), 3 * 5000);
    EXPECT_EQ(ToWallTime(sums->until()) - ToWallTime(sums->since()), 30 * 24h + 2800s) << "to the end of this hour";

    *question.mutable_filter()->mutable_until() = sums->since();
    *question.mutable_filter()->mutable_since() = sums->until();
    const auto refused = co_await rpc::Unary<v1::GetUsageReply>(
        self->reactor_, 5s,
        [&stub, &question](auto* context, auto* queue) { return stub->AsyncGetUsage(context, question, queue); });
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  };
  Run(story(this));
}

TEST_F(ServicesTest, LeadsAnOperatorThroughALogin) {
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    auto stub = v1::AccountAdmin::NewStub(self->Channel(rpc::Role::kSupervisor, "supervisor"));
    v1::BeginLoginRequest begin;
    begin.set_label("work");
    const auto begun = co_await rpc::Unary<v1::BeginLoginReply>(
        self->reactor_, 5s,
        [&stub, &begin](auto* context, auto* queue) { return stub->AsyncBeginLogin(context, begin, queue); });
    EXPECT_TRUE(begun.ok());
    if (!begun.ok()) co_return;
    EXPECT_EQ(begun->login().state(), v1::LOGIN_STATE_WAITING);
    EXPECT_EQ(begun->login().redirects_size(), 2);
    EXPECT_EQ(begun->login().redirects(0).port(), 1455);
    EXPECT_EQ(begun->login().redirects(1).path(), "/auth/callback");
    EXPECT_NE(begun->login().redirects(1).authorize_url().find("localhost%3A1457"), std::string::npos);

    const std::string access = Jwt(self->world_.clock.wall + 240h, "acct");
    self->world_.fetcher->Answer(200, "{\"access_token\":\"" + access + "\",\"refresh_token\":\"rt_1\"}");
    v1::CompleteLoginRequest complete;
    complete.set_login(begun->login().id());
    complete.set_answer("ac_1");
    const auto completed = co_await rpc::Unary<v1::CompleteLoginReply>(
        self->reactor_, 5s,
        [&stub, &complete](auto* context, auto* queue) { return stub->AsyncCompleteLogin(context, complete, queue); });
    EXPECT_TRUE(completed.ok());

    v1::WatchLoginRequest watch;
    watch.set_login(begun->login().id());
    watch.set_seen(begun->login().revision());
    v1::Login login;
    while (login.state() != v1::LOGIN_STATE_DONE && login.state() != v1::LOGIN_STATE_FAILED) {
      const auto watched = co_await rpc::Unary<v1::WatchLoginReply>(
          self->reactor_, 15s,
          [&stub, &watch](auto* context, auto* queue) { return stub->AsyncWatchLogin(context, watch, queue); });
      EXPECT_TRUE(watched.ok());
      if (!watched.ok()) co_return;
      login = watched->login();
      watch.set_seen(login.revision());
    }
    EXPECT_EQ(login.state(), v1::LOGIN_STATE_DONE) << login.problem();
    EXPECT_TRUE(login.created());
    EXPECT_EQ(login.account().label(), "work");
    EXPECT_EQ(login.account().provider_account_id(), "acct");
    EXPECT_EQ(login.ShortDebugString().find("rt_1"), std::string::npos);

    complete.set_login("lgn_nobody");
    const auto unknown = co_await rpc::Unary<v1::CompleteLoginReply>(
        self->reactor_, 5s,
        [&stub, &complete](auto* context, auto* queue) { return stub->AsyncCompleteLogin(context, complete, queue); });
    EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  };
  Run(story(this));
}

TEST_F(ServicesTest, EndsTheStreamAndTheLeasesOfAFrontendWhoseProcessHasEnded) {
  world_.MustAdd("acct");
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    auto stream = co_await self->Connect();
    v1::LeaseRequest request = Acquire("r1");
    co_await stream->Send(request);
    v1::LeaseReply reply;
    EXPECT_TRUE(co_await stream->Receive(reply));
    EXPECT_EQ(self->world_.core->stats().leases_open, 1u);
    self->leasing_.EndDead({{"frontend", 2, {1, 2}}});
    EXPECT_EQ(self->world_.core->stats().leases_open, 1u) << "it lives";
    self->leasing_.EndDead({{"frontend", 2, {2}}});
    EXPECT_EQ(self->world_.core->stats().leases_open, 0u);
    EXPECT_FALSE(co_await stream->Receive(reply));
  };
  Run(story(this));
}

TEST_F(ServicesTest, DrainsWithEverySettlementAcknowledged) {
  world_.MustAdd("acct");
  const auto story = [](ServicesTest* self) -> Awaitable<void> {
    auto stream = co_await self->Connect();
    std::vector<v1::Granted> grants;
    v1::LeaseReply reply;
    for (int i = 0; i < 50; ++i) {
      v1::LeaseRequest request = Acquire("r" + std::to_string(i));
      co_await stream->Send(request);
      EXPECT_TRUE(co_await stream->Receive(reply));
      grants.push_back(reply.granted());
    }
    for (const v1::Granted& granted : grants) {
      v1::LeaseRequest request = SettleOf(granted);
      co_await stream->Send(request);
    }
    int settled = 0;
    EXPECT_TRUE(co_await stream->Receive(reply));
    ++settled;
    self->world_.Spawn(self->leasing_.Drain(false));
    while (co_await stream->Receive(reply)) ++settled;
    const Result<void> end = co_await stream->Finish();
    EXPECT_FALSE(end.ok());
    if (!end.ok()) {
      EXPECT_EQ(end.error().code, ErrorCode::kUnavailable);
    }
    auto store = OpenStore(self->world_.directory.path);
    EXPECT_GE((*store)->ListUsage(100, "", {})->total_rows, settled) << "acknowledged is durable";
  };
  Run(story(this));
}

}  // namespace
}  // namespace patchbay::accounts
