#include "supervisor/manifest.h"

#include <algorithm>
#include <set>

namespace patchbay::supervisor {
namespace {

constexpr std::size_t kWorkerNameMax = 32;

bool GoodName(std::string_view name) {
  if (name.empty() || name.size() > kWorkerNameMax) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

WorkerSpec Ours(std::string name, std::string role, const std::filesystem::path& programs) {
  WorkerSpec spec;
  spec.executable = programs / ("patchbay-" + role);
  spec.listeners = {{"grpc", role + ".sock"}};
  spec.core = true;
  spec.name = std::move(name);
  spec.role = std::move(role);
  return spec;
}

Result<WorkerSpec> Extra(const std::string& name, const config::v1::ExtraWorker& extra,
                         const std::filesystem::path& programs) {
  static const std::set<std::string> kReserved = {"frontend",   "accounts", "upstream", "ollama",
                                                  "supervisor", "admin",    "operator", "patchbayd"};
  const std::string where = "workers." + name;
  if (!GoodName(name)) {
    return Error(ErrorCode::kInvalidArgument, "a worker's name is 1 to 32 of a-z, 0-9, '-' and '_'").At(where);
  }
  if (kReserved.contains(name) || name.starts_with("frontend-")) {
    return Error(ErrorCode::kInvalidArgument, "'" + name + "' is the name of a built-in worker").At(where);
  }
  if (extra.command().empty()) return Error(ErrorCode::kInvalidArgument, "no command").At(where + ".command");
  WorkerSpec spec;
  spec.name = name;
  spec.role = name;
  // A bare name is looked for beside patchbayd and nowhere else: PATH decides nothing here.
  const std::filesystem::path command = extra.command();
  spec.executable = command.is_absolute() ? command : programs / command;
  spec.arguments.assign(extra.arguments().begin(), extra.arguments().end());
  spec.listeners = {{"grpc", name + ".sock"}};
  spec.sections.assign(extra.sections().begin(), extra.sections().end());
  spec.peers.assign(extra.peers().begin(), extra.peers().end());
  spec.faces_clients = true;
  const auto* descriptor = config::v1::Config::descriptor();
  for (const std::string& section : spec.sections) {
    if (descriptor->FindFieldByName(section) == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "no section '" + section + "' in the configuration")
          .At(where + ".sections");
    }
  }
  return spec;
}

// Clears every field of `message` that no path leads to. A path ends at what is kept whole, or goes on into a section.
void KeepOnly(google::protobuf::Message& message, const std::vector<std::string_view>& paths) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    bool whole = false;
    std::vector<std::string_view> deeper;
    for (const std::string_view path : paths) {
      const std::size_t dot = path.find('.');
      if (path.substr(0, dot) != field->name()) continue;
      if (dot == std::string_view::npos) {
        whole = true;
      } else {
        deeper.push_back(path.substr(dot + 1));
      }
    }
    if (whole) continue;
    if (deeper.empty()) {
      reflection.ClearField(&message, field);
    } else {
      KeepOnly(*reflection.MutableMessage(&message, field), deeper);
    }
  }
}

}  // namespace

Result<Manifest> MakeManifest(const config::v1::Config& config, const std::filesystem::path& programs) {
  Manifest manifest;

  WorkerSpec accounts = Ours("accounts", "accounts", programs);
  accounts.overlap = false;  // the single writer of its database
  accounts.needs_seal_key = true;
  accounts.sections = {"accounts", "providers", "models"};
  accounts.peers = {"upstream"};
  manifest.workers.push_back(std::move(accounts));

  WorkerSpec upstream = Ours("upstream", "upstream", programs);
  upstream.needs_seal_key = true;
  upstream.sections = {"upstream", "providers"};
  upstream.peers = {"accounts"};
  manifest.workers.push_back(std::move(upstream));

  manifest.tcp_listeners.push_back({"http", config.frontend().listen(), "frontend"});
  for (int i = 1; i <= config.frontend().count(); ++i) {
    WorkerSpec frontend = Ours(i == 1 ? "frontend" : "frontend-" + std::to_string(i), "frontend", programs);
    frontend.listeners.push_back({"http", "http"});
    frontend.faces_clients = true;
    frontend.sections = {"frontend", "accounts.queue_wait"};
    frontend.peers = {"accounts", "upstream"};
    manifest.workers.push_back(std::move(frontend));
  }

  if (config.ollama().enabled()) {
    manifest.tcp_listeners.push_back({"ollama", config.ollama().listen(), "ollama"});
    WorkerSpec ollama = Ours("ollama", "ollama", programs);
    ollama.listeners.push_back({"ollama", "ollama"});
    ollama.core = false;  // chat goes on without it
    ollama.faces_clients = true;
    ollama.sections = {"ollama"};
    ollama.peers = {"frontend"};
    manifest.workers.push_back(std::move(ollama));
  }

  const std::set<std::string> names = [&] {
    std::set<std::string> sorted;
    for (const auto& [name, extra] : config.workers()) sorted.insert(name);
    return sorted;
  }();
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(WorkerSpec spec, Extra(name, config.workers().at(name), programs));
    manifest.workers.push_back(std::move(spec));
  }

  for (const WorkerSpec& worker : manifest.workers) {
    auto& sockets = manifest.unix_sockets;
    const std::string socket = worker.role + ".sock";
    if (std::find(sockets.begin(), sockets.end(), socket) == sockets.end()) sockets.push_back(socket);
  }
  return manifest;
}

config::v1::Config ConfigurationFor(const WorkerSpec& worker, const config::v1::Config& config) {
  config::v1::Config visible = config;
  std::vector<std::string_view> paths(worker.sections.begin(), worker.sections.end());
  paths.insert(paths.end(), {"server", "log"});
  KeepOnly(visible, paths);
  return visible;
}

}  // namespace patchbay::supervisor
