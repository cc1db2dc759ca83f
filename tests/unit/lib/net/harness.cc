#include "tests/unit/lib/net/harness.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <future>
#include <utility>

#include "lib/base/text.h"
#include "lib/net/listen_address.h"

namespace patchbay::net {

Client::Client(int port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

Client::Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), in_(std::move(other.in_)) {}

Client::~Client() { Close(); }

void Client::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Client::CloseWithReset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  Close();
}

void Client::HalfClose() { ::shutdown(fd_, SHUT_WR); }

Client& Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return *this;
}

bool Client::Fill() {
  char buffer[65536];
  const ssize_t size = ::recv(fd_, buffer, sizeof buffer, 0);
  if (size < 0) {
    EXPECT_EQ(errno, ECONNRESET) << "the server did not answer in time";
  }
  if (size <= 0) return false;
  in_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

std::string Client::ReadSome(std::size_t most) {
  if (in_.empty()) Fill();
  std::string out = in_.substr(0, most);
  in_.erase(0, out.size());
  return out;
}

std::string Client::ReadToEnd(bool* reset) {
  errno = 0;
  while (Fill()) errno = 0;
  if (reset != nullptr) *reset = errno == ECONNRESET;
  return std::exchange(in_, {});
}

bool Client::AtEnd() { return in_.empty() && !Fill(); }

Response Client::Read(bool head_request) {
  Response response;
  std::size_t end;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return response;
  }
  const std::string head = in_.substr(0, end + 2);
  in_.erase(0, end + 4);
  response.status = std::stoi(head.substr(9, 3));
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t line_end = head.find("\r\n", at);
    const std::size_t colon = head.find(": ", at);
    response.headers[LowerCase(head.substr(at, colon - at))] = head.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  const auto need = [&](std::size_t bytes) {
    while (in_.size() < bytes) {
      if (!Fill()) return false;
    }
    return true;
  };
  const bool bodiless = head_request || response.status < 200 || response.status == 204 || response.status == 304;
  if (bodiless) {
    response.complete = true;
  } else if (response.headers.contains("content-length")) {
    const std::size_t length = std::stoul(response.headers["content-length"]);
    response.complete = need(length);
    response.body = in_.substr(0, length);
    in_.erase(0, length);
  } else if (response.headers.contains("transfer-encoding")) {
    while (true) {
      while (in_.find("\r\n") == std::string::npos) {
        if (!Fill()) return response;
      }
      const std::size_t line = in_.find("\r\n");
      const std::size_t size = std::stoul(in_.substr(0, line), nullptr, 16);
      if (!need(line + 2 + size + 2)) return response;
      response.body += in_.substr(line + 2, size);
      in_.erase(0, line + 2 + size + 2);
      if (size == 0) break;
      ++response.chunks;
    }
    response.complete = true;
  } else {
    response.body = ReadToEnd();
    response.complete = true;
  }
  return response;
}

TestServer::TestServer(HttpServer::Handler handler, HttpLimits limits, ErrorBodyFunction error_body)
    : server_(std::make_unique<HttpServer>(io_, limits, std::move(handler), std::move(error_body))) {
  const auto fd = BindTcpListener({.host = "127.0.0.1", .port = 0});
  EXPECT_TRUE(fd.ok());
  port_ = BoundAddress(*fd)->port;
  EXPECT_TRUE(server_->Listen(*fd).ok());
  thread_ = std::thread([this, work = asio::make_work_guard(io_)] { io_.run(); });
}

int TestServer::ListenTls(std::size_t id, std::shared_ptr<const TlsContext> tls) {
  int port = 0;
  OnServer([&](HttpServer& server) {
    const auto fd = BindTcpListener({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(fd.ok());
    port = BoundAddress(*fd)->port;
    EXPECT_TRUE(server.Listen(*fd, {id, std::move(tls)}).ok());
  });
  return port;
}

TestServer::~TestServer() {
  DestroyServer();
  io_.stop();
  thread_.join();
}

void TestServer::OnServer(std::function<void(HttpServer&)> function) {
  std::promise<void> done;
  asio::post(io_, [&] {
    function(*server_);
    done.set_value();
  });
  done.get_future().wait();
}

void TestServer::DestroyServer() {
  OnServer([this](HttpServer&) { server_.reset(); });
}

HttpServerStats TestServer::stats() {
  HttpServerStats stats;
  OnServer([&](HttpServer& server) { stats = server.stats(); });
  return stats;
}

std::function<void()> TestServer::Drain() {
  const auto done = std::make_shared<std::promise<void>>();
  OnServer([&](HttpServer& server) {
    asio::co_spawn(io_, server.Drain(), [done](const std::exception_ptr&) { done->set_value(); });
  });
  return [done] { EXPECT_EQ(done->get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready); };
}

HttpServer::Handler Echo() {
  return [](std::shared_ptr<HttpExchange> exchange) -> Awaitable<void> {
    const auto body = co_await exchange->ReadBody();
    const HttpRequest& request = exchange->request();
    std::string answer = std::string(request.method) + " " + std::string(request.path) + " ";
    HttpHeaders headers = {{"Content-Type", "text/plain"}};
    if (body.ok()) {
      co_await exchange->Respond(200, std::move(headers), answer + *body);
      co_return;
    }
    int status = 400;
    if (body.error().code == ErrorCode::kTooLarge) status = 413;
    if (body.error().code == ErrorCode::kUnsupported) status = 415;
    if (body.error().code == ErrorCode::kDeadlineExceeded) status = 408;
    co_await exchange->Respond(status, std::move(headers), body.error().message);
  };
}

std::string Get(std::string_view path, std::string_view headers) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) + "\r\n";
}

std::string Post(std::string_view path, std::string_view body, std::string_view headers) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace patchbay::net
