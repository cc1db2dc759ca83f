#include "supervisor/system/notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

namespace patchbay::supervisor::notify {

void Ready() { sd_notify(0, "READY=1"); }

void Status(const std::string& text) { sd_notify(0, ("STATUS=" + text).c_str()); }

void Stopping(std::chrono::milliseconds limit) {
  const auto limit_us = std::chrono::duration_cast<std::chrono::microseconds>(limit).count();
  sd_notify(0, ("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(limit_us)).c_str());
}

void Reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long now_us = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us)).c_str());
}

void Alive() { sd_notify(0, "WATCHDOG=1"); }

void StoreDescriptor(const std::string& name, int descriptor) {
  sd_pid_notify_with_fds(0, 0, ("FDSTORE=1\nFDNAME=stored-" + name).c_str(), &descriptor, 1);
}

void Forget(const std::string& name) { sd_notify(0, ("FDSTOREREMOVE=1\nFDNAME=stored-" + name).c_str()); }

std::optional<std::chrono::microseconds> WatchdogInterval() {
  uint64_t interval_us = 0;
  if (sd_watchdog_enabled(0, &interval_us) <= 0) return std::nullopt;
  return std::chrono::microseconds(interval_us);
}

}  // namespace patchbay::supervisor::notify
