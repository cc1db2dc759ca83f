#include "workers/upstream/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/service_fixture.h"

namespace patchbay::upstream {
namespace {

using namespace std::chrono_literals;
using testing::FakeStream;
using ::testing::HasSubstr;
using testing::LocalServer;
using ::testing::Not;
using testing::Peer;
namespace inf = inference::v1;

constexpr const char* kStream =
    "event: response.created\n"
    R"(data: {"type":"response.created","response":{"id":"resp_1","model":"gpt-5.5","created_at":1787390000}})"
    "\n\n"
    R"(data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hello"})"
    "\n\n"
    R"(data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","usage":{"input_tokens":3,"output_tokens":2}}})"
    "\n\n";

std::string Sse(std::string_view body, std::string_view extra = "") {
  return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nset-cookie: __cf_bm=abc; Path=/; Secure\r\n"
         "x-codex-primary-used-percent: 12\r\nx-codex-primary-window-minutes: 300\r\nserver: cloudflare\r\n" +
         std::string(extra) + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

class Service : public testing::ServiceFixture {};

TEST_F(Service, AnswersACanonicalCallWithHeadEventsAndEnd) {
  std::string received;
  LocalServer server(true, [&](Peer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      received = request;
      peer.Write(Sse(kStream));
    }
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  ASSERT_TRUE(Call(stream).ok());

  ASSERT_FALSE(stream.replies.empty());
  const v1::Head& head = stream.replies.front().head();
  EXPECT_EQ(head.status(), 200);
  for (const auto& header : head.headers()) {
    EXPECT_NE(header.name(), "set-cookie");
    EXPECT_NE(header.name(), "server");
  }
  std::string text;
  for (const auto& reply : stream.replies) {
    for (const auto& event : reply.events().events()) text += event.text_delta().text();
  }
  EXPECT_EQ(text, "Hello");
  const v1::End& end = stream.replies.back().end();
  EXPECT_FALSE(end.has_failure()) << end.failure().ShortDebugString();
  EXPECT_EQ(end.usage().input_tokens(), 3);
  EXPECT_EQ(end.response_id(), "resp_1");
  EXPECT_EQ(end.served_model(), "gpt-5.5");
  EXPECT_EQ(end.finish_reason(), inf::FINISH_REASON_STOP);
  EXPECT_EQ(end.rate_limits().windows(0).used_percent(), 12);
  EXPECT_FALSE(end.timings().connection_reused());

  EXPECT_THAT(received, HasSubstr("POST /backend-api/codex/responses HTTP/1.1\r\nversion: 0.171.0\r\n"));
  EXPECT_THAT(
      received,
      HasSubstr("\r\nauthorization: Bearer token-of-a\r\nchatgpt-account-id: acc-a\r\noriginator: codex_cli_rs\r\n"));
  EXPECT_THAT(received, HasSubstr("\r\nsession-id: 0198c0de-0000-7000-8000-000000000001\r\n"));
  EXPECT_THAT(received, HasSubstr("\"prompt_cache_key\":\"0198c0de-0000-7000-8000-000000000001\""));
  EXPECT_THAT(received, Not(HasSubstr("cookie:")));

  // The second call uses the connection again and shows the cookie.
  FakeStream again;
  again.requests.push_back(Canonical());
  ASSERT_TRUE(Call(again).ok());
  EXPECT_TRUE(again.replies.back().end().timings().connection_reused());
  EXPECT_THAT(received, HasSubstr("\r\ncookie: __cf_bm=abc\r\n"));
}

TEST_F(Service, ShowsAProviderItsOwnSealedReasoningAndSaysWhoseItIs) {
  std::string received;
  LocalServer server(true, [&](Peer& peer) {
    received = peer.ReadRequest();
    peer.Write(Sse(
        R"(data: {"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","encrypted_content":"gNEW"}})"
        "\n\n"
        R"(data: {"type":"response.completed","response":{"id":"resp_1"}})"
        "\n\n"));
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  auto& open = *stream.requests[0].mutable_open();
  for (const char* maker : {"codex", "another"}) {
    auto& reasoning = *open.mutable_canonical()->add_items()->mutable_reasoning();
    reasoning.set_sealed_by(maker);
    reasoning.set_encrypted_content(std::string("g-of-") + maker);
  }
  ASSERT_EQ(open.provider(), "codex");
  ASSERT_TRUE(Call(stream).ok());
  EXPECT_THAT(received, HasSubstr("g-of-codex"));
  EXPECT_THAT(received, Not(HasSubstr("g-of-another")));
  ASSERT_FALSE(stream.replies.empty());
  EXPECT_THAT(stream.replies.front().head().repaired(), ::testing::ElementsAre("sealed_reasoning"));
  std::string makers;
  for (const auto& reply : stream.replies) {
    for (const auto& event : reply.events().events()) makers += event.item_done().item().reasoning().sealed_by();
  }
  EXPECT_EQ(makers, "codex");
}

TEST_F(Service, PassesARawBodyAndItsReplyByteForByte) {
  const std::string body = R"({"model":"gpt-5.5", "input":[], "stream":true, "x":"ü"})";
  std::string received;
  LocalServer server(true, [&](Peer& peer) {
    received = peer.ReadRequest();
    peer.Write(Sse(kStream));
    peer.WaitForClose();
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests = Raw(body);
  ASSERT_TRUE(Call(stream).ok());
  EXPECT_THAT(received, ::testing::EndsWith("\r\n\r\n" + body));
  std::string passed;
  for (const auto& reply : stream.replies) passed += reply.chunk();
  EXPECT_EQ(passed, kStream);
  const v1::End& end = stream.replies.back().end();
  EXPECT_FALSE(end.has_failure());
  EXPECT_EQ(end.usage().output_tokens(), 2);
  EXPECT_EQ(end.response_id(), "resp_1");
}

TEST_F(Service, ReportsAnErrorReplyAsFacts) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    const std::string body =
        R"({"error":{"type":"usage_limit_reached","message":"The usage limit has been reached","resets_at":1787403600}})";
    peer.Write(
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nx-request-id: r1\r\ncontent-length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    peer.WaitForClose();
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  ASSERT_TRUE(Call(stream).ok());
  ASSERT_EQ(stream.replies.size(), 1u);  // known at once, so said at once
  EXPECT_EQ(stream.replies[0].head().status(), 429);
  const inf::Failure& failure = stream.replies[0].end().failure();
  EXPECT_EQ(failure.stage(), inf::FAILURE_STAGE_STATUS);
  EXPECT_EQ(failure.http_status(), 429);
  EXPECT_EQ(failure.type(), "usage_limit_reached");
  EXPECT_EQ(failure.cause(), inf::CAUSE_EXHAUSTED);
  EXPECT_EQ(failure.resets_at().seconds(), 1787403600);
  EXPECT_EQ(failure.provider_request_id(), "r1");
}

TEST_F(Service, ReportsAStreamThatEndsWithoutItsTerminalEvent) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write(Sse("data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"Hal\"}\n\n"));
    peer.WaitForClose();
  });
  PointAt(server);
  AddCredential("a");
  for (const bool raw : {false, true}) {
    FakeStream stream;
    if (raw)
      stream.requests = Raw("{}");
    else
      stream.requests.push_back(Canonical());
    ASSERT_TRUE(Call(stream).ok());
    EXPECT_EQ(stream.replies.back().end().failure().stage(), inf::FAILURE_STAGE_STREAM);
  }
}

TEST_F(Service, ReportsASuccessThatIsNoEventStream) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Answer("<html><title>Just a moment...</title></html>", "content-type: text/html\r\n");
    peer.WaitForClose();
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  ASSERT_TRUE(Call(stream).ok());
  EXPECT_EQ(stream.replies.back().end().failure().stage(), inf::FAILURE_STAGE_STREAM);
  EXPECT_TRUE(stream.replies.back().end().failure().challenge());
}

TEST_F(Service, NamesAnEncodingThatItDidNotAskFor) {
  for (const std::string status : {"200 OK", "400 Bad Request"}) {
    LocalServer server(true, [&](Peer& peer) {
      peer.ReadRequest();
      peer.Write(
          "HTTP/1.1 " + status +
          "\r\ncontent-type: text/event-stream\r\ncontent-encoding: br\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08");
      peer.WaitForClose();
    });
    PointAt(server);
    AddCredential("a");
    FakeStream stream;
    stream.requests.push_back(Canonical());
    ASSERT_TRUE(Call(stream).ok());
    EXPECT_THAT(stream.replies.back().end().failure().message(), HasSubstr("encoding that nobody asked for: br"));
  }
}

TEST_F(Service, TellsWhatTheProviderReportedInsideTheStream) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write(
        Sse("data: {\"type\":\"error\",\"error\":{\"code\":\"server_is_overloaded\",\"message\":\"later\"}}\n\n"));
    peer.WaitForClose();
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  ASSERT_TRUE(Call(stream).ok());
  const inf::Failure& failure = stream.replies.back().end().failure();
  EXPECT_EQ(failure.stage(), inf::FAILURE_STAGE_REPORTED);
  EXPECT_EQ(failure.http_status(), 200);
  EXPECT_EQ(failure.code(), "server_is_overloaded");
  EXPECT_EQ(failure.cause(), inf::CAUSE_OVERLOADED);
}

TEST_F(Service, WaitsForTheCredentialThatTheLeaseWasMadeWith) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write(Sse(kStream));
    peer.WaitForClose();
  });
  PointAt(server);
  AddCredential("a", 1);
  FakeStream stream;
  stream.requests.push_back(Canonical());
  stream.requests[0].mutable_open()->set_credential_version(2);
  asio::post(io_, [&] { AddCredential("a", 2); });
  ASSERT_TRUE(Call(stream).ok());
  EXPECT_FALSE(stream.replies.back().end().has_failure());
}

TEST_F(Service, RefusesWhatTheCallerGotWrong) {
  LocalServer server(true, [](Peer&) {});
  PointAt(server);
  const auto refused = [&](std::deque<v1::CallRequest> requests) {
    FakeStream stream;
    stream.requests = std::move(requests);
    return Call(stream).error().code;
  };
  EXPECT_EQ(refused({}), ErrorCode::kInvalidArgument);
  v1::CallRequest chunk;
  chunk.set_chunk("x");
  EXPECT_EQ(refused({chunk}), ErrorCode::kInvalidArgument);
  v1::CallRequest request = Canonical();
  request.mutable_open()->set_provider("nobody");
  EXPECT_EQ(refused({request}), ErrorCode::kInvalidArgument);
  request = Canonical();
  request.mutable_open()->mutable_raw()->set_dialect("anthropic");
  EXPECT_EQ(refused({request}), ErrorCode::kInvalidArgument);
  auto raw = Raw("12345678");
  raw.pop_back();
  EXPECT_EQ(refused(raw), ErrorCode::kInvalidArgument);
  raw = Raw("12345678");
  raw[0].mutable_open()->mutable_raw()->set_total_bytes(std::uint64_t{1} << 40);
  EXPECT_EQ(refused(raw), ErrorCode::kResourceExhausted);
}

TEST_F(Service, AnswersInTheProvidersSteadWhatCannotBeEncoded) {
  LocalServer server(true, [](Peer&) {});
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  stream.requests[0].mutable_open()->mutable_canonical()->add_tools()->mutable_function()->set_parameters_json(
      "nonsense");
  ASSERT_TRUE(Call(stream).ok());
  EXPECT_EQ(stream.replies.back().end().failure().http_status(), 400);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Service, ClosesTheProvidersConnectionWhenTheCallerLeaves) {
  std::mutex mutex;
  std::condition_variable changed;
  bool closed = false;
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 100000\r\n\r\n");
    peer.Write("data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n");
    peer.WaitForClose();
    const std::lock_guard lock(mutex);
    closed = true;
    changed.notify_all();
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  stream.on_reply = [&](const v1::CallReply& reply) {
    if (reply.has_events()) {
      asio::post(io_, [&] {
        stream.gone = true;
        end_call_();
      });
    }
  };
  EXPECT_FALSE(Call(stream).ok());
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, 5s, [&] { return closed; }));
  EXPECT_EQ(service_.Counters().at("connections_idle"), 0);
  EXPECT_EQ(service_.Counters().at("in_flight"), 0);
}

TEST_F(Service, DrainsWhenTheOpenCallsAreDoneAndRefusesNewOnes) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write(Sse(kStream));
    peer.WaitForClose();
  });
  PointAt(server);
  AddCredential("a");
  FakeStream stream;
  stream.requests.push_back(Canonical());
  bool drained = false;
  stream.on_reply = [&](const v1::CallReply& reply) {
    EXPECT_FALSE(drained);
    if (reply.has_head()) asio::co_spawn(io_, service_.Drain(), [&](std::exception_ptr) { drained = true; });
  };
  ASSERT_TRUE(Call(stream).ok());
  EXPECT_FALSE(stream.replies.back().end().has_failure());
  while (!drained) io_.run_one();
  FakeStream late;
  late.requests.push_back(Canonical());
  EXPECT_EQ(Call(late).error().code, ErrorCode::kUnavailable);
}

TEST_F(Service, ConnectsToNobodyByAnEgressThatItDoesNotHave) {
  LocalServer server(true, [](Peer&) {});
  PointAt(server);
  AddCredential("a", 1, "tokyo");

  FakeStream call;
  call.requests.push_back(Canonical());
  ASSERT_TRUE(Call(call).ok());
  EXPECT_EQ(call.replies.back().end().failure().stage(), inf::FAILURE_STAGE_CONNECT);
  EXPECT_EQ(call.replies.back().end().failure().message(), "unknown egress 'tokyo'");

  const auto socket = std::make_shared<testing::FakeSocketStream>();
  v1::SocketOpen& open = *socket->requests.emplace_back().mutable_open();
  open.set_account("a");
  open.set_provider("codex");
  open.set_dialect("openai_responses");
  ASSERT_TRUE(Await(service_.Socket(socket, [](std::function<void()>) {})).ok());
  EXPECT_EQ(socket->replies.back().opened().failure().stage(), inf::FAILURE_STAGE_CONNECT);

  v1::FetchRequest request;
  request.set_provider("codex");
  request.set_endpoint(v1::FetchRequest::ENDPOINT_USAGE);
  request.set_account("a");
  EXPECT_EQ(Await(service_.Fetch(request)).error().message, "unknown egress 'tokyo'");
  request.set_egress("tokyo");
  request.set_endpoint(v1::FetchRequest::ENDPOINT_TOKEN);
  EXPECT_EQ(Await(service_.Fetch(request)).error().message, "unknown egress 'tokyo'");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Service, ReadsAnErrorThatSomebodyHasSeen) {
  LocalServer server(true, [](Peer&) {});
  PointAt(server);
  v1::ReadErrorRequest request;
  request.set_provider("nobody");
  EXPECT_EQ(service_.ReadError(request).error().code, ErrorCode::kNotFound);
  request.set_provider("codex");
  request.set_status(429);
  auto& header = *request.add_headers();
  header.set_name("Retry-After");
  header.set_value("30");
  request.set_body(R"({"error":{"type":"usage_limit_reached","message":"The usage limit has been reached"}})");
  const auto reply = service_.ReadError(request);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->failure().cause(), inference::v1::CAUSE_EXHAUSTED);
  EXPECT_EQ(reply->failure().retry_after().seconds(), 30);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(Service, NamesTheSettingThatIsWrong) {
  auto config = patchbay::testing::Configured();
  catalog::v1::Provider& codex = (*config.mutable_providers())["codex"];
  codex.set_base_url("http://127.0.0.1:1");
  EXPECT_EQ(service_.Configure(config).error().where, "providers.codex.base_url");
  codex.set_base_url("https://provider.example");
  codex.set_ca_file("/nonexistent");
  EXPECT_EQ(service_.Configure(config).error().where, "providers.codex.ca_file");
}

}  // namespace
}  // namespace patchbay::upstream
