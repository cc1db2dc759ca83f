#include "workers/upstream/transport/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <optional>
#include <thread>

#include "lib/async/spawn.h"
#include "tests/unit/workers/upstream/local_server.h"

namespace patchbay::upstream {
namespace {

using ::testing::HasSubstr;
using testing::LocalServer;
using testing::Peer;

class StreamTest : public ::testing::Test {
 protected:
  IoResult Await(Awaitable<IoResult> operation) {
    std::optional<IoResult> result;
    async::Spawn(io_, "test", Keep(std::move(operation), &result));
    io_.restart();
    io_.run();
    return std::move(*result);
  }
  static Awaitable<void> Keep(Awaitable<IoResult> operation, std::optional<IoResult>* out) {
    out->emplace(co_await std::move(operation));
  }
  static asio::ip::tcp::endpoint EndpointOf(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }
  void Connect(const LocalServer& server, bool tls) {
    ASSERT_EQ(Await(stream_->Connect(EndpointOf(server.port()))).status, IoStatus::kOk);
    if (!tls) return;
    const IoResult secured = Await(
        stream_->StartTls(TlsContext::Create(server.ca_file()).value(), "localhost", std::make_shared<TlsSessions>()));
    ASSERT_EQ(secured.status, IoStatus::kOk) << secured.message;
  }
  // One read, as text; "(closed)" and "(failed) why" for the rest.
  std::string Read(std::size_t capacity = 4096) {
    std::string buffer(capacity, '\0');
    const IoResult result = Await(stream_->Read(buffer.data(), buffer.size()));
    if (result.status == IoStatus::kClosed) return "(closed)";
    if (result.status == IoStatus::kFailed) return "(failed) " + result.message;
    return buffer.substr(0, result.bytes);
  }

  asio::io_context io_;
  std::unique_ptr<Stream> stream_ = std::make_unique<Stream>(io_.get_executor());
};

// The parameter: whether the connection has TLS.
class AnyStream : public StreamTest, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Both, AnyStream, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Tls" : "Plain"; });

TEST_P(AnyStream, GivesWhatComesAndThenTheEnd) {
  LocalServer server(GetParam(), [](Peer& peer) { peer.Write("hello"); });  // no goodbye of TLS follows
  Connect(server, GetParam());
  EXPECT_EQ(Read(), "hello");
  EXPECT_EQ(Read(), "(closed)");
}

TEST_P(AnyStream, GivesAPieceAtATimeToASmallBuffer) {
  LocalServer server(GetParam(), [](Peer& peer) {
    peer.Write("hello");
    peer.WaitForClose();  // nothing more arrives: what was read ahead must not be waited for
  });
  Connect(server, GetParam());
  for (const char* piece : {"he", "ll", "o"}) EXPECT_EQ(Read(2), piece);
}

TEST_P(AnyStream, WritesMoreThanTheSocketTakesAtOnce) {
  const std::string bytes(8 << 20, 'x');
  std::promise<std::size_t> received;
  LocalServer server(GetParam(), [&](Peer& peer) { received.set_value(peer.ReadBytes(bytes.size()).size()); });
  Connect(server, GetParam());
  const IoResult written = Await(stream_->Write(bytes));
  EXPECT_EQ(written.status, IoStatus::kOk);
  EXPECT_EQ(written.bytes, bytes.size());
  EXPECT_EQ(received.get_future().get(), bytes.size());
}

TEST_P(AnyStream, EndsWhateverWaitsWhenItIsClosed) {
  LocalServer server(GetParam(), [](Peer& peer) { peer.WaitForClose(); });
  Connect(server, GetParam());
  asio::steady_timer later(io_, std::chrono::milliseconds(20));
  later.async_wait([&](boost::system::error_code) { stream_->Close(); });
  EXPECT_EQ(Read(), "(failed) the connection was given up");
  EXPECT_EQ(Read(), "(failed) the connection was given up") << "and does not come back";
  EXPECT_EQ(Await(stream_->Write("x")).status, IoStatus::kFailed);
  EXPECT_FALSE(stream_->LooksIdle());
}

TEST_P(AnyStream, TakesAResetForTheEnd) {
  std::promise<void> read;
  LocalServer server(GetParam(), [&](Peer& peer) {
    peer.Reset();
    read.get_future().wait();
  });
  Connect(server, GetParam());
  read.set_value();
  EXPECT_EQ(Read(), "(closed)");
}

TEST_F(StreamTest, SaysWhyNobodyIsThere) {
  std::uint16_t port = 0;
  {
    LocalServer gone(false, [](Peer&) {});
    port = gone.port();
  }
  const IoResult connected = Await(stream_->Connect(EndpointOf(port)));
  EXPECT_EQ(connected.status, IoStatus::kFailed);
  EXPECT_THAT(connected.message, HasSubstr("refused"));
}

TEST_F(StreamTest, DoesNotTakeAnotherProtocolForTls) {
  LocalServer server(false, [](Peer& peer) {
    peer.Write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.WaitForClose();
  });
  Connect(server, /*tls=*/false);
  const IoResult secured =
      Await(stream_->StartTls(TlsContext::Create("").value(), "localhost", std::make_shared<TlsSessions>()));
  EXPECT_EQ(secured.status, IoStatus::kFailed);
  EXPECT_THAT(secured.message, HasSubstr("TLS: "));
}

TEST_F(StreamTest, TrustsNobodyWhoIsNotVouchedFor) {
  LocalServer server(true, [](Peer& peer) { peer.WaitForClose(); });
  Connect(server, /*tls=*/false);
  const IoResult secured =
      Await(stream_->StartTls(TlsContext::Create("").value(), "localhost", std::make_shared<TlsSessions>()));
  EXPECT_EQ(secured.status, IoStatus::kFailed);
  EXPECT_THAT(secured.message, HasSubstr("the certificate was not accepted"));
}

TEST_F(StreamTest, LooksIdleOnlyWhileNothingCameAndNobodyLeft) {
  std::promise<void> speak, leave;
  LocalServer server(false, [&](Peer& peer) {
    if (peer.number() == 0) {
      speak.get_future().wait();
      peer.Write("408");
      peer.WaitForClose();
    } else {
      leave.get_future().wait();
    }
  });
  for (std::promise<void>* what : {&speak, &leave}) {
    stream_ = std::make_unique<Stream>(io_.get_executor());
    Connect(server, /*tls=*/false);
    EXPECT_TRUE(stream_->LooksIdle());
    what->set_value();
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (stream_->LooksIdle() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_FALSE(stream_->LooksIdle());
  }
}

}  // namespace
}  // namespace patchbay::upstream
