// Who lives in the house: one table of the workers that are ours. Roles, reserved names, sockets, peers, listening
// addresses and what each may see of the configuration derive from it. A new worker is a row here, a folder and a
// program.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace patchbay::roster {

// What a process may be towards another one; lib/rpc/roles says who may call what. A program has no part in the house:
// a certificate of ours lets it in over TLS, and a client key says in whose name.
enum class Role { kNone, kSupervisor, kFrontend, kAccounts, kUpstream, kOllama, kOperator, kExtra, kProgram };
inline constexpr Role kAllRoles[] = {Role::kNone,     Role::kSupervisor, Role::kFrontend,
                                     Role::kAccounts, Role::kUpstream,   Role::kOllama,
                                     Role::kOperator, Role::kExtra,      Role::kProgram};
std::string_view ToString(Role role);

// An address that a worker listens on for clients, besides its gRPC socket.
struct Listener {
  std::string_view name;     // what the worker finds it by: "http"
  std::string_view setting;  // where the address stands: "frontend.listen"
  std::string_view cure;     // what to do when the address cannot be had
  // Settings of a map whose sections have a `listen` too: further ones of its kind, "http-NAME" of the one at NAME.
  std::string_view further = {};
};

struct Builtin {
  Role role = Role::kNone;
  // "frontend": its program is patchbay-frontend, its socket frontend.sock.
  std::string_view kind;
  // Needed for serving: without it the service is not ready. Others may be away, and chat goes on.
  bool core = true;
  // A requested restart runs old and new side by side. False for a single writer.
  bool overlap = true;
  // May know the key that unseals tokens and cookies.
  bool needs_seal_key = false;
  // May know the keys that providers' rows name.
  bool needs_provider_keys = false;
  // In-flight requests end here first; shutdown drains these before the others.
  bool faces_clients = false;
  // Others may be told its address.
  bool has_callers = true;
  std::span<const std::string_view> sections;  // of the configuration, and single settings ("accounts.queue_wait")
  std::span<const std::string_view> peers;     // kinds whose addresses it is told
  std::span<const Listener> listeners;
  // Settings that say how many processes there are, and whether there are any; empty: exactly one.
  std::string_view count_setting;
  std::string_view enabled_setting;
};

// In the order in which status pages show them.
std::span<const Builtin> Builtins();
// Null when there is none.
const Builtin* FindBuiltin(std::string_view kind);

// One of the processes that play one part. The first is called "frontend", the second "frontend-2".
struct WorkerId {
  std::string kind;  // of a built-in worker, or the name of one from the configuration
  int ordinal = 1;
  bool operator==(const WorkerId&) const = default;
};
// A name that is not one of ours is a kind of its own, whatever it looks like.
WorkerId ParseWorkerId(std::string_view name);
std::string ToString(const WorkerId& id);

// The role of a worker by its name; names that are not ours are kExtra.
Role RoleOfWorker(std::string_view name);

// Names that become file names and words of the log: 1 to 32 of a-z, 0-9, - and _.
inline constexpr std::string_view kNameRule = "a name has 1 to 32 of a-z, 0-9, - and _";
bool IsPlainName(std::string_view name);
// One of ours, or one that would be taken for it: "admin", "frontend-2", "accounts-of-mine".
bool IsReservedName(std::string_view name);

}  // namespace patchbay::roster
