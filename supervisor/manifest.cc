#include "supervisor/manifest.h"

#include <algorithm>
#include <map>

#include "lib/config/fields.h"

namespace patchbay::supervisor {
namespace {

std::string TextAt(const config::v1::Config& config, std::string_view path) {
  const config::Setting setting = config::FindSetting(config, path);
  PATCHBAY_CHECK(setting.field != nullptr);  // the roster's test knows its paths
  return config::TextOf(*setting.section, *setting.field);
}

std::string SocketOf(std::string_view kind) { return std::string(kind) + ".sock"; }

WorkerSpec Ours(const roster::Builtin& worker, int ordinal, const std::filesystem::path& programs) {
  WorkerSpec spec;
  spec.id = {std::string(worker.kind), ordinal};
  spec.name = ToString(spec.id);
  spec.executable = programs / ("patchbay-" + spec.id.kind);
  spec.listeners = {{"grpc", SocketOf(worker.kind)}};
  for (const roster::Listener& listener : worker.listeners) {
    spec.listeners.push_back({std::string(listener.name), std::string(listener.name)});
  }
  spec.overlap = worker.overlap;
  spec.core = worker.core;
  spec.needs_seal_key = worker.needs_seal_key;
  spec.faces_clients = worker.faces_clients;
  spec.sections.assign(worker.sections.begin(), worker.sections.end());
  spec.peers.assign(worker.peers.begin(), worker.peers.end());
  return spec;
}

WorkerSpec Extra(const std::string& name, const config::v1::ExtraWorker& extra, const std::filesystem::path& programs) {
  WorkerSpec spec;
  spec.id = {name, 1};
  spec.name = name;
  // A bare name is looked for beside patchbayd and nowhere else: PATH decides nothing here.
  const std::filesystem::path command = extra.command();
  spec.executable = command.is_absolute() ? command : programs / command;
  spec.arguments.assign(extra.arguments().begin(), extra.arguments().end());
  spec.listeners = {{"grpc", SocketOf(name)}};
  spec.sections.assign(extra.sections().begin(), extra.sections().end());
  spec.peers.assign(extra.peers().begin(), extra.peers().end());
  spec.faces_clients = true;
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

Manifest MakeManifest(const config::v1::Config& config, const std::filesystem::path& programs) {
  Manifest manifest;
  for (const roster::Builtin& worker : roster::Builtins()) {
    if (!worker.enabled_setting.empty() && TextAt(config, worker.enabled_setting) != "true") continue;
    for (const roster::Listener& listener : worker.listeners) {
      manifest.tcp_listeners.push_back({std::string(listener.name), TextAt(config, listener.setting),
                                        std::string(listener.setting), std::string(listener.cure),
                                        std::string(worker.kind), worker.core});
    }
    const int count = worker.count_setting.empty() ? 1 : std::stoi(TextAt(config, worker.count_setting));
    for (int ordinal = 1; ordinal <= count; ++ordinal) manifest.workers.push_back(Ours(worker, ordinal, programs));
  }
  // A map of protobuf keeps no order; people want the same one every time.
  const std::map<std::string, config::v1::ExtraWorker> extras(config.workers().begin(), config.workers().end());
  for (const auto& [name, extra] : extras) manifest.workers.push_back(Extra(name, extra, programs));

  for (const WorkerSpec& worker : manifest.workers) {
    auto& sockets = manifest.unix_sockets;
    const std::string socket = SocketOf(worker.id.kind);
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
