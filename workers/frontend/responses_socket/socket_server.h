// All client sockets of this process: how many there may be, and how they end when the process drains.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "workers/frontend/responses_socket/socket_session.h"

namespace patchbay::frontend {

class SocketServer {
 public:
  // The references outlive the server and its sockets. `engine` is for turns over HTTP. `recorder` may be null: nobody
  // can record.
  SocketServer(asio::io_context& io, Leaser& leaser, SocketCaller& caller, Engine& engine, async::TimeSource& time,
               ClientQuotas& quotas, Recorder* recorder, Settings settings);

  // For sockets opened from now on.
  void SetSettings(Settings settings);

  // Why an upgrade by this key is declined with 426; nullopt when it is welcome.
  struct Decline {
    std::string code, message;
  };
  std::optional<Decline> Declines(const ClientKey& key) const;

  // How it went, for the access log. The client has its answer unless `problem` says otherwise.
  struct Outcome {
    int status = 101;
    std::optional<Problem> problem;  // to be answered by the caller
    std::optional<Decline> decline;  // the same, with 426
    std::string account_label;
    int turns = 0;
  };
  // Dials, upgrades and serves the socket until its end. Ask Declines first.
  Awaitable<Outcome> Handle(std::shared_ptr<net::HttpExchange> exchange, SocketClient client);

  // Closes idle sockets and lets running turns end. Returns at once; the sockets' handlers return as they close.
  void Drain();

  std::size_t open() const { return sessions_.size(); }
  std::uint64_t turns_total() const { return turns_total_; }

 private:
  SocketContext context_;
  Settings settings_;
  std::set<std::shared_ptr<SocketSession>> sessions_;
  std::map<std::string, std::size_t> by_key_;
  std::uint64_t turns_total_ = 0;
  bool draining_ = false;
};

}  // namespace patchbay::frontend
