// The supervisor: which workers run, on which sockets, with which configuration; from start to the end of draining.
// Single-threaded; lives until the process exits.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/async/broadcast.h"
#include "lib/base/clock.h"
#include "lib/config/loader.h"
#include "lib/rpc/roles.h"
#include "supervisor/api/attach.h"
#include "supervisor/events/event_hub.h"
#include "supervisor/life/slot.h"
#include "supervisor/logs/log_hub.h"
#include "supervisor/system/directories.h"
#include "supervisor/system/sockets.h"

namespace patchbay::supervisor {

// What main found out before there was a supervisor.
struct Beginnings {
  std::optional<std::filesystem::path> config_file;
  config::EnvironmentMap environment;
  Directories directories;
  config::Loaded loaded;
  Manifest manifest;
  std::string state_doubt;  // DoubtOfState
};

class Supervisor final : public AttachHost {
 public:
  Supervisor(asio::io_context& io, const Clock& clock, LogHub& logs, SocketSet& sockets, rpc::TokenIssuer& issuer,
             Beginnings beginnings);

  // Starts every worker, and takes signals from here on.
  void Start();
  // Drains everything, clients' side first, and stops the io_context. Asking again shortens the deadline to nothing.
  void Shutdown(std::string_view why);

  // SIGHUP; set before Start.
  void OnHangup(std::function<void()> callback) { on_hangup_ = std::move(callback); }

  // The configuration as it is on disk now. kInvalidArgument: the text has a line for every mistake.
  Result<config::Loaded> ReadConfiguration() const;
  // From now on `loaded` is in force here, and every attached worker is told.
  void Enforce(config::Loaded loaded);
  // Starts what the configuration lets run now and `before` did not, and ends what it lets run no more. When every
  // worker has taken it.
  void FollowSettings(const config::v1::Config& before);

  // Every core worker serves. Others are reasons that status shows, not vetoes.
  bool Ready() const;
  // Systemd knows that we were ready once.
  bool told_ready() const { return told_ready_; }
  bool stopping() const { return stopping_; }
  // Why the house gave up: a core worker says that no start of it can succeed until a person mends something.
  const std::optional<Error>& refusal() const { return refusal_; }
  // The configuration lets this worker run.
  bool Wanted(const Slot& slot) const { return IsEnabled(slot.spec().enabled_setting, config()); }
  // Is this process one of our workers, or of its process group?
  bool IsWorkerProcess(int pid) const;
  Slot* FindSlot(const std::string& name);
  const std::vector<std::unique_ptr<Slot>>& slots() const { return slots_; }
  const SocketSet& sockets() const { return sockets_; }
  const Manifest& manifest() const { return beginnings_.manifest; }
  const Directories& directories() const { return beginnings_.directories; }
  const std::string& state_doubt() const { return beginnings_.state_doubt; }
  const config::v1::Config& config() const { return beginnings_.loaded.config; }
  const config::Loaded& loaded() const { return beginnings_.loaded; }
  const config::EnvironmentMap& environment() const { return beginnings_.environment; }
  const std::string& config_source() const { return beginnings_.loaded.source; }
  std::int64_t revision() const { return revision_; }
  WallTime started_at() const { return started_at_; }
  async::Broadcast& changed() { return changed_; }
  EventHub& events() { return events_; }
  const Clock& clock() const { return clock_; }
  asio::io_context& io() { return io_; }

  Result<std::shared_ptr<Process>> FindProcess(const rpc::RoleClaim& claim) override;
  worker::v1::Configuration ConfigurationOf(const Process& process) override;
  worker::v1::Peers PeersOf(const Process& process) override;
  worker::v1::Alive WhoLives() const override;
  void OnReady(const std::shared_ptr<Process>& process) override;
  void OnApplied(const std::shared_ptr<Process>& process) override;
  void OnEvents(const std::shared_ptr<Process>& process, const worker::v1::Events& events) override;

 private:
  void StartWorker(Slot& slot);
  void CloseListeners(const WorkerSpec& worker);
  // Binds what could not be bound before.
  Result<void> OpenListeners(const WorkerSpec& worker);
  // Gives the workers of a killed predecessor the time to let go of the address, then starts what then can be started.
  Awaitable<void> StartLate(Slot& slot);
  void OnRefused(const WorkerSpec& worker, const Exit& exit);
  Result<std::shared_ptr<Process>> Launch(const WorkerSpec& worker, std::int64_t generation);
  SlotTimes Times() const;
  // Tells every attached worker who lives, once for all that happens in one turn of the event loop.
  void TellWhoLives();
  void TakeSignals();
  Awaitable<void> WatchReadiness();
  Awaitable<void> Watchdog(std::chrono::microseconds interval);
  Awaitable<void> DrainEverything();
  Awaitable<void> DrainSlots(bool facing_clients);
  Awaitable<void> TakeLastWords();
  void Spawn(std::string_view what, Awaitable<void> task);
  std::string StatusLine() const;

  asio::io_context& io_;
  const Clock& clock_;
  LogHub& logs_;
  SocketSet& sockets_;
  rpc::TokenIssuer& issuer_;
  Beginnings beginnings_;
  async::Broadcast changed_;
  EventHub events_;
  asio::signal_set signals_;
  std::function<void()> on_hangup_;
  std::vector<std::unique_ptr<Slot>> slots_;
  WallTime started_at_;
  std::optional<Error> refusal_;
  std::int64_t revision_ = 1;
  bool stopping_ = false;
  bool told_ready_ = false;
  bool hurry_ = false;
  bool telling_who_lives_ = false;
};

}  // namespace patchbay::supervisor
