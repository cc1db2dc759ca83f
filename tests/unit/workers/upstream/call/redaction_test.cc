// What a provider repeats of our secrets does not leave the process, whichever way it came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/local_web_socket.h"
#include "tests/unit/workers/upstream/service_fixture.h"

namespace patchbay::upstream {
namespace {

using namespace std::chrono_literals;
using testing::FakeStream;
using ::testing::HasSubstr;
using testing::LocalServer;
using ::testing::Not;
using testing::Peer;

// A provider that says which token it did not like.
class Echo : public testing::ServiceFixture {
 protected:
  static constexpr std::string_view kEcho = "bad token Bearer token-of-account-a, sorry";
  static constexpr std::string_view kShown = "bad token Bearer ‹redacted›, sorry";
  Echo() { AddCredential("account-a"); }
  static std::string Failed() {
    return R"({"type":"response.failed","response":{"id":"r","error":{"code":"c","message":")" + std::string(kEcho) +
           R"("}}})";
  }
  template <class Reply>
  static void ExpectNoToken(const std::vector<Reply>& replies) {
    for (const Reply& reply : replies) EXPECT_THAT(reply.SerializeAsString(), Not(HasSubstr("token-of-account-a")));
  }
};

TEST_F(Echo, IsRedactedInAnErrorReply) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    const std::string body = R"({"error":{"message":")" + std::string(kEcho) + R"("}})";
    peer.Write("HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
    peer.WaitForClose();
  });
  PointAt(server);
  FakeStream stream;
  stream.requests.push_back(Canonical("account-a"));
  ASSERT_TRUE(Call(stream).ok());
  ExpectNoToken(stream.replies);
  EXPECT_EQ(stream.replies.back().end().failure().message(), kShown);
  EXPECT_EQ(stream.replies.back().end().failure().body(), R"({"error":{"message":")" + std::string(kShown) + R"("}})");
}

TEST_F(Echo, IsRedactedInAFetchedErrorButNotInATokenReply) {
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: " + std::to_string(kEcho.size()) +
               "\r\n\r\n" + std::string(kEcho));
  });
  PointAt(server);
  v1::FetchRequest request;
  request.set_provider("codex");
  request.set_account("account-a");
  request.set_endpoint(v1::FetchRequest::ENDPOINT_USAGE);
  EXPECT_EQ(Await(service_.Fetch(request))->body(), kShown);
  request.set_endpoint(v1::FetchRequest::ENDPOINT_TOKEN);
  EXPECT_EQ(Await(service_.Fetch(request))->body(), kEcho);
}

// Of each kind of stream, with the token split between two reads: the second piece is not sent before what is whole of
// the first one has reached the caller.
class EchoInAStream : public Echo, public ::testing::WithParamInterface<bool> {};

TEST_P(EchoInAStream, IsRedactedHoweverItWasSplit) {
  const bool raw = GetParam();
  std::mutex mutex;
  std::condition_variable changed;
  bool seen = false;
  const std::string created = "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n";
  const std::string failed = "event: response.failed\ndata: " + Failed() + "\n\n";
  const std::size_t half = failed.find("token-of") + 5;
  LocalServer server(true, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n");
    peer.Write(created + failed.substr(0, half));
    {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, 10s, [&] { return seen; });
    }
    peer.Write(failed.substr(half));
  });
  PointAt(server);
  FakeStream stream;
  if (raw) {
    stream.requests = Raw("{}");
    stream.requests[0].mutable_open()->set_account("account-a");
  } else {
    stream.requests.push_back(Canonical("account-a"));
  }
  stream.on_reply = [&](const v1::CallReply& reply) {
    if (reply.chunk().empty() && reply.events().events().empty()) return;
    const std::lock_guard lock(mutex);
    seen = true;
    changed.notify_all();
  };
  ASSERT_TRUE(Call(stream).ok());
  ExpectNoToken(stream.replies);
  EXPECT_EQ(stream.replies.back().end().failure().message(), kShown);
  std::string passed;
  for (const auto& reply : stream.replies) passed += reply.chunk();
  if (raw) {
    std::string redacted = failed;
    redacted.replace(redacted.find(kEcho), kEcho.size(), kShown);
    EXPECT_EQ(passed, created + redacted);
  }
}

INSTANTIATE_TEST_SUITE_P(Translated, EchoInAStream, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Raw, EchoInAStream, ::testing::Values(true));

TEST_F(Echo, IsRedactedInTheFramesOfASocket) {
  const std::string error = R"({"type":"error","status":401,"error":{"message":")" + std::string(kEcho) + R"("}})";
  for (const std::string& frame : {error, Failed()}) {
    LocalServer server(true, [&](Peer& peer) {
      testing::AcceptWebSocket(peer);
      testing::ReadText(peer);
      testing::SendFrame(peer, frame);
      peer.WaitForClose();
    });
    PointAt(server);
    const auto socket = std::make_shared<testing::FakeSocketStream>();
    socket->more = std::make_shared<async::Event>(io_.get_executor());
    v1::SocketOpen& open = *socket->requests.emplace_back().mutable_open();
    open.set_account("account-a");
    open.set_provider("codex");
    open.set_dialect("openai_responses");
    socket->on_reply = [&](const v1::SocketReply& reply) {
      const auto more = socket->more;
      if (reply.has_opened()) {
        ASSERT_FALSE(reply.opened().has_failure()) << reply.opened().failure().ShortDebugString();
        socket->requests.emplace_back().mutable_turn()->set_total_bytes(2);
        socket->requests.emplace_back().set_chunk("{}");
      } else if (reply.has_turn_end()) {
        EXPECT_EQ(reply.turn_end().failure().message(), kShown);
        socket->more = nullptr;
      }
      if (more) more->Notify();
    };
    ASSERT_TRUE(Await(service_.Socket(socket, [](std::function<void()>) {})).ok());
    ExpectNoToken(socket->replies);
    EXPECT_EQ(socket->more, nullptr) << "no turn ended";
  }
}

}  // namespace
}  // namespace patchbay::upstream
