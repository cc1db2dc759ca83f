// Which certificates of clients are good: those that stand on the list. Taking one off revokes it, at its next call.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/pki/identity.h"

namespace patchbay::pki {

struct ListedClient {
  Identity identity;
  std::string serial;  // hex
  WallTime expires_at{};
};

// A file with a line for each: serial, role, name, the second of its end. Unreadable lines are an error: a list of
// which a part is not understood lets nobody in.
Result<std::vector<ListedClient>> ReadClients(const std::filesystem::path& file);
std::string FormatClients(const std::vector<ListedClient>& clients);

// The list as a server asks it at every call: read again when the file is another than before.
class ClientList {
 public:
  explicit ClientList(std::filesystem::path file) : file_(std::move(file)) {}

  // Whether a certificate that shows this identity and has this serial is on it, by now. kPermissionDenied: it was
  // revoked, or replaced by a newer one; kUnavailable: the list cannot be read.
  Result<void> Check(const Identity& identity, std::string_view serial);

 private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = -1;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  Result<void> Refresh();

  const std::filesystem::path file_;
  Stamp stamp_;
  std::vector<ListedClient> clients_;
};

}  // namespace patchbay::pki
