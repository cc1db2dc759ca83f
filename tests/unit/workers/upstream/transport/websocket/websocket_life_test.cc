// From the upgrade to the goodbye, against a real server. What messages hold is websocket_test's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <future>

#include "lib/async/spawn.h"
#include "tests/unit/workers/upstream/local_web_socket.h"
#include "tests/unit/workers/upstream/transport_fixture.h"
#include "workers/upstream/transport/websocket/websocket.h"

namespace patchbay::upstream {
namespace {

using inference::v1::FailureStage;
using std::chrono::milliseconds;
using testing::AcceptWebSocket;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::LocalServer;
using testing::Peer;
using testing::ReadText;
using testing::SendFrame;

constexpr int kText = 1, kClose = 8, kPing = 9, kPong = 10;  // RFC 6455 §5.2

std::vector<std::string> HeaderNames(const std::string& head) {
  std::vector<std::string> names;
  for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size(); at = head.find("\r\n", at) + 2) {
    names.push_back(head.substr(at, head.find(':', at) - at));
  }
  return names;
}

class WebSocketLifeTest : public testing::TransportFixture {
 protected:
  WebSocketRequest SocketTo(const LocalServer& server) {
    WebSocketRequest request;
    request.to = RequestTo(server).to;
    request.path = "/responses?a=b";
    return request;
  }
  void Tell(Awaitable<void> story) {
    bool over = false;
    async::Spawn(io_, "test", ToItsEnd(std::move(story), &over));
    io_.restart();
    while (!over) io_.run_one();  // not run: a watchdog sleeps to the end of what is over
  }
  static Awaitable<void> ToItsEnd(Awaitable<void> story, bool* over) {
    co_await std::move(story);
    *over = true;
  }
  // Opens it; then one message, or how it ended.
  std::string OpenAndRead(WebSocketRequest request) {
    std::string told;
    Tell(OpenAndReadStory(this, std::move(request), &told));
    return told;
  }
  static Awaitable<void> OpenAndReadStory(WebSocketLifeTest* self, WebSocketRequest request, std::string* told) {
    const bool open = co_await self->socket_.Open(std::move(request));
    if (!open) {
      *told = "(not open)";
      co_return;
    }
    const ReadStatus status = co_await self->socket_.Read(*told);
    if (status == ReadStatus::kEnd) *told = "(closed)";
    if (status == ReadStatus::kFailed) *told = "(failed)";
  }
  // Reads what one script sends after the upgrade.
  std::string ReadFrom(const std::function<void(Peer&)>& script) {
    LocalServer server(false, [&](Peer& peer) {
      AcceptWebSocket(peer);
      script(peer);
    });
    return OpenAndRead(SocketTo(server));
  }

  WebSocket socket_{pool_};
};

TEST_F(WebSocketLifeTest, CarriesTextsBothWaysWithAndWithoutTls) {
  for (const bool tls : {false, true}) {
    LocalServer server(tls, [](Peer& peer) {
      AcceptWebSocket(peer);
      for (std::string text = ReadText(peer); !text.empty(); text = ReadText(peer)) SendFrame(peer, "echo " + text);
    });
    WebSocket socket(pool_);
    const auto story = [](WebSocket* one, WebSocketRequest request) -> Awaitable<void> {
      const bool open = co_await one->Open(std::move(request));
      EXPECT_TRUE(open) << one->failure().message;
      EXPECT_EQ(one->head().status, 101);
      std::string text = "what stood there before";
      const std::vector<std::string> words = {"a", std::string(300, 'b'),
                                              std::string(100'000, 'c')};  // each length of §5.2
      for (const std::string& word : words) {
        const bool sent = co_await one->Write(word);
        EXPECT_TRUE(sent);
        const ReadStatus status = co_await one->Read(text);
        EXPECT_EQ(status, ReadStatus::kData);
        EXPECT_TRUE(text == "echo " + word);
      }
      co_await one->Close(1000);
    };
    Tell(story(&socket, SocketTo(server)));
  }
}

TEST_F(WebSocketLifeTest, UpgradesWithItsHeadersInTheirOrderAndNoneThatIsUnsafe) {
  std::string head;
  LocalServer server(false, [&](Peer& peer) {
    head = AcceptWebSocket(peer);
    SendFrame(peer, "hello");
  });
  WebSocketRequest request = SocketTo(server);
  request.headers = {
      {"authorization", "Bearer t"}, {"x-evil", "a\r\nx-injected: 1"}, {"not a name", "x"}, {"x-b", "2"}};
  EXPECT_EQ(OpenAndRead(std::move(request)), "hello");
  EXPECT_THAT(head, ::testing::StartsWith("GET /responses?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(HeaderNames(head), ElementsAre("Host", "Connection", "Upgrade", "Sec-WebSocket-Version",
                                             "Sec-WebSocket-Key", "authorization", "x-b", "sec-websocket-extensions"));
}

TEST_F(WebSocketLifeTest, TellsWhyTheProviderRefused) {
  const std::string long_body(100'000, 'x');
  for (const std::string& body : {std::string(R"({"error":"no"})"), long_body}) {
    LocalServer server(false, [&](Peer& peer) {
      peer.ReadRequest();
      peer.Write("HTTP/1.1 403 Forbidden\r\nX-Why: because\r\ncontent-length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body);
      peer.WaitForClose();
    });
    WebSocket socket(pool_);
    const auto story = [](WebSocket* one, WebSocketRequest request) -> Awaitable<void> {
      const bool open = co_await one->Open(std::move(request));
      EXPECT_FALSE(open);
    };
    Tell(story(&socket, SocketTo(server)));
    EXPECT_EQ(socket.head().status, 403);
    EXPECT_EQ(HeaderOr(socket.head().headers, "x-why"), "because");
    EXPECT_EQ(socket.refusal(), body.substr(0, 64 << 10)) << "kept so far";
    EXPECT_EQ(socket.failure().stage, FailureStage::FAILURE_STAGE_UNSPECIFIED) << "an answer, not a failure";
  }
}

TEST_F(WebSocketLifeTest, TakesNobodyForAWebSocketWhoCannotProveIt) {
  LocalServer server(false, [](Peer& peer) {
    peer.ReadRequest();
    peer.Write(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        "sec-websocket-accept: bm90IHRoZSBhbnN3ZXI=\r\n\r\n");
    peer.WaitForClose();
  });
  EXPECT_EQ(OpenAndRead(SocketTo(server)), "(not open)");
  EXPECT_EQ(socket_.failure().stage, FailureStage::FAILURE_STAGE_FIRST_BYTE);
  EXPECT_THAT(socket_.failure().message, HasSubstr("websocket handshake"));
}

TEST_F(WebSocketLifeTest, DoesNotWaitLongerForTheUpgradeThanItMay) {
  LocalServer server(false, [](Peer& peer) {
    peer.ReadRequest();
    peer.WaitForClose();
  });
  WebSocketRequest request = SocketTo(server);
  request.deadline = std::chrono::steady_clock::now() + milliseconds(50);
  EXPECT_EQ(OpenAndRead(std::move(request)), "(not open)");
  EXPECT_TRUE(socket_.failure().timed_out);
  EXPECT_EQ(socket_.head().status, 0);
}

TEST_F(WebSocketLifeTest, SaysThatNobodyWasReached) {
  LocalServer server(false, [](Peer&) {});
  WebSocketRequest request = SocketTo(server);
  request.to.allow_private = false;
  EXPECT_EQ(OpenAndRead(std::move(request)), "(not open)");
  EXPECT_EQ(socket_.failure().stage, FailureStage::FAILURE_STAGE_RESOLVE);
}

TEST_F(WebSocketLifeTest, TellsTheCodeAndTheReasonOfAClose) {
  EXPECT_EQ(ReadFrom([](Peer& peer) {
              SendFrame(peer, "\x03\xf3restarting", kClose);  // 1011
              peer.WaitForClose();
            }),
            "(closed)");
  EXPECT_EQ(socket_.close_code(), 1011);
  EXPECT_EQ(socket_.close_reason(), "restarting");
  EXPECT_EQ(socket_.failure().stage, FailureStage::FAILURE_STAGE_UNSPECIFIED);
}

TEST_F(WebSocketLifeTest, KnowsACloseWithoutACode) {
  EXPECT_EQ(ReadFrom([](Peer& peer) {
              SendFrame(peer, "", kClose);
              peer.WaitForClose();
            }),
            "(closed)");
  EXPECT_EQ(socket_.close_code(), 1005);
}

TEST_F(WebSocketLifeTest, FailsWhenTheConnectionBreaks) {
  EXPECT_EQ(ReadFrom([](Peer&) {}), "(failed)");
  EXPECT_EQ(socket_.failure().stage, FailureStage::FAILURE_STAGE_STREAM);
  EXPECT_FALSE(socket_.failure().timed_out);
}

TEST_F(WebSocketLifeTest, FailsOnWhatTheProviderMayNotSend) {
  struct Case {
    std::string frame, why;
  };
  const std::string too_large = std::string("\x81\x7f", 2) + std::string("\0\0\0\0\x04\0\0\x01", 8);  // 64 MiB and 1
  const Case cases[] = {{std::string("\x82\x01x", 3), "a binary message"},
                        {too_large, ""},
                        {std::string("\x83\x01x", 3), ""},          // an opcode that there is not
                        {std::string("\x81\x02\xc3\x28", 4), ""}};  // no UTF-8
  for (const Case& one : cases) {
    WebSocket socket(pool_);
    LocalServer server(false, [&](Peer& peer) {
      AcceptWebSocket(peer);
      peer.Write(one.frame);
      peer.WaitForClose();
    });
    const auto story = [](WebSocket* opened, WebSocketRequest request) -> Awaitable<void> {
      const bool open = co_await opened->Open(std::move(request));
      EXPECT_TRUE(open);
      std::string text;
      const ReadStatus status = co_await opened->Read(text);
      EXPECT_EQ(status, ReadStatus::kFailed);
    };
    Tell(story(&socket, SocketTo(server)));
    EXPECT_EQ(socket.failure().stage, FailureStage::FAILURE_STAGE_STREAM);
    EXPECT_THAT(socket.failure().message, HasSubstr(one.why));
  }
}

TEST_F(WebSocketLifeTest, AnswersAPingWhileItReads) {
  std::promise<std::string> pong;
  EXPECT_EQ(ReadFrom([&](Peer& peer) {
              SendFrame(peer, "are you there", kPing);
              pong.set_value(peer.ReadBytes(2));
              SendFrame(peer, "text", kText);
            }),
            "text");
  const std::string head = pong.get_future().get();
  ASSERT_EQ(head.size(), 2u);
  EXPECT_EQ(head[0] & 0x0f, kPong);
}

TEST_F(WebSocketLifeTest, SaysGoodbyeWithACode) {
  std::promise<std::string> goodbye;
  LocalServer server(false, [&](Peer& peer) {
    AcceptWebSocket(peer);
    std::string frame = peer.ReadBytes(8);  // masked: head, mask, code
    for (std::size_t i = 6; i < frame.size(); ++i) frame[i] = static_cast<char>(frame[i] ^ frame[i - 4]);
    goodbye.set_value(frame.substr(0, 1) + frame.substr(6));
    SendFrame(peer, "\x03\xe8", kClose);
    peer.WaitForClose();
  });
  const auto story = [](WebSocket* socket, WebSocketRequest request) -> Awaitable<void> {
    const bool open = co_await socket->Open(std::move(request));
    EXPECT_TRUE(open);
    co_await socket->Close(1000);
    const bool sent = co_await socket->Write("too late");
    EXPECT_FALSE(sent);
  };
  Tell(story(&socket_, SocketTo(server)));
  EXPECT_EQ(goodbye.get_future().get(), "\x88\x03\xe8");
}

TEST_F(WebSocketLifeTest, EndsAReadThatWaitsWhenItIsCancelled) {
  asio::steady_timer later(io_, milliseconds(50));
  later.async_wait([&](boost::system::error_code) { socket_.Cancel(); });
  EXPECT_EQ(ReadFrom([](Peer& peer) { peer.WaitForClose(); }), "(failed)");
  EXPECT_TRUE(socket_.failure().cancelled);
  EXPECT_EQ(socket_.failure().message, "cancelled");
}

TEST_F(WebSocketLifeTest, OpensNoMoreOnceItIsCancelled) {
  LocalServer server(false, [](Peer&) {});
  socket_.Cancel();
  EXPECT_EQ(OpenAndRead(SocketTo(server)), "(not open)");
  EXPECT_TRUE(socket_.failure().cancelled);
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace patchbay::upstream
