// The skeleton that every worker's main uses: attach to the supervisor, take configuration and
// listening sockets, serve, report, drain, exit.
//
//   int main(int argc, char** argv) {
//     return worker::Main(argc, argv, {.name = "accounts"}, [](worker::Runtime& runtime) -> Result<void> {
//       ASSIGN_OR_RETURN(auto store, accounts::SqliteStore::Open(runtime.state_dir() / "accounts.db"));
//       …
//       return {};
//     });
//   }
//
// `build` runs once, after the first Configuration and Peers orders. When it returns OK the gRPC server starts on
// the listener named "grpc", the worker reports Ready, and runs until it is told to drain (Drain order, SIGTERM, or
// the supervisor's end), then exits 0. The other codes stand in lib/base/exit.h.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/async/asio.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "patchbay/config/v1/config.pb.h"

namespace grpc {
class Channel;
}
namespace patchbay::rpc {
class Reactor;
class Server;
}  // namespace patchbay::rpc
namespace patchbay::events::v1 {
class Event;
}

namespace patchbay::worker {

namespace v1 {
class Alive;
class ProviderKey;
class UserToken;
}  // namespace v1

// A worker that can also run alone, without a supervisor, gets more flags:
//   --gateway ADDRESS  where the peer listens: unix:/run/patchbay/frontend.sock, or HOST:PORT of another machine with
//   --tls-ca, --tls-cert, --tls-key FILE  by mutual TLS (docs/grpc.md)
//   --listen HOST:PORT the address to serve on
//   --token-file FILE  the role token that the supervisor on the other side wrote
struct Standalone {
  std::string peer_role;       // whom --gateway reaches: "frontend"
  std::string listener;        // the name that listeners() knows --listen's socket by
  std::string default_listen;  // "127.0.0.1:11434"
};

struct Options {
  std::string name;  // the default worker name; the supervisor's PATCHBAY_WORKER wins
  std::optional<Standalone> standalone;
};

// What a worker is built from. Lives until the process exits; one thread.
// What a worker says of a configuration that it took.
struct Taken {
  std::vector<std::string> needs_restart = {};  // settings that only a restart of this worker can apply
  std::vector<std::string> new_files = {};      // settings that name a file which holds something else than before
};

class Runtime {
 public:
  virtual ~Runtime() = default;

  virtual asio::io_context& io() = 0;
  virtual rpc::Reactor& reactor() = 0;
  virtual rpc::Server& server() = 0;  // register services on it in `build`
  virtual const Clock& clock() const = 0;

  virtual const config::v1::Config& config() const = 0;
  // Those that providers' rows name, of the same configuration; empty where this worker may not know them.
  virtual const std::vector<v1::ProviderKey>& provider_keys() const = 0;
  // Of the tokens of `accounts.users`, the same.
  virtual const std::vector<v1::UserToken>& user_tokens() const = 0;
  virtual const std::filesystem::path& state_dir() const = 0;
  virtual const std::filesystem::path& runtime_dir() const = 0;
  virtual const std::string& name() const = 0;
  virtual std::int64_t generation() const = 0;
  // Names this life of the supervisor, in which generations are counted: the same for all its workers, another after it
  // was started anew. Empty when running alone.
  virtual const std::string& run() const = 0;

  // The inherited listening sockets of that name ("http"); empty when there are none.
  virtual std::vector<int> listeners(std::string_view name) const = 0;
  // A channel to the worker that plays `role` ("accounts"), with our role token on every call.
  // The address stays the same while that worker restarts; the channel reconnects by itself.
  virtual std::shared_ptr<grpc::Channel> channel(std::string_view role) = 0;
  // A peer is on another machine, so that this process has to dial out.
  virtual bool dials_out() const = 0;

  // Runs `task` on the io_context until it ends. An exception that leaves it is a bug and ends the process.
  virtual void Spawn(std::string_view what, Awaitable<void> task) = 0;
  // Keeps `object` until the process exits, which happens without destructors; returns it.
  template <class T>
  T& Own(std::unique_ptr<T> object) {
    T& reference = *object;
    OwnShared(std::shared_ptr<T>(std::move(object)));
    return reference;
  }

  // Awaited, all at once, when draining begins: stop taking new work and return when what is in flight is done.
  // After the deadline the process ends all the same.
  virtual void OnDrain(std::function<Awaitable<void>()> hook) = 0;
  // Called with a changed configuration, or one whose files may have changed. An error refuses it: the worker goes on
  // with the one before, and is called with that again.
  virtual void OnConfiguration(std::function<Result<Taken>(const config::v1::Config&)> hook) = 0;
  // Called with which processes live (supervision.proto says what follows from it) whenever the supervisor tells: each
  // time one has ended, and at once with what was told last.
  virtual void OnAlive(std::function<void(const v1::Alive&)> hook) = 0;
  // Called every few seconds for the report to the supervisor. `in_flight` and `served_total` are known names.
  virtual void OnStats(std::function<std::map<std::string, std::int64_t>()> hook) = 0;
  // Something that operators want to be told of. Never waits; nobody is told when running alone.
  virtual void Tell(events::v1::Event event) = 0;
  bool draining() const { return draining_; }
  // Draining because the supervisor died: the other workers finish what is in flight at this moment too, and no
  // successor of ours will answer them.
  bool orphaned() const { return orphaned_; }

 protected:
  virtual void OwnShared(std::shared_ptr<void> object) = 0;
  bool draining_ = false;
  bool orphaned_ = false;
};

int Main(int argc, char** argv, Options options, std::function<Result<void>(Runtime&)> build);

}  // namespace patchbay::worker
