// Health, reflection and channelz as their own clients ask for them.
#include "lib/rpc/introspection/introspection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <optional>

#include "grpc/channelz/v1/channelz.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "lib/rpc/server.h"
#include "lib/testing/rpc_fixture.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"

namespace patchbay::rpc {
namespace {

using grpc::channelz::v1::Channelz;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using grpc::reflection::v1::ServerReflection;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;

class IntrospectionTest : public ::testing::Test, protected testing::RpcFixture {
 protected:
  IntrospectionTest() : server_(reactor_) {
    server_.SetVerifier(&verifier_);
    server_.Register(upstream_);
    server_.Unary(upstream_, &upstream::v1::Upstream::AsyncService::RequestFetch,
                  [](CallInfo, upstream::v1::FetchRequest) -> Awaitable<Result<upstream::v1::FetchReply>> {
                    co_return upstream::v1::FetchReply();
                  });
    introspection_.emplace(server_);
    PATCHBAY_CHECK(server_.Start({listener_.fd}).ok());
  }
  void TearDown() override {
    RunToEnd([this] { return server_.Drain(std::chrono::milliseconds(0)); });
  }
  // Whoever can open the socket may look: no role is proven.
  std::shared_ptr<grpc::Channel> Anybody() { return MakeChannel("unix:" + listener_.path, Secret("")); }

  // "SERVING", or the error.
  Awaitable<std::string> Check(std::string service) {
    const auto stub = Health::NewStub(Anybody());
    HealthCheckRequest request;
    request.set_service(std::move(service));
    const auto reply = co_await Unary<HealthCheckResponse>(
        reactor_, seconds(10), [&](auto* context, auto* queue) { return stub->AsyncCheck(context, request, queue); });
    co_return reply.ok() ? HealthCheckResponse::ServingStatus_Name(reply->status())
                         : std::string(ToString(reply.error().code));
  }
  Awaitable<ServerReflectionResponse> Reflect(ServerReflectionRequest request) {
    const auto stub = ServerReflection::NewStub(Anybody());
    const auto stream = OpenStream<ServerReflectionRequest, ServerReflectionResponse>(
        reactor_, [&](auto* context, auto* queue) { return stub->PrepareAsyncServerReflectionInfo(context, queue); });
    co_await stream->Send(request);
    ServerReflectionResponse response;
    co_await stream->Receive(response);
    co_await stream->CloseSend();
    co_await stream->Finish();
    co_return response;
  }

  upstream::v1::Upstream::AsyncService upstream_;
  Server server_;
  std::optional<Introspection> introspection_;
};

TEST_F(IntrospectionTest, IsHealthyFromWhenItIsToldToWhenItDrains) {
  RunToEnd([this]() -> Awaitable<void> {
    const std::string before = co_await Check("");
    EXPECT_EQ(before, "NOT_SERVING");
    introspection_->SetServing(true);
    const std::vector<std::string> services = {"", "patchbay.upstream.v1.Upstream"};
    for (const std::string& service : services) {
      const std::string serving = co_await Check(service);
      EXPECT_EQ(serving, "SERVING") << service;
    }
    const std::string unknown = co_await Check("nobody.Nothing");
    EXPECT_EQ(unknown, "not_found");
    introspection_->SetServing(false);
    const std::string draining = co_await Check("");
    EXPECT_EQ(draining, "NOT_SERVING");
  });
}

TEST_F(IntrospectionTest, EndsAHealthWatchWhenItDrains) {
  RunToEnd([this]() -> Awaitable<void> {
    const auto stub = Health::NewStub(Anybody());
    const HealthCheckRequest request;
    const auto reader = co_await ServerStreamReader<HealthCheckResponse>::Open(
        reactor_,
        [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
    std::vector<HealthCheckResponse::ServingStatus> seen;
    HealthCheckResponse response;
    const std::vector<bool> turns = {true, false, false};
    for (const bool serving : turns) {
      const bool more = co_await reader->Receive(response);
      if (!more) break;
      seen.push_back(response.status());
      introspection_->SetServing(serving);
    }
    EXPECT_THAT(seen, ElementsAre(HealthCheckResponse::NOT_SERVING, HealthCheckResponse::SERVING,
                                  HealthCheckResponse::NOT_SERVING));
    const bool more = co_await reader->Receive(response);
    EXPECT_FALSE(more) << "it would hold up the drain";
    const Result<void> end = co_await reader->Finish();
    EXPECT_TRUE(end.ok());
  });
}

TEST_F(IntrospectionTest, TellsAWatchThatItsServiceIsUnknown) {
  RunToEnd([this]() -> Awaitable<void> {
    const auto stub = Health::NewStub(Anybody());
    HealthCheckRequest request;
    request.set_service("nobody.Nothing");
    const auto reader = co_await ServerStreamReader<HealthCheckResponse>::Open(
        reactor_,
        [&](auto* context, auto* queue, void* tag) { return stub->AsyncWatch(context, request, queue, tag); });
    HealthCheckResponse response;
    co_await reader->Receive(response);
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN) << "and goes on: it may come (health.proto)";
  });
}

TEST_F(IntrospectionTest, ReflectsWhatIsServed) {
  RunToEnd([this]() -> Awaitable<void> {
    ServerReflectionRequest request;
    request.set_list_services("");
    const auto listed = co_await Reflect(request);
    std::vector<std::string> names;
    for (const auto& service : listed.list_services_response().service()) names.push_back(service.name());
    EXPECT_THAT(names, IsSupersetOf({"patchbay.upstream.v1.Upstream", "grpc.health.v1.Health",
                                     "grpc.reflection.v1.ServerReflection", "grpc.channelz.v1.Channelz"}));
    EXPECT_THAT(names, Not(Contains("patchbay.accounts.v1.Leasing"))) << "linked in, but another process's";
  });
}

TEST_F(IntrospectionTest, GivesAFileWithEverythingThatItImportsOnce) {
  RunToEnd([this]() -> Awaitable<void> {
    ServerReflectionRequest request;
    request.set_file_containing_symbol("patchbay.upstream.v1.Upstream.Fetch");
    const auto response = co_await Reflect(request);
    std::vector<std::string> names;
    std::set<std::string> imports;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
      imports.insert(file.dependency().begin(), file.dependency().end());
    }
    EXPECT_EQ(names.empty() ? "" : names.front(), "patchbay/upstream/v1/upstream.proto");
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    EXPECT_THAT(names, IsSupersetOf(imports));
    EXPECT_EQ(response.original_request().file_containing_symbol(), "patchbay.upstream.v1.Upstream.Fetch");
  });
}

TEST_F(IntrospectionTest, SaysWhatItCannotReflect) {
  RunToEnd([this]() -> Awaitable<void> {
    ServerReflectionRequest file, symbol, extension;
    file.set_file_by_filename("no/such.proto");
    symbol.set_file_containing_symbol("no.such.Symbol");
    extension.mutable_file_containing_extension()->set_containing_type("no.such.Type");
    const std::vector<ServerReflectionRequest> requests = {file, symbol, extension};
    for (const ServerReflectionRequest& request : requests) {
      const auto response = co_await Reflect(request);
      EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::NOT_FOUND) << request.ShortDebugString();
    }
    const ServerReflectionRequest nothing;
    const auto response = co_await Reflect(nothing);
    EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  });
}

TEST_F(IntrospectionTest, CountsTheChannelsOfTheProcess) {
  RunToEnd([this]() -> Awaitable<void> {
    const auto stub = Channelz::NewStub(Anybody());
    const grpc::channelz::v1::GetTopChannelsRequest request;
    const auto channels = co_await Unary<grpc::channelz::v1::GetTopChannelsResponse>(
        reactor_, seconds(10),
        [&](auto* context, auto* queue) { return stub->AsyncGetTopChannels(context, request, queue); });
    EXPECT_TRUE(channels.ok());
    if (!channels.ok()) co_return;
    std::vector<std::string> targets;
    for (const auto& channel : channels->channel()) targets.push_back(channel.data().target());
    EXPECT_THAT(targets, Contains("unix:" + listener_.path));
    grpc::channelz::v1::GetChannelRequest nobody;
    nobody.set_channel_id(1 << 30);
    const auto missing = co_await Unary<grpc::channelz::v1::GetChannelResponse>(
        reactor_, seconds(10),
        [&](auto* context, auto* queue) { return stub->AsyncGetChannel(context, nobody, queue); });
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  });
}

}  // namespace
}  // namespace patchbay::rpc
