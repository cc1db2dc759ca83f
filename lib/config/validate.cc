// The check of the whole: what a field's type and bounds cannot say alone.

#include <google/protobuf/map_field.h>

#include <algorithm>
#include <map>

#include "lib/config/checks.h"
#include "lib/config/fields.h"
#include "lib/config/keys.h"
#include "lib/config/layers.h"
#include "lib/events/kinds.h"
#include "lib/keyterms/user.h"
#include "lib/roster/roster.h"
#include "lib/time/proto_time.h"
#include "lib/wire/listen_address.h"

namespace patchbay::config {
namespace {

class Validator {
 public:
  Validator(const config::v1::Config& config, Findings& findings) : config_(config), findings_(findings) {}

  void Run() {
    Bounds(config_, "");
    Listeners();
    Aliases();
    Reserves();
    Users();
    Verdicts();
    if (const std::string& path = config_.accounts().usage().usages_path(); !path.empty() && path[0] != '/') {
      Add("accounts.usage.usages_path", "is no whole path: it begins with /");
    }
    for (const auto& [name, row] : config_.notifications()) Notification(JoinPath("notifications", name), name, row);
    for (const auto& [name, worker] : config_.workers()) ExtraWorker(JoinPath("workers", name), name, worker);
    if (ToMilliseconds(config_.server().backoff_initial()) > ToMilliseconds(config_.server().backoff_max())) {
      Add("server.backoff_initial", "is longer than server.backoff_max");
    }
  }

 private:
  void Add(const std::string& path, std::string_view problem) {
    findings_.Add(findings_.PlaceOf(path), path + ": " + std::string(problem));
  }

  void Bounds(const Message& message, const std::string& path) {
    const auto& reflection = *message.GetReflection();
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const auto& field = *message.GetDescriptor()->field(i);
      const auto here = JoinPath(path, field.name());
      switch (KindOf(field)) {
        case FieldKind::kSection: Bounds(reflection.GetMessage(message, &field), here); break;
        case FieldKind::kScalar:
          if (const auto checked = CheckBounds(message, field); !checked.ok()) Add(here, checked.error().message);
          break;
        case FieldKind::kMap:
          for (int n = 0; n < reflection.FieldSize(message, &field); ++n) {
            const auto& entry = reflection.GetRepeatedMessage(message, &field, n);
            const auto& type = *field.message_type();
            Bounds(entry.GetReflection()->GetMessage(entry, type.map_value()),
                   JoinPath(here, entry.GetReflection()->GetString(entry, type.map_key())));
          }
          break;
        case FieldKind::kTextMap:
        case FieldKind::kList: break;
      }
    }
  }

  void Listeners() {
    const auto& frontend = config_.frontend();
    Listener("frontend", frontend);
    // Protobuf keeps no order, and of two that are the same the reader wants to hear of the second.
    const std::map<std::string, config::v1::Listener> further(frontend.listeners().begin(), frontend.listeners().end());
    for (const auto& [name, listener] : further) {
      const auto path = JoinPath("frontend.listeners", name);
      Name(path, name);
      Listener(path, listener);
      Mode(path + ".mode", listener.mode());
    }
    if (const std::string& listen = config_.gateway().listen(); !listen.empty()) {
      Address("gateway.listen", wire::ParseListenAddress(listen));
    }
    if (config_.ollama().enabled()) Ollama(config_.ollama());
  }

  void Ollama(const config::v1::Ollama& ollama) {
    const auto address = wire::ParseListenAddress(ollama.listen());
    Address("ollama.listen", address);
    for (const auto& origin : ollama.origins()) {
      if (const std::string problem = AnyOriginProblem(origin); !problem.empty()) Add("ollama.origins", problem);
    }
    Reference("ollama.token", ollama.token());
    Reference("ollama.key", ollama.key());
    if (!address.ok() || ollama.allow_remote() || wire::IsLoopbackHost(address->host)) return;
    Add("ollama.listen", "would let everybody who reaches " + ollama.listen() +
                             " use the accounts, for Ollama's clients show no key; listen on loopback, or set "
                             "ollama.allow_remote: true, with ollama.token besides");
  }

  // A setting that names where a secret is.
  void Reference(const std::string& path, const std::string& reference) {
    if (reference.empty() || ReferenceProblem(reference).empty()) return;
    Add(path, "is neither ${VARIABLE} nor the absolute path of a file; a secret itself does not belong here");
  }

  // Of the frontend: its first listener and the further ones have the same settings.
  template <class Section>
  void Listener(const std::string& path, const Section& listener) {
    const auto address = wire::ParseListenAddressOrPath(listener.listen());
    Address(path + ".listen", address);
    Tls(path + ".tls", listener.tls());
    for (const auto& origin : listener.allowed_origins()) Origin(path + ".allowed_origins", origin);
    if (listener.require_key() || !address.ok() || !listener.tls().client_ca().empty()) return;
    if (address->path.empty() && !wire::IsLoopbackHost(address->host)) {
      Add(path + ".require_key", "would let everybody who reaches " + listener.listen() +
                                     " use the accounts; without keys, listen on loopback or a Unix socket, or set "
                                     "tls.client_ca");
    }
  }

  void Address(const std::string& path, const Result<wire::ListenAddress>& address) {
    if (!address.ok()) return Add(path, address.error().message);
    const bool chosen_by_kernel = address->path.empty() && address->port == 0;
    if (chosen_by_kernel) return;
    const auto [other, is_new] = taken_.emplace(wire::FormatListenAddress(*address), path);
    if (!is_new) Add(path, "is the same address as " + other->second);
  }

  void Tls(const std::string& path, const config::v1::Tls& tls) {
    File(path + ".certificate", tls.certificate());
    File(path + ".key", tls.key());
    File(path + ".client_ca", tls.client_ca());
    if (tls.certificate().empty() && !tls.key().empty()) Add(path + ".key", "needs a certificate too");
    if (tls.key().empty() && !tls.certificate().empty()) Add(path + ".certificate", "needs a key too");
    if (tls.certificate().empty() && !tls.client_ca().empty())
      Add(path + ".client_ca", "needs a certificate and a key");
  }

  void File(const std::string& path, const std::string& file) {
    if (const std::string problem = FileProblem(file); !problem.empty()) Add(path, problem);
  }

  void Mode(const std::string& path, const std::string& mode) {
    const bool octal = mode.size() == 4 && mode.front() == '0' &&
                       std::all_of(mode.begin(), mode.end(), [](char c) { return c >= '0' && c <= '7'; });
    if (!octal) Add(path, "'" + mode + "' is not a file mode, like 0660");
  }

  void Origin(const std::string& path, const std::string& text) {
    if (const std::string problem = OriginProblem(text); !problem.empty()) Add(path, problem);
  }

  void Name(const std::string& path, const std::string& name) {
    if (!roster::IsPlainName(name)) Add(path, roster::kNameRule);
  }

  void Aliases() {
    constexpr std::size_t kMaxBytes = 128;
    constexpr std::size_t kMaxAliases = 1000;
    // In the order in which a reader would look for them: protobuf keeps none.
    const std::map<std::string, std::string> aliases(config_.models().aliases().begin(),
                                                     config_.models().aliases().end());
    if (aliases.size() > kMaxAliases) Add("models.aliases", "holds more than 1000 names");
    for (const auto& [name, target] : aliases) {
      const auto path = JoinPath("models.aliases", name);
      const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
      if (name.empty() || name.size() > kMaxBytes || !plain) {
        Add(path, "a name has 1 to 128 visible ASCII characters and no comma");
      }
      if (!std::all_of(target.begin(), target.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) {
        Add(path, "stands for visible ASCII characters");
      }
      if (target.find('*') != std::string::npos) Add(path, "'*' may stand in the name, not in what it stands for");
    }
  }

  void Reserves() {
    constexpr std::size_t kMaxReserves = 32;
    const std::map<std::string, config::v1::Reserve> reserves(config_.accounts().reserves().begin(),
                                                              config_.accounts().reserves().end());
    if (reserves.size() > kMaxReserves) Add("accounts.reserves", "holds more than 32");
    for (const auto& [name, reserve] : reserves) {
      const auto path = JoinPath("accounts.reserves", name);
      Name(path, name);
      if (reserve.keys().empty()) Add(path, "needs keys: the names of those that it is kept for");
      if (ToMilliseconds(reserve.window()) < std::chrono::seconds(1)) Add(path + ".window", "is shorter than a second");
    }
  }

  // What the token is, whoever reads it looks at (keys.h).
  void Users() {
    constexpr std::size_t kMaxUsers = 1000;
    const std::map<std::string, config::v1::User> users(config_.accounts().users().begin(),
                                                        config_.accounts().users().end());
    if (users.size() > kMaxUsers) Add("accounts.users", "holds more than 1000");
    for (const auto& [name, user] : users) {
      const auto path = JoinPath("accounts.users", name);
      Name(path, name);
      if (user.token().empty()) {
        Add(path, "needs a token: ${VARIABLE}, or the absolute path of a file that holds it");
      } else if (!ReferenceProblem(user.token()).empty()) {
        Add(path + ".token",
            "is neither ${VARIABLE} nor the absolute path of a file; a token itself does not belong here");
      }
      std::vector<keyterms::TermProblem> problems;
      keyterms::TermsOf(user, problems);
      for (const auto& problem : problems) Add(path + "." + problem.field, problem.text);
    }
  }

  void Verdicts() {
    constexpr std::size_t kMaxVerdicts = 100;
    const std::map<std::string, config::v1::VerdictRow> verdicts(config_.accounts().verdicts().begin(),
                                                                 config_.accounts().verdicts().end());
    if (verdicts.size() > kMaxVerdicts) Add("accounts.verdicts", "holds more than 100");
    for (const auto& [name, row] : verdicts) {
      const auto path = JoinPath("accounts.verdicts", name);
      Name(path, name);
      if (row.status().empty() && row.code().empty() && row.says().empty()) {
        Add(path, "would match every error: give a status, a code or what it says");
      }
      if (const auto problem = StatusRangeProblem(row.status()); !problem.empty()) Add(path + ".status", problem);
    }
  }

  void ExtraWorker(const std::string& path, const std::string& name, const config::v1::ExtraWorker& worker) {
    Name(path, name);
    if (roster::IsReservedName(name)) Add(path, "the name is one of patchbay's own");
    if (worker.command().empty()) Add(path, "needs a command");
    for (const auto& section : worker.sections()) {
      if (config_.GetDescriptor()->FindFieldByName(section) != nullptr) continue;
      std::vector<std::string> names;
      for (int i = 0; i < config_.GetDescriptor()->field_count(); ++i)
        names.push_back(config_.GetDescriptor()->field(i)->name());
      Add(path + ".sections", "there is no section '" + section + "'" + DidYouMean(section, names));
    }
    for (const auto& peer : worker.peers()) Peer(path + ".peers", peer);
  }

  void Notification(const std::string& path, const std::string& name, const config::v1::Notification& row) {
    Name(path, name);
    if (row.command().empty() == row.webhook().empty()) Add(path, "needs a command or a webhook, one of the two");
    if (!row.command().empty() && !row.command().starts_with('/')) Add(path + ".command", "is no absolute path");
    if (row.command().empty() && !row.arguments().empty()) Add(path + ".arguments", "needs a command");
    if (const std::string problem = WebhookProblem(row.webhook(), row.allow_private()); !problem.empty()) {
      Add(path + ".webhook", problem);
    }
    for (const std::string& kind : row.events()) {
      if (events::ParseKind(kind)) continue;
      std::vector<std::string> kinds;
      for (const auto known : events::Kinds()) kinds.push_back(events::NameOf(known));
      Add(path + ".events", "there is no event '" + kind + "'" + DidYouMean(kind, kinds));
    }
  }

  void Peer(const std::string& path, const std::string& peer) {
    std::string all;
    for (const auto& worker : roster::Builtins()) {
      if (!worker.has_callers) continue;
      if (worker.kind == peer) return;
      all.append(all.empty() ? "" : ", ").append(worker.kind);
    }
    Add(path, "'" + peer + "' is not one of " + all);
  }

  const config::v1::Config& config_;
  Findings& findings_;
  std::map<std::string, std::string> taken_;  // addresses → the setting that asked first
};

}  // namespace

void Validate(const config::v1::Config& config, Findings& findings) { Validator(config, findings).Run(); }

}  // namespace patchbay::config
