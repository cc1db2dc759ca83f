// Tells people of events, as the configuration says: each notification has its mailbox, and one delivery at a time. A
// program is run here; a webhook is dialled by upstream, the only process that dials. Single-threaded; lives as long as
// the supervisor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/rpc/channel.h"
#include "patchbay/upstream/v1/upstream.grpc.pb.h"
#include "supervisor/events/mailbox.h"
#include "supervisor/supervisor.h"

namespace patchbay::supervisor {

struct NotificationView {
  std::string name;
  bool webhook = false;
  std::size_t waiting = 0;
  std::int64_t told = 0;
  std::int64_t dropped = 0;
  std::string problem;  // of the last try
  std::optional<WallTime> told_at;
  std::optional<WallTime> next_try_at;  // after a failure
};

class Notifications {
 public:
  static constexpr std::chrono::seconds kCommandLimit{30};
  static constexpr std::chrono::seconds kWebhookLimit{20};

  // Listens from now on.
  Notifications(rpc::Reactor& reactor, Supervisor& supervisor, LogHub& logs, const Secret& supervisor_token);

  std::vector<NotificationView> List();
  // Sends a test, whatever waits. kNotFound: there is no such notification. Another error: it was not taken, and why.
  Awaitable<Result<void>> Test(std::string name);

 private:
  struct Address {
    Address(asio::io_context& io, std::string n) : name(std::move(n)), more(io) {}
    std::string name;
    config::v1::Notification row;
    Mailbox box;
    async::Broadcast more;
    bool gone = false;
    std::string problem;
    std::optional<WallTime> told_at;
  };
  // What the configuration in force says.
  void Configure();
  void Offer(const SeenEvent& seen);
  Awaitable<void> Deliver(std::shared_ptr<Address> to);
  Awaitable<Result<void>> Send(std::string name, config::v1::Notification row, std::string document);
  Awaitable<Result<void>> Post(std::string name, config::v1::Notification row, std::string document);

  rpc::Reactor& reactor_;
  Supervisor& supervisor_;
  LogHub& logs_;
  std::unique_ptr<upstream::v1::Upstream::Stub> upstream_;
  std::map<std::string, std::shared_ptr<Address>> addresses_;
  std::int64_t revision_ = 0;  // of the configuration that they are of
};

}  // namespace patchbay::supervisor
