#include "supervisor/api/status.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "lib/base/version.h"
#include "lib/time/proto_time.h"
#include "supervisor/system/proc_stat.h"

namespace patchbay::supervisor {

admin::v1::WorkerState ToProto(Phase phase) {
  switch (phase) {
    case Phase::kDown: return admin::v1::WORKER_STATE_DOWN;
    case Phase::kStarting: return admin::v1::WORKER_STATE_STARTING;
    case Phase::kReady:
    case Phase::kReplacing: return admin::v1::WORKER_STATE_READY;
    case Phase::kDraining:
    case Phase::kRecycling: return admin::v1::WORKER_STATE_DRAINING;
    case Phase::kBackingOff: return admin::v1::WORKER_STATE_BACKING_OFF;
    case Phase::kFailed: return admin::v1::WORKER_STATE_FAILED;
  }
  return admin::v1::WORKER_STATE_UNSPECIFIED;
}

admin::v1::ReloadOutcome ToProto(WorkerAnswer::Kind kind) {
  switch (kind) {
    case WorkerAnswer::Kind::kApplied: return admin::v1::RELOAD_OUTCOME_APPLIED;
    case WorkerAnswer::Kind::kRefused: return admin::v1::RELOAD_OUTCOME_REFUSED;
    case WorkerAnswer::Kind::kNeedsRestart: return admin::v1::RELOAD_OUTCOME_NEEDS_RESTART;
    case WorkerAnswer::Kind::kNoAnswer: return admin::v1::RELOAD_OUTCOME_NO_ANSWER;
  }
  return admin::v1::RELOAD_OUTCOME_UNSPECIFIED;
}

admin::v1::Worker DescribeWorker(const Slot& slot, const Clock& clock) {
  admin::v1::Worker worker;
  worker.set_name(slot.spec().name);
  worker.set_state(ToProto(slot.phase()));
  worker.set_generation(slot.last_generation());
  worker.set_restarts(slot.restarts());
  worker.set_last_exit(slot.last_exit());
  if (slot.next_start_at() != WallTime{}) SetTimestamp(slot.next_start_at(), worker.mutable_next_start_at());
  const auto& process = slot.current();
  if (!process) return worker;
  worker.set_pid(process->pid());
  worker.set_generation(process->generation());
  SetDuration(clock.Steady() - process->started_at(), worker.mutable_uptime());
  const ProcStat usage = ReadProcStat(process->pid());
  worker.set_rss_bytes(usage.rss_bytes);
  worker.set_cpu_seconds(usage.cpu_seconds);
  worker.set_version(process->version);
  worker.set_in_flight(process->stats.in_flight());
  worker.set_served_total(process->stats.served_total());
  *worker.mutable_counters() = process->stats.counters();
  return worker;
}

namespace {

// One that is switched off is no part of the house, once it is gone.
bool IsShown(const Supervisor& supervisor, const Slot& slot) { return supervisor.Wanted(slot) || !slot.gone(); }

// A frontend lives without the certificates that it would show there, and counts so.
bool IsServed(const Supervisor& supervisor, const AddressSpec& listener) {
  if (listener.setting != kGatewayListen) return true;
  const auto& slots = supervisor.slots();
  return std::none_of(slots.begin(), slots.end(), [](const auto& slot) {
    if (slot->current() == nullptr) return false;
    const auto& counters = slot->current()->stats.counters();
    const auto serving = counters.find("gateway_serving");
    return serving != counters.end() && serving->second == 0;
  });
}

}  // namespace

admin::v1::GetStatusReply DescribeAll(const Supervisor& supervisor) {
  admin::v1::GetStatusReply reply;
  reply.set_version(std::string(kVersion));
  reply.set_pid(getpid());
  SetTimestamp(supervisor.started_at(), reply.mutable_started_at());
  reply.set_ready(supervisor.Ready() && !supervisor.stopping());
  for (const auto& slot : supervisor.slots()) {
    if (IsShown(supervisor, *slot)) *reply.add_workers() = DescribeWorker(*slot, supervisor.clock());
  }
  for (const AddressSpec& listener : supervisor.manifest().addresses) {
    const ListeningSocket* socket = supervisor.sockets().Find(listener.name);
    if (socket == nullptr) continue;  // its worker is failed, with the reason
    auto* entry = reply.add_listeners();
    entry->set_name(listener.name);
    entry->set_address(socket->address);
    entry->set_worker(listener.worker);
    std::string protocol(ProtocolOf(listener, supervisor.config()));
    if (!IsServed(supervisor, listener)) protocol += ", not served";
    entry->set_protocol(std::move(protocol));
  }
  auto* admin = reply.add_listeners();
  admin->set_name("admin");
  admin->set_address(supervisor.sockets().Find("admin.sock")->address);
  admin->set_protocol("grpc");
  reply.set_state_dir(supervisor.directories().state.string());
  reply.set_state_doubt(supervisor.state_doubt());
  reply.set_runtime_dir(supervisor.directories().runtime.string());
  reply.set_config_file(supervisor.config_source());
  reply.set_config_revision(supervisor.revision());
  return reply;
}

}  // namespace patchbay::supervisor
