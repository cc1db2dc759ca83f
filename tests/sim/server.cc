#include "tests/sim/server.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <set>

#include "lib/async/spawn.h"
#include "lib/time/http_date.h"
#include "tests/sim/connection.h"
#include "tests/sim/json_text.h"

namespace patchbay::sim {
namespace {

constexpr std::chrono::seconds kSweepInterval{1};
constexpr std::chrono::milliseconds kAcceptPause{20};  // when the process has no descriptor left
constexpr int kBacklog = 4096;

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
std::string_view HttpDate() {
  static std::time_t made_at = 0;
  static std::string text;
  const std::time_t now = std::time(nullptr);
  if (now == made_at) return text;
  text = FormatHttpDate(WallTime(std::chrono::seconds(now)));
  made_at = now;
  return text;
}

}  // namespace

void AppendHead(std::string& out, const Reply& reply, bool chunked, std::optional<std::size_t> length,
                bool keep_alive) {
  const auto field = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out += "HTTP/1.1 ";
  AppendNumber(out, reply.status);
  out.append(" ").append(ReasonPhrase(reply.status)).append("\r\n");
  field("date", HttpDate());
  if (!reply.content_type.empty()) field("content-type", reply.content_type);
  if (chunked) field("transfer-encoding", "chunked");
  if (length && reply.status != 304) {
    out += "content-length: ";
    AppendNumber(out, *length);
    out += "\r\n";
  }
  field("connection", keep_alive ? "keep-alive" : "close");
  out += reply.header_lines;
  out += "\r\n";
}

void AppendChunkSize(std::string& out, std::size_t size) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), size, 16).ptr;
  out.append(digits, end).append("\r\n");
}

void AppendChunk(std::string& out, std::string_view bytes) {
  AppendChunkSize(out, bytes.size());
  out.append(bytes).append("\r\n");
}

void PatchStamps(Script& script, std::size_t from, std::size_t to) {
  if (script.stamps.empty()) return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  char digits[24];
  std::snprintf(digits, sizeof(digits), "%016lld",
                static_cast<long long>(std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
  auto it = std::lower_bound(script.stamps.begin(), script.stamps.end(), from);
  for (; it != script.stamps.end() && *it + kStampDigits <= to; ++it)
    script.bytes.replace(*it, kStampDigits, digits, kStampDigits);
}

// All connections, to close those whose time is over. Each is in it while its coroutine runs.
class ConnectionTable : public std::enable_shared_from_this<ConnectionTable> {
 public:
  explicit ConnectionTable(asio::io_context& io) : timer_(io) {}

  void Add(ConnectionBase* connection) { connections_.insert(connection); }
  void Remove(ConnectionBase* connection) { connections_.erase(connection); }
  void Stop() { timer_.cancel(); }

  asio::awaitable<void> Sweep() {
    for (auto self = shared_from_this();;) {
      timer_.expires_after(kSweepInterval);
      const auto [error] = co_await timer_.async_wait(kToken);
      if (error) co_return;
      const SteadyTime now = std::chrono::steady_clock::now();
      for (ConnectionBase* connection : connections_) {
        if (connection->deadline() < now) connection->Close();
      }
    }
  }

 private:
  asio::steady_timer timer_;
  std::set<ConnectionBase*> connections_;
};

namespace {

template <class Stream>
asio::awaitable<void> RunConnection(Stream stream, Handler& handler, Shared& shared,
                                    std::shared_ptr<ConnectionTable> table) {
  auto connection = std::make_shared<Connection<Stream>>(std::move(stream), handler, shared);
  table->Add(connection.get());
  co_await connection->Run();
  table->Remove(connection.get());
}

asio::awaitable<void> Accept(Tcp::acceptor acceptor, Handler& handler, Shared& shared, asio::ssl::context* tls,
                             std::shared_ptr<ConnectionTable> table) {
  asio::steady_timer pause(acceptor.get_executor());
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(kToken);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kToken);
      continue;
    }
    boost::system::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    const auto executor = acceptor.get_executor();
    // The table owns nothing; every connection ends by its own deadline or with the io_context.
    if (tls == nullptr) {
      async::Spawn(executor, "connection", RunConnection<Tcp::socket>(std::move(socket), handler, shared, table));
    } else {
      async::Spawn(executor, "connection",
                   RunConnection<TlsStream>(TlsStream(std::move(socket), *tls), handler, shared, table));
    }
  }
}

Result<Tcp::endpoint> ParseEndpoint(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return Error(ErrorCode::kInvalidArgument, "not an address: " + address);
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(host, error);
  int port = -1;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  if (error || port < 0 || port > 65535) return Error(ErrorCode::kInvalidArgument, "not an address: " + address);
  return Tcp::endpoint(ip, static_cast<unsigned short>(port));
}

}  // namespace

Server::Server(asio::io_context& io, Shared& shared)
    : io_(io), shared_(shared), table_(std::make_shared<ConnectionTable>(io)) {
  async::Spawn(io_, "sweep", table_->Sweep());
}

Server::~Server() { table_->Stop(); }

Result<std::uint16_t> Server::Listen(const std::string& address, Handler& handler, asio::ssl::context* tls) {
  ASSIGN_OR_RETURN(const Tcp::endpoint endpoint, ParseEndpoint(address));
  Tcp::acceptor acceptor(io_);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) return Error(ErrorCode::kUnavailable, "cannot listen on " + address + ": " + error.message());
  const std::uint16_t port = acceptor.local_endpoint(error).port();
  async::Spawn(io_, "accept", Accept(std::move(acceptor), handler, shared_, tls, table_));
  return port;
}

}  // namespace patchbay::sim
