// What the connections of one HttpServer share: limits, handler, counters, the list of who is open.
// Internal to lib/net.
#pragma once

#include <array>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <string>
#include <vector>

#include "lib/net/http_server.h"

namespace patchbay::net::server {

class Connection;

using Executor = asio::io_context::executor_type;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using SteadyTime = std::chrono::steady_clock::time_point;
inline SteadyTime Now() { return std::chrono::steady_clock::now(); }

// A connection's place in the list; leaves it by being destroyed.
using ListHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Held by the HttpServer and by every connection's coroutine. One thread.
class State : public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& io, HttpLimits limits_, HttpServer::Handler handler_, ErrorBodyFunction error_body);
  ~State();

  Result<void> Listen(int fd, ListenerOptions options);
  void SetTls(std::size_t id, const std::shared_ptr<const TlsContext>& tls);
  Awaitable<void> Drain();
  // The server is going away: nothing is accepted, every connection is cut.
  void Shutdown();

  void Joined(Connection& connection);
  void Left(bool refused);
  // Something that a person may want to know of and a stranger can cause at will: one record in a while.
  void Hint(std::string_view event, std::string_view remote_address, std::string_view why);

  ErrorBody MakeErrorBody(int status, std::string_view message) const;
  // The Date header's value, made once a second.
  std::string_view Date();

  asio::io_context& io;
  HttpLimits limits;
  const HttpServer::Handler handler;
  HttpServerStats stats;
  bool draining = false;
  bool shut_down = false;
  SteadyTime drain_started;

  // Every read lands here first, so that idle connections need no buffer. Its content means nothing
  // once a coroutine has been suspended.
  std::array<char, std::size_t{64} << 10> scratch;

 private:
  struct Listener;

  void Watch(std::shared_ptr<Listener> listener);
  void Accept(Listener& listener);
  void PauseAccepting();
  void ResumeAccepting();
  // Makes room for one more handshake where there is none.
  void CutOldestHandshake();
  bool Full() const;
  void StartTicking();
  void Tick();

  const ErrorBodyFunction error_body_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  boost::intrusive::list<Connection, boost::intrusive::base_hook<ListHook>, boost::intrusive::constant_time_size<false>>
      connections_;
  std::size_t refusing_ = 0;  // connections over the limit that are being told so
  bool paused_ = false;
  bool ticking_ = false;
  Timer pause_timer_, tick_timer_, drained_;
  // Of the hints: when the next may be written, and how many have not been.
  SteadyTime next_hint_ = SteadyTime::min();
  std::uint64_t hints_left_out_ = 0;
  std::int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace patchbay::net::server
