#include "workers/frontend/http/listeners.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/log/log.h"

namespace patchbay::frontend {
namespace {

// What keyless clients of a listener are called, before its name.
constexpr std::string_view kKeylessPrefix = "listener:";
// A certificate that ends this soon is worth a word at each reading.
constexpr std::chrono::hours kEndsSoon{24 * 14};

net::HostGuard GuardOf(const Listeners::Open& socket, const ListenerSettings& settings, const net::TlsContext* tls) {
  net::HostGuardOptions options;
  options.listen = socket.addresses;
  options.allowed_hosts = settings.allowed_hosts;
  options.allowed_origins = settings.allowed_origins;
  // No name leads a browser to a Unix socket.
  const bool file = std::any_of(socket.addresses.begin(), socket.addresses.end(),
                                [](const net::ListenAddress& address) { return !address.path.empty(); });
  if (file) options.allowed_hosts.emplace_back("*");
  // Nor to a certificate that is not for that name.
  if (tls != nullptr)
    options.allowed_hosts.insert(options.allowed_hosts.end(), tls->names().begin(), tls->names().end());
  return net::HostGuard(std::move(options));
}

void LogCertificate(const std::string& listener, const net::TlsContext& tls) {
  const auto left =
      tls.valid_until() - std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto days = std::chrono::duration_cast<std::chrono::hours>(left).count() / 24;
  const log::Level level = left < kEndsSoon ? log::Level::kWarn : log::Level::kInfo;
  log::Write(level, left.count() < 0 ? "tls.certificate_expired" : "tls.certificate",
             {{"listener", listener}, {"sha256", tls.fingerprint()}, {"days_left", days}});
}

void AddNewFiles(const net::TlsContext& before, const net::TlsContext& after, const std::string& setting,
                 std::vector<std::string>& new_files) {
  if (before.fingerprint() != after.fingerprint()) new_files.push_back(setting + ".tls.certificate");
  if (before.client_ca_fingerprint() != after.client_ca_fingerprint()) new_files.push_back(setting + ".tls.client_ca");
}

// A certificate that stands for a key, or a place that only this machine reaches. The configuration was held to the
// same by its address, but a socket that systemd passed may be another one.
Result<void> CheckKeyless(const Listeners::Open& socket, const ListenerSettings& settings) {
  if (settings.require_key || !settings.tls.client_ca.empty()) return {};
  for (const net::ListenAddress& address : socket.addresses) {
    if (!address.path.empty() || net::IsLoopback(address)) continue;
    return Error(ErrorCode::kFailedPrecondition, settings.setting + ".require_key: would let everybody who reaches " +
                                                     net::FormatListenAddress(address) + " use the accounts");
  }
  return {};
}

}  // namespace

Listeners::Listeners(std::vector<Open> open) {
  for (Open& socket : open) {
    Listener listener;
    listener.socket = std::move(socket);
    all_.push_back(std::move(listener));
  }
}

Result<std::vector<std::string>> Listeners::Apply(const std::vector<ListenerSettings>& settings) {
  std::vector<Listener> next = all_;
  std::vector<std::string> new_files;
  for (Listener& listener : next) {
    const auto now = std::find_if(settings.begin(), settings.end(),
                                  [&](const ListenerSettings& each) { return each.name == listener.socket.name; });
    if (now == settings.end()) continue;
    RETURN_IF_ERROR(CheckKeyless(listener.socket, *now));
    if (!now->tls.certificate.empty()) {
      auto loaded = net::TlsContext::Load(now->tls);
      if (!loaded.ok()) {
        Error error = std::move(loaded).error();
        error.message = now->setting + ".tls: " + error.message;
        return error;
      }
      if (listener.tls) AddNewFiles(*listener.tls, **loaded, now->setting, new_files);
      listener.tls = std::move(*loaded);
    } else {
      listener.tls = nullptr;
    }
    listener.guard = GuardOf(listener.socket, *now, listener.tls.get());
    listener.keyless.reset();
    if (!now->require_key) {
      const std::string id = std::string(kKeylessPrefix).append(now->name);
      listener.keyless = ClientKey{id, id};
    }
  }
  for (std::size_t id = 0; id < next.size(); ++id) {
    const auto& before = all_[id].tls;
    const auto& after = next[id].tls;
    if (after && (!before || before->fingerprint() != after->fingerprint()))
      LogCertificate(next[id].socket.name, *after);
  }
  all_ = std::move(next);
  return new_files;
}

}  // namespace patchbay::frontend
