#include "supervisor/manifest.h"

#include <algorithm>
#include <map>

#include "lib/config/entries.h"
#include "lib/config/fields.h"
#include "lib/config/findings.h"

namespace patchbay::supervisor {
namespace {

std::string TextAt(const config::v1::Config& config, std::string_view path) {
  const config::Setting setting = config::FindSetting(config, path);
  PATCHBAY_CHECK(setting.field != nullptr);  // the roster's test knows its paths
  return config::TextOf(*setting.section, *setting.field);
}

// "http-lan" of the entry "lan" that stands beside the listener "http".
std::string NameOfFurther(const roster::Listener& listener, const std::string& entry) {
  return std::string(listener.name) + "-" + entry;
}

// The entries of the map beside `listener`, in their order.
std::map<std::string, const google::protobuf::Message*> FurtherOf(const config::v1::Config& config,
                                                                  const roster::Listener& listener) {
  if (listener.further.empty()) return {};
  const config::Setting setting = config::FindSetting(config, listener.further);
  PATCHBAY_CHECK(setting.field != nullptr);
  return config::Entries(*setting.section, *setting.field);
}

// Of a section that has a setting of that name.
std::string TextIn(const google::protobuf::Message& section, const char* name) {
  return config::TextOf(section, *section.GetDescriptor()->FindFieldByName(name));
}

std::vector<AddressSpec> AddressesOf(const roster::Builtin& worker, const config::v1::Config& config) {
  std::vector<AddressSpec> addresses;
  for (const roster::Listener& listener : worker.listeners) {
    AddressSpec first;
    first.name = listener.name;
    first.address = TextAt(config, listener.setting);
    first.setting = listener.setting;
    first.cure = listener.cure;
    first.worker = worker.kind;
    first.core = worker.core;
    first.enabled_setting = worker.enabled_setting;
    if (!first.address.empty()) addresses.push_back(first);
    for (const auto& [name, section] : FurtherOf(config, listener)) {
      AddressSpec further = first;
      further.name = NameOfFurther(listener, name);
      further.address = TextIn(*section, "listen");
      further.setting = config::JoinPath(config::JoinPath(listener.further, name), "listen");
      further.mode = static_cast<unsigned>(std::stoul(TextIn(*section, "mode"), nullptr, 8));
      addresses.push_back(std::move(further));
    }
  }
  return addresses;
}

std::string SocketOf(std::string_view kind) { return std::string(kind) + ".sock"; }

WorkerSpec Ours(const roster::Builtin& worker, int ordinal, const std::vector<AddressSpec>& addresses,
                const std::filesystem::path& programs) {
  WorkerSpec spec;
  spec.id = {std::string(worker.kind), ordinal};
  spec.name = ToString(spec.id);
  spec.executable = programs / ("patchbay-" + spec.id.kind);
  spec.listeners = {{"grpc", SocketOf(worker.kind)}};
  for (const AddressSpec& address : addresses) spec.listeners.push_back({address.name, address.name});
  spec.overlap = worker.overlap;
  spec.core = worker.core;
  spec.needs_seal_key = worker.needs_seal_key;
  spec.needs_provider_keys = worker.needs_provider_keys;
  spec.faces_clients = worker.faces_clients;
  spec.sections.assign(worker.sections.begin(), worker.sections.end());
  spec.peers.assign(worker.peers.begin(), worker.peers.end());
  spec.enabled_setting = worker.enabled_setting;
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
    const std::vector<AddressSpec> addresses = AddressesOf(worker, config);
    manifest.addresses.insert(manifest.addresses.end(), addresses.begin(), addresses.end());
    const int count = worker.count_setting.empty() ? 1 : std::stoi(TextAt(config, worker.count_setting));
    for (int ordinal = 1; ordinal <= count; ++ordinal) {
      manifest.workers.push_back(Ours(worker, ordinal, addresses, programs));
    }
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

bool IsEnabled(const std::string& enabled_setting, const config::v1::Config& config) {
  return enabled_setting.empty() || TextAt(config, enabled_setting) == "true";
}

std::string AddressNow(const AddressSpec& address, const config::v1::Config& config) {
  const config::Setting setting = config::FindSetting(config, address.setting);
  // Entries of a map are no settings of their own; the workers that have such need a restart to change them.
  return setting.field == nullptr ? address.address : config::TextOf(*setting.section, *setting.field);
}

std::string_view ProtocolOf(const AddressSpec& address, const config::v1::Config& config) {
  if (address.setting == kGatewayListen) return "grpcs";
  const config::v1::Frontend& frontend = config.frontend();
  const bool first = address.setting == "frontend.listen" && !frontend.tls().certificate().empty();
  const bool further = std::any_of(frontend.listeners().begin(), frontend.listeners().end(), [&](const auto& entry) {
    return address.name == "http-" + entry.first && !entry.second.tls().certificate().empty();
  });
  return first || further ? "https" : "http";
}

config::v1::Config ConfigurationFor(const WorkerSpec& worker, const config::v1::Config& config) {
  config::v1::Config visible = config;
  std::vector<std::string_view> paths(worker.sections.begin(), worker.sections.end());
  paths.insert(paths.end(), {"server", "log"});
  KeepOnly(visible, paths);
  return visible;
}

}  // namespace patchbay::supervisor
