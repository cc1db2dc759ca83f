#include "workers/upstream/transport/http1/round_trip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>

#include "tests/unit/workers/upstream/local_server.h"
#include "tests/unit/workers/upstream/transport_fixture.h"

namespace patchbay::upstream {
namespace {

using namespace std::chrono_literals;
using inference::v1::FailureStage;
using testing::Always;
using testing::LocalServer;
using testing::Peer;
using testing::Reply;

class Transport : public testing::TransportFixture {};

class EitherTransport : public Transport, public ::testing::WithParamInterface<bool> {};

TEST_P(EitherTransport, SendsTheRequestAndGivesTheWholeReply) {
  std::string received;
  LocalServer server(GetParam(), Always([&](const std::string& request) {
                       received = request;
                       return std::string("world");
                     }));
  const Reply reply = Do(RequestTo(server));
  ASSERT_TRUE(reply.started) << reply.failure.message;
  EXPECT_EQ(reply.head.status, 200);
  EXPECT_EQ(reply.body, "world");
  EXPECT_EQ(reply.end, ReadStatus::kEnd);
  EXPECT_EQ(received, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello");
}

TEST_P(EitherTransport, SendsBodiesOfMegabytesWhole) {
  const std::string body(5'000'000, 'x');
  LocalServer server(GetParam(), Always([&](const std::string& request) { return std::to_string(request.size()); }));
  HttpRequest request = RequestTo(server, body);
  const std::size_t size = request.head.size() + body.size();
  EXPECT_EQ(Do(std::move(request)).body, std::to_string(size));
}

TEST_P(EitherTransport, UsesAConnectionAgainForTheSameAccountOnly) {
  LocalServer server(GetParam(), Always([](const std::string&) { return "ok"; }));
  EXPECT_FALSE(Do(RequestTo(server, "1", "a")).reused);
  EXPECT_TRUE(Do(RequestTo(server, "2", "a")).reused);
  EXPECT_FALSE(Do(RequestTo(server, "3", "b")).reused);
  EXPECT_TRUE(Do(RequestTo(server, "4", "a")).reused);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(pool_->stats().idle, 2);
  EXPECT_EQ(pool_->stats().busy, 0);
}

TEST_P(EitherTransport, ReplacesAConnectionThatDiedWhileIdle) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Answer("ok");  // and closes, without having said so
  });
  EXPECT_EQ(Do(RequestTo(server)).body, "ok");
  const Reply second = Do(RequestTo(server));
  ASSERT_TRUE(second.started) << second.failure.message;
  EXPECT_EQ(second.body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

// The server takes the second request on the old connection and hangs up: no byte of a reply came,
// so the request is sent once more, on a new connection.
TEST_P(EitherTransport, SendsOnceMoreWhenAUsedConnectionDiesUnanswered) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Answer("first on " + std::to_string(peer.number()));
    peer.ReadRequest();
  });
  EXPECT_EQ(Do(RequestTo(server)).body, "first on 0");
  const Reply second = Do(RequestTo(server));
  EXPECT_EQ(second.body, "first on 1");
  EXPECT_FALSE(second.reused);
}

TEST_P(EitherTransport, DoesNotSendTwiceOnAFreshConnection) {
  LocalServer server(GetParam(), [](Peer& peer) { peer.ReadRequest(); });
  const Reply reply = Do(RequestTo(server));
  EXPECT_FALSE(reply.started);
  EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_FIRST_BYTE);
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(EitherTransport, DoesNotSendTwiceOnceAByteOfTheReplyCame) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Answer("ok");
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\nconte");
  });
  EXPECT_EQ(Do(RequestTo(server)).body, "ok");
  const Reply second = Do(RequestTo(server));
  EXPECT_FALSE(second.started);
  EXPECT_EQ(second.failure.stage, FailureStage::FAILURE_STAGE_FIRST_BYTE);
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(EitherTransport, UnchunksABodyHoweverItIsSplit) {
  const std::string reply_bytes =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: text/event-stream\r\n\r\n"
      "5;x=y\r\nhello\r\n1\r\n \r\nb\r\nwide world!\r\n0\r\ntrailer: ignored\r\n\r\n";
  for (const std::size_t step : {1u, 2u, 7u, 1000u}) {
    LocalServer server(GetParam(), [&](Peer& peer) {
      while (!peer.ReadRequest().empty()) {
        for (std::size_t at = 0; at < reply_bytes.size(); at += step)
          peer.Write(std::string_view(reply_bytes).substr(at, step));
      }
    });
    for (int round = 0; round < 2; ++round) {
      const Reply reply = Do(RequestTo(server));
      ASSERT_TRUE(reply.started) << reply.failure.message;
      EXPECT_EQ(reply.body, "hello wide world!");
      EXPECT_EQ(reply.end, ReadStatus::kEnd);
      EXPECT_EQ(reply.reused, round == 1);
      EXPECT_EQ(HeaderOr(reply.head.headers, "content-type"), "text/event-stream");
      EXPECT_EQ(FindHeader(reply.head.headers, "trailer"), nullptr);
    }
  }
}

TEST_P(EitherTransport, SkipsInformationalHeads) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Write(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
    peer.WaitForClose();
  });
  const Reply reply = Do(RequestTo(server));
  ASSERT_TRUE(reply.started) << reply.failure.message;
  EXPECT_EQ(reply.head.status, 204);
  EXPECT_TRUE(reply.head.headers.empty());
  EXPECT_EQ(reply.end, ReadStatus::kEnd);
}

TEST_P(EitherTransport, ReportsABodyThatIsCutShort) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
  });
  const Reply reply = Do(RequestTo(server));
  EXPECT_EQ(reply.body, "half");
  EXPECT_EQ(reply.end, ReadStatus::kFailed);
  EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_STREAM);
  EXPECT_EQ(pool_->stats().idle, 0);
}

TEST_P(EitherTransport, GivesUpOnASilentServerInTime) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.WaitForClose();
  });
  HttpRequest request = RequestTo(server);
  request.timeouts.first_byte = 30ms;
  const Reply reply = Do(std::move(request));
  EXPECT_FALSE(reply.started);
  EXPECT_TRUE(reply.failure.timed_out);
  EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_FIRST_BYTE);
}

TEST_P(EitherTransport, GivesUpOnAStreamThatStalls) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    peer.WaitForClose();
  });
  HttpRequest request = RequestTo(server);
  request.timeouts.stall = 30ms;
  const Reply reply = Do(std::move(request));
  EXPECT_EQ(reply.body, "half");
  EXPECT_TRUE(reply.failure.timed_out);
  EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_STREAM);
}

TEST_P(EitherTransport, HonoursTheTotalDeadlineWhateverArrives) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    while (peer.Write("1\r\nx\r\n")) {
    }
  });
  HttpRequest request = RequestTo(server);
  request.timeouts.total = std::chrono::steady_clock::now() + 100ms;
  const Reply reply = Do(std::move(request));
  EXPECT_EQ(reply.end, ReadStatus::kFailed);
  EXPECT_TRUE(reply.failure.timed_out);
}

TEST_P(EitherTransport, ClosesTheSocketAtOnceWhenCancelled) {
  std::mutex mutex;
  std::condition_variable changed;
  bool closed = false;
  LocalServer server(GetParam(), [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    peer.WaitForClose();
    const std::lock_guard lock(mutex);
    closed = true;
    changed.notify_all();
  });
  on_piece_ = [&](const std::string&) { asio::post(io_, [&] { current_->Cancel(); }); };
  const Reply reply = Do(RequestTo(server));
  EXPECT_EQ(reply.end, ReadStatus::kFailed);
  EXPECT_TRUE(reply.failure.cancelled);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, 5s, [&] { return closed; }));
}

TEST_P(EitherTransport, RefusesAnEndlessHead) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\n");
    while (peer.Write("x-filler: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  const Reply reply = Do(RequestTo(server));
  EXPECT_FALSE(reply.started);
  EXPECT_EQ(reply.failure.stage, FailureStage::FAILURE_STAGE_FIRST_BYTE);
}

TEST_P(EitherTransport, RefusesWhatIsNotHttp) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.ReadRequest();
    peer.Write("SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n");
    peer.WaitForClose();
  });
  const Reply reply = Do(RequestTo(server));
  EXPECT_FALSE(reply.started);
}

// A server may refuse a large body before it has read it.
TEST_P(EitherTransport, ReadsTheAnswerOfAServerThatStopsReading) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.Write("HTTP/1.1 413 Payload Too Large\r\ncontent-length: 4\r\nconnection: close\r\n\r\nmuch");
    peer.WaitForClose();
    while (!peer.ReadRequest().empty()) {
    }
  });
  const Reply reply = Do(RequestTo(server, std::string(100'000, 'x')));
  ASSERT_TRUE(reply.started) << reply.failure.message;
  EXPECT_EQ(reply.head.status, 413);
  EXPECT_EQ(reply.body, "much");
  EXPECT_EQ(pool_->stats().idle, 0);
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, EitherTransport, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Tls" : "Plain"; });

// TLS's buffers are given back before every wait, also while a record has come in part, or while the caller has taken
// a part of what came.
TEST_F(Transport, LosesNothingOfAReplyThatComesByteByByteOrInOnePiece) {
  std::string body(100'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  const std::string reply_bytes =
      "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  for (const std::size_t step : {std::size_t{1000}, std::size_t{16'384}, reply_bytes.size()}) {
    LocalServer server(true, [&](Peer& peer) {
      while (!peer.ReadRequest().empty()) {
        for (std::size_t at = 0; at < reply_bytes.size(); at += step)
          peer.Write(std::string_view(reply_bytes).substr(at, step));
      }
    });
    for (int round = 0; round < 3; ++round) {
      const Reply reply = Do(RequestTo(server, std::string(round == 1 ? 300'000 : 5, 'r')));
      ASSERT_TRUE(reply.started) << reply.failure.message;
      EXPECT_TRUE(reply.body == body) << step;
      EXPECT_EQ(reply.reused, round > 0);
    }
  }
}

// Nothing is read while the caller does not ask for more, so the server's writes block.
TEST_F(Transport, ReadsNoFurtherThanItsCallerAsks) {
  std::atomic<std::size_t> written{0};
  LocalServer server(false, [&](Peer& peer) {
    peer.ReadRequest();
    peer.Write("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
    const std::string block(65536, 'x');
    while (peer.Write(block)) written += block.size();
  });
  auto paused = [&]() -> Awaitable<void> {
    RoundTrip trip(pool_);
    EXPECT_TRUE(co_await trip.Start(RequestTo(server)));
    std::string piece;
    EXPECT_EQ(co_await trip.Read(piece), ReadStatus::kData);
    // The server fills the kernel's buffers and then waits for us.
    std::size_t before = 0;
    asio::steady_timer pause(io_);
    for (int still = 0; still < 5;) {
      before = written;
      pause.expires_after(20ms);
      co_await pause.async_wait(asio::use_awaitable);
      still = written == before ? still + 1 : 0;
    }
    EXPECT_LT(written, 100'000'000u);
  };
  bool done = false;
  asio::co_spawn(io_, paused(), [&](std::exception_ptr) { done = true; });
  while (!done) io_.run_one();
}

}  // namespace
}  // namespace patchbay::upstream
