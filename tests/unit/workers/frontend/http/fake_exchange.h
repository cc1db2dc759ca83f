// A request and what was answered to it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lib/net/http_exchange.h"

namespace patchbay::frontend {

class FakeExchange final : public net::HttpExchange {
 public:
  FakeExchange(std::string method, std::string path, std::map<std::string, std::string> headers, std::string body)
      : method_(std::move(method)), path_(std::move(path)), headers_(std::move(headers)), body_(std::move(body)) {
    request_.method = method_;
    request_.target = request_.path = path_;
    for (const auto& [name, value] : headers_) request_.headers.push_back({name, value});
    request_.remote_address = "127.0.0.1";
  }
  void CameBy(std::size_t listener, bool secure) {
    request_.listener = listener;
    request_.secure = secure;
  }
  const net::HttpRequest& request() const override { return request_; }
  Awaitable<Result<std::string>> ReadBody() override {
    body_read = true;
    co_return body_;
  }
  Awaitable<bool> Respond(int code, net::HttpHeaders response_headers, std::string bytes) override {
    status = code;
    Take(response_headers);
    output = std::move(bytes);
    finished = true;
    co_return true;
  }
  Awaitable<bool> StartStream(int code, net::HttpHeaders response_headers) override {
    status = code;
    Take(response_headers);
    co_return true;
  }
  Awaitable<bool> Write(std::string bytes) override {
    ++writes;
    output.append(bytes);
    if (output.find(leave_after) == std::string::npos) co_return true;
    if (disconnect_) disconnect_();
    co_return false;
  }
  Awaitable<bool> FinishStream(std::string last) override {
    output.append(last);
    finished = true;
    co_return true;
  }
  Awaitable<std::shared_ptr<net::WebSocket>> Upgrade(net::HttpHeaders response_headers,
                                                     net::WebSocketOptions) override {
    status = socket ? 101 : 400;
    Take(response_headers);
    co_return socket;
  }
  void Abort() override { aborted = true; }
  void OnDisconnect(std::function<void()> callback) override { disconnect_ = std::move(callback); }
  bool response_started() const override { return status != 0; }
  // The client leaves.
  void Leave() {
    if (disconnect_) disconnect_();
  }

  int status = 0, writes = 0;
  std::map<std::string, std::string> headers;
  std::string output;
  std::shared_ptr<net::WebSocket> socket;  // that an upgrade makes; null: none
  bool finished = false, aborted = false, body_read = false;
  std::string leave_after = "\1";  // the client leaves when it has read this

 private:
  void Take(const net::HttpHeaders& list) {
    headers.clear();
    for (const auto& [name, value] : list) headers[name] = value;
  }
  std::string method_, path_;
  std::map<std::string, std::string> headers_;
  std::string body_;
  net::HttpRequest request_;
  std::function<void()> disconnect_;
};

}  // namespace patchbay::frontend
