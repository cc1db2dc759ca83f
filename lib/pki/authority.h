// The gateway's own certificate authority: its files in the state directory, and what it signs.
//
//   gateway-ca.crt      its certificate, which clients get too
//   gateway-ca.key      its key, sealed like every secret at rest
//   gateway-server.pem  the gateway's own certificate and key, in one file so that both change at once; 0600
//   gateway-clients     which certificates of clients are good (client_list.h)
//
// Lives in the supervisor, for the gateway's own pair, and in the command that makes pairs; the frontend, which talks
// to strangers, reads everything but the authority's key.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/descriptor.h"
#include "lib/base/result.h"
#include "lib/pki/certificate.h"
#include "lib/pki/client_list.h"
#include "lib/pki/identity.h"
#include "lib/seal/seal.h"

namespace patchbay::pki {

inline constexpr std::chrono::hours kAuthorityValid{24 * 365 * 10};
inline constexpr std::chrono::hours kServerValid{24 * 365};
// The gateway's own pair is made anew this long before its end.
inline constexpr std::chrono::hours kRenewBefore{24 * 60};
inline constexpr std::chrono::hours kClientValid{24 * 365};
// How long a process waits for another that has the authority.
inline constexpr std::chrono::milliseconds kLockPatience{5'000};

struct Files {
  explicit Files(const std::filesystem::path& state_dir);
  std::filesystem::path authority, authority_key, server, clients, lock;
};

class Authority {
 public:
  // Makes it the first time. Held alone by one process at a time: kUnavailable when another has it for longer than
  // `patience`. kFailedPrecondition: half of it is missing, or it cannot be unsealed.
  static Result<Authority> Open(const std::filesystem::path& state_dir, WallTime now,
                                std::chrono::milliseconds patience = kLockPatience);

  const std::string& certificate() const { return pair_.certificate; }
  // The gateway's own pair is there, whole, signed by this authority and far from its end. The value: it was made now.
  Result<bool> EnsureServer(WallTime now);
  // A pair of that identity; one that it had before is good no more.
  Result<Pair> Issue(const Identity& identity, WallTime now, std::chrono::hours valid = kClientValid);
  Result<std::vector<ListedClient>> Clients() const { return ReadClients(files_.clients); }
  // From now on refused, whichever role it has. kNotFound: there is none of that name.
  Result<void> Revoke(const std::string& name);

 private:
  Authority(Files files, Descriptor lock, Pair pair)
      : files_(std::move(files)), lock_(std::move(lock)), pair_(std::move(pair)) {}

  Files files_;
  Descriptor lock_;
  Pair pair_;
};

}  // namespace patchbay::pki
