#include "cli/worker_table.h"

#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

using admin::v1::Worker;

Colour ColourOf(admin::v1::WorkerState state) {
  switch (state) {
    case admin::v1::WORKER_STATE_READY: return Colour::kGood;
    case admin::v1::WORKER_STATE_FAILED: return Colour::kBad;
    case admin::v1::WORKER_STATE_BACKING_OFF:
    case admin::v1::WORKER_STATE_STARTING:
    case admin::v1::WORKER_STATE_DRAINING: return Colour::kWarn;
    default: return Colour::kDim;
  }
}

// What a reader wants to know about a worker that is not simply running.
std::string Note(const Worker& worker, WallTime now) {
  std::string note = worker.last_exit();
  if (worker.state() == admin::v1::WORKER_STATE_BACKING_OFF && worker.has_next_start_at()) {
    note += (note.empty() ? "" : "; ") + std::string("starts ") + HumanTime(worker.next_start_at(), now);
  }
  return note;
}

}  // namespace

Table WorkerTable(const google::protobuf::RepeatedPtrField<Worker>& workers, WallTime now) {
  Table table({"WORKER", "STATE", ">PID", ">GEN", ">UPTIME", ">RESTARTS", ">RSS", ">CPU", ">IN FLIGHT", ">SERVED",
               "LAST EXIT"});
  for (const auto& worker : workers) {
    const bool alive = worker.pid() > 0;
    const auto cpu = std::chrono::milliseconds{static_cast<std::int64_t>(worker.cpu_seconds() * 1000)};
    table.Add({worker.name(),
               {HumanEnum(admin::v1::WorkerState_Name(worker.state()), "WORKER_STATE_"), ColourOf(worker.state())},
               alive ? std::to_string(worker.pid()) : "-",
               std::to_string(worker.generation()),
               alive ? HumanDuration(ToMilliseconds(worker.uptime())) : "-",
               {std::to_string(worker.restarts()), worker.restarts() > 0 ? Colour::kWarn : Colour::kNone},
               alive ? HumanBytes(worker.rss_bytes()) : "-",
               alive ? HumanDuration(cpu) : "-",
               HumanCount(worker.in_flight()),
               HumanCount(worker.served_total()),
               Note(worker, now)});
  }
  return table;
}

}  // namespace patchbay::cli
