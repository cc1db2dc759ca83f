#include "supervisor/supervisor.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdlib>

#include "lib/async/spawn.h"
#include "lib/base/exit.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "supervisor/child/child_environment.h"
#include "supervisor/logs/last_words.h"
#include "supervisor/system/notify.h"

namespace patchbay::supervisor {
namespace {

constexpr std::chrono::hours kForever{24};
// Beyond the two drain deadlines: SIGTERM, SIGKILL and the writing of the last records.
constexpr std::chrono::seconds kStopMargin{15};
// How long the last words of a worker that has ended are waited for, and how often they are looked for.
constexpr std::chrono::milliseconds kLastWordsPatience{500};
constexpr std::chrono::milliseconds kLastWordsPause{10};

// Of the secrets that the configuration names, a worker is told those of its own section; the keys of providers are for
// whoever leases them.
bool MayKnow(const WorkerSpec& spec, const config::ProviderKey& key) {
  const std::size_t dot = key.provider.find('.');
  return dot == std::string::npos ? spec.needs_provider_keys : key.provider.substr(0, dot) == spec.id.kind;
}

}  // namespace

Supervisor::Supervisor(asio::io_context& io, const Clock& clock, LogHub& logs, SocketSet& sockets,
                       rpc::TokenIssuer& issuer, Beginnings beginnings)
    : io_(io),
      clock_(clock),
      logs_(logs),
      sockets_(sockets),
      issuer_(issuer),
      beginnings_(std::move(beginnings)),
      changed_(io),
      events_(io),
      signals_(io, SIGTERM, SIGINT, SIGHUP),
      started_at_(clock.Now()) {
  for (const WorkerSpec& worker : beginnings_.manifest.workers) {
    SlotHooks hooks;
    hooks.launch = [this](const WorkerSpec& spec, std::int64_t generation) { return Launch(spec, generation); };
    hooks.population = [this] { TellWhoLives(); };
    hooks.refused = [this, &worker](const Exit& exit) { OnRefused(worker, exit); };
    slots_.push_back(std::make_unique<Slot>(io_, clock_, worker, Times(), std::move(hooks), changed_));
  }
}

void Supervisor::Start() {
  TakeSignals();
  for (const auto& slot : slots_) {
    if (Wanted(*slot)) StartWorker(*slot);
  }
  Spawn("readiness", WatchReadiness());
  if (const auto interval = notify::WatchdogInterval()) Spawn("watchdog", Watchdog(*interval));
}

void Supervisor::StartWorker(Slot& slot) {
  if (OpenListeners(slot.spec()).ok()) {
    slot.Start();
  } else {
    Spawn("late start", StartLate(slot));
  }
}

void Supervisor::FollowSettings(const config::v1::Config& before) {
  if (stopping_) return;
  for (const auto& slot : slots_) {
    const WorkerSpec& worker = slot->spec();
    // Only where the setting is another one: a worker that an operator drained stays away.
    if (Wanted(*slot) == IsEnabled(worker.enabled_setting, before)) continue;
    log::Info("worker.switched", {{"worker", worker.name}, {"on", Wanted(*slot)}, {"setting", worker.enabled_setting}});
    if (Wanted(*slot)) {
      StartWorker(*slot);
    } else {
      slot->Drain(Times().drain_timeout);
      CloseListeners(worker);
    }
  }
  changed_.Notify();
}

void Supervisor::CloseListeners(const WorkerSpec& worker) {
  for (const AddressSpec& listener : manifest().addresses) {
    if (listener.worker == worker.id.kind) sockets_.CloseAddress(listener.name);
  }
}

SlotTimes Supervisor::Times() const {
  const config::v1::Server& server = config().server();
  SlotTimes times;
  times.start_timeout = ToMilliseconds(server.start_timeout());
  times.drain_timeout = ToMilliseconds(server.drain_timeout());
  times.backoff.initial = ToMilliseconds(server.backoff_initial());
  times.backoff.max = ToMilliseconds(server.backoff_max());
  times.backoff.bad_starts_max = server.bad_starts_max();
  times.backoff.bad_starts_window = ToMilliseconds(server.bad_starts_window());
  times.backoff.failed_retry = ToMilliseconds(server.failed_retry());
  return times;
}

Result<void> Supervisor::OpenListeners(const WorkerSpec& worker) {
  for (AddressSpec& listener : beginnings_.manifest.addresses) {
    if (listener.worker != worker.id.kind || sockets_.Find(listener.name) != nullptr) continue;
    // It may have another one by now, of a worker that was off meanwhile.
    if (!listener.enabled_setting.empty()) listener.address = AddressNow(listener, config());
    RETURN_IF_ERROR(sockets_.OpenAddress(listener));
    log::Info("listen.opened", {{"setting", listener.setting}, {"address", sockets_.Find(listener.name)->address}});
  }
  return {};
}

Awaitable<void> Supervisor::StartLate(Slot& slot) {
  const SteadyTime give_up_at = clock_.Steady() + SocketSet::kBindPatience;
  asio::steady_timer pause(io_);
  while (Wanted(slot) && !OpenListeners(slot.spec()).ok() && clock_.Steady() < give_up_at && !stopping_) {
    pause.expires_after(SocketSet::kBindPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
  // When it still cannot be opened the launch fails with the reason, and is tried again like every bad start.
  const bool off = slot.phase() == Phase::kDown || slot.phase() == Phase::kDraining;
  if (!stopping_ && Wanted(slot) && off) slot.Start();
}

Result<std::shared_ptr<Process>> Supervisor::Launch(const WorkerSpec& worker, std::int64_t generation) {
  RETURN_IF_ERROR(OpenListeners(worker));
  WorkerIdentity identity;
  identity.supervisor_address = sockets_.Find("supervisor.sock")->address;
  identity.generation = generation;
  identity.role_token = issuer_.Issue({roster::RoleOfWorker(worker.name), worker.name, generation});

  ChildRequest request;
  request.executable = worker.executable;
  request.arguments = worker.arguments;
  request.environment = WorkerEnvironment(worker, identity, beginnings_.environment);
  for (const ListenerSpec& listener : worker.listeners)
    request.listeners.push_back(sockets_.descriptor(listener.socket));
  return Process::Start(io_, clock_, logs_, std::move(request), {worker.name, generation, 0});
}

void Supervisor::TakeSignals() {
  signals_.async_wait([this](boost::system::error_code error, int number) {
    if (error) return;
    if (number == SIGHUP) {
      if (on_hangup_) on_hangup_();
    } else {
      Shutdown(number == SIGTERM ? "SIGTERM" : "SIGINT");
    }
    TakeSignals();
  });
}

bool Supervisor::Ready() const {
  return std::all_of(slots_.begin(), slots_.end(),
                     [](const auto& slot) { return !slot->spec().core || slot->serving(); });
}

std::string Supervisor::StatusLine() const {
  std::string line = Ready() ? "ready" : (stopping_ ? "draining" : "starting");
  for (const auto& slot : slots_) {
    if (!slot->serving() && Wanted(*slot))
      line += "; " + slot->spec().name + " " + std::string(ToString(slot->phase()));
  }
  return line;
}

Awaitable<void> Supervisor::WatchReadiness() {
  bool was_ready = false;
  std::string told;
  while (!stopping_) {
    const bool ready = Ready();
    if (ready && !was_ready) {
      std::string addresses;
      for (const AddressSpec& listener : manifest().addresses) {
        const ListeningSocket* socket = sockets_.Find(listener.name);
        if (socket == nullptr) continue;
        addresses += (addresses.empty() ? "" : ", ") + listener.name + " " + socket->address;
      }
      log::Info("ready", {{"listeners", addresses},
                          {"admin", sockets_.Find("admin.sock")->address},
                          {"state_dir", directories().state.string()},
                          {"config", config_source()}});
      if (!std::exchange(told_ready_, true)) notify::Ready();
    }
    if (std::string line = StatusLine(); line != told) notify::Status(told = std::move(line));
    was_ready = ready;
    co_await changed_.Wait(kForever);
  }
}

Awaitable<void> Supervisor::Watchdog(std::chrono::microseconds interval) {
  asio::steady_timer timer(io_);
  for (;;) {
    // This loop runs, so the event loop is alive, and that is all this says. A worker that does not come up is tried
    // again here, with its reason in the status: a restart of everything would end what still works and mend nothing.
    notify::Alive();
    timer.expires_after(interval / 2);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

void Supervisor::Shutdown(std::string_view why) {
  if (std::exchange(stopping_, true)) {
    log::Warn("stopping_now", {{"why", why}});
    hurry_ = true;
    for (const auto& slot : slots_) slot->Drain(std::chrono::milliseconds(0));
    return;
  }
  const auto drain = Times().drain_timeout;
  log::Info("stopping", {{"why", why}, {"drain_ms", drain.count()}});
  notify::Stopping(2 * drain + kStopMargin);
  notify::Status("draining");
  changed_.Notify();
  Spawn("shutdown", DrainEverything());
}

Awaitable<void> Supervisor::DrainEverything() {
  // Whoever faces clients first: their streams end well only while upstream and accounts are still there to finish and
  // settle them.
  co_await DrainSlots(true);
  co_await DrainSlots(false);
  sockets_.RemoveFiles();
  if (refusal_) co_await TakeLastWords();
  log::Info("stopped");
  io_.stop();
}

// Its own words say more than its exit code. They may still be in its pipe.
Awaitable<void> Supervisor::TakeLastWords() {
  const SteadyTime give_up_at = clock_.Steady() + kLastWordsPatience;
  asio::steady_timer pause(io_);
  for (;;) {
    if (const std::string words = LastWords(logs_, refusal_->where); !words.empty()) {
      refusal_->message = words;
      co_return;
    }
    if (clock_.Steady() >= give_up_at) co_return;
    pause.expires_after(kLastWordsPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

Awaitable<void> Supervisor::DrainSlots(bool facing_clients) {
  const auto ours = [&](const auto& slot) { return slot->spec().faces_clients == facing_clients; };
  for (const auto& slot : slots_) {
    if (ours(slot)) slot->Drain(hurry_ ? std::chrono::milliseconds(0) : Times().drain_timeout);
  }
  const auto gone = [&](const auto& slot) { return !ours(slot) || slot->gone(); };
  while (!std::all_of(slots_.begin(), slots_.end(), gone)) co_await changed_.Wait(kForever);
}

void Supervisor::OnRefused(const WorkerSpec& worker, const Exit& exit) {
  if (!worker.core || refusal_ || stopping_) return;  // whoever stops us needs no second reason, and no hurry
  refusal_ =
      Error(exit.code == kExitUsage ? ErrorCode::kInvalidArgument : ErrorCode::kFailedPrecondition, Describe(exit))
          .At(worker.name);
  Shutdown("the worker " + worker.name + " refuses to start");
}

void Supervisor::Spawn(std::string_view what, Awaitable<void> task) {
  async::Spawn(io_, what, std::move(task));  // when that ends us, workers drain and whoever started us starts us again
}

Slot* Supervisor::FindSlot(const std::string& name) {
  for (const auto& slot : slots_) {
    if (slot->spec().name == name) return slot.get();
  }
  return nullptr;
}

bool Supervisor::IsWorkerProcess(int pid) const {
  const pid_t group = getpgid(pid);  // every worker leads a group of its own
  for (const auto& slot : slots_) {
    for (const auto& process : slot->Processes()) {
      if (process->pid() == pid || process->pid() == group) return true;
    }
  }
  return false;
}

Result<std::shared_ptr<Process>> Supervisor::FindProcess(const rpc::RoleClaim& claim) {
  Slot* slot = FindSlot(claim.worker);
  const auto process = slot == nullptr ? nullptr : slot->Find(claim.generation);
  if (!process) return Error(ErrorCode::kPermissionDenied, "no such generation of this worker is running");
  return process;
}

worker::v1::Configuration Supervisor::ConfigurationOf(const Process& process) {
  worker::v1::Configuration order;
  order.set_revision(revision_);
  const WorkerSpec& spec = FindSlot(process.worker())->spec();
  *order.mutable_config() = ConfigurationFor(spec, config());
  for (const config::ProviderKey& key : loaded().keys) {
    if (!MayKnow(spec, key)) continue;
    worker::v1::ProviderKey& told = *order.add_provider_keys();
    told.set_provider(key.provider);
    told.set_reference(key.reference);
    told.set_key(key.key.Reveal());
  }
  for (const config::UserToken& user : loaded().users) {
    if (!spec.needs_provider_keys) break;
    worker::v1::UserToken& told = *order.add_user_tokens();
    told.set_name(user.name);
    told.set_sha256(user.sha256);
    told.set_hint(user.hint);
  }
  order.set_state_dir(directories().state.string());
  order.set_runtime_dir(directories().runtime.string());
  return order;
}

worker::v1::Peers Supervisor::PeersOf(const Process& process) {
  worker::v1::Peers order;
  for (const std::string& role : FindSlot(process.worker())->spec().peers) {
    const ListeningSocket* socket = sockets_.Find(role + ".sock");
    if (socket == nullptr) continue;
    auto* peer = order.add_peers();
    peer->set_role(role);
    peer->set_address(socket->address);
  }
  order.set_token_issuer_key(issuer_.public_key());
  return order;
}

worker::v1::Alive Supervisor::WhoLives() const {
  worker::v1::Alive alive;
  for (const auto& slot : slots_) {
    auto* worker = alive.add_workers();
    worker->set_name(slot->spec().name);
    worker->set_newest_generation(slot->last_generation());
    for (const auto& process : slot->Processes()) worker->add_generations(process->generation());
  }
  return alive;
}

void Supervisor::TellWhoLives() {
  if (std::exchange(telling_who_lives_, true)) return;
  asio::post(io_, [this] {
    telling_who_lives_ = false;
    worker::v1::SupervisorOrder order;
    *order.mutable_alive() = WhoLives();
    for (const auto& slot : slots_) slot->Order(order);
  });
}

void Supervisor::OnReady(const std::shared_ptr<Process>& process) { FindSlot(process->worker())->OnReady(process); }

void Supervisor::OnApplied(const std::shared_ptr<Process>& process) {
  const worker::v1::ConfigurationApplied& applied = process->applied;
  std::string needs_restart;
  for (const std::string& setting : applied.needs_restart()) {
    needs_restart += (needs_restart.empty() ? "" : ", ") + setting;
  }
  const bool refused = !applied.error().empty();
  const log::Level level = refused ? log::Level::kError : log::Level::kInfo;
  if (log::Enabled(level)) {
    log::Write(level, refused ? "config.refused" : "config.applied",
               {{"worker", process->worker()},
                {"revision", applied.revision()},
                {"needs_restart", needs_restart},
                {"error", applied.error()}});
  }
  changed_.Notify();  // a reload may wait for this word
}

// Whoever reads hostile input has nothing to tell people: a process that was taken over would tell them lies.
void Supervisor::OnEvents(const std::shared_ptr<Process>& process, const worker::v1::Events& events) {
  if (FindSlot(process->worker())->spec().faces_clients) {
    log::Warn("events.refused", {{"worker", process->worker()}, {"why", "it faces clients"}});
    return;
  }
  for (const events::v1::Event& event : events.events()) events_.Tell(process->worker(), event);
  if (events.lost() > 0) log::Warn("events.lost", {{"worker", process->worker()}, {"count", events.lost()}});
}

Result<config::Loaded> Supervisor::ReadConfiguration() const {
  return config::LoadConfig(beginnings_.config_file, beginnings_.environment, config::ProviderKeys::kRead);
}

void Supervisor::Enforce(config::Loaded loaded) {
  beginnings_.loaded = std::move(loaded);
  ++revision_;
  if (const auto level = log::ParseLevel(config().log().level()); level.ok()) log::SetLevel(*level);
  for (const auto& slot : slots_) {
    slot->SetTimes(Times());
    for (const auto& process : slot->Processes()) {
      if (!process->link) continue;
      worker::v1::SupervisorOrder order;
      *order.mutable_configuration() = ConfigurationOf(*process);
      process->link->Push(std::move(order));
    }
  }
  changed_.Notify();
}

}  // namespace patchbay::supervisor
