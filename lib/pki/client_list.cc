#include "lib/pki/client_list.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace patchbay::pki {

Result<std::vector<ListedClient>> ReadClients(const std::filesystem::path& file) {
  std::vector<ListedClient> clients;
  std::ifstream in(file);
  if (!in) {
    if (errno == ENOENT) return clients;
    return Error(ErrorCode::kUnavailable, "cannot read " + file.string() + ": " + std::strerror(errno));
  }
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    ListedClient client;
    std::string role;
    std::int64_t expires = 0;
    const bool whole = static_cast<bool>(words >> client.serial >> role >> client.identity.name >> expires);
    const auto known = ParseRole(role);
    if (!whole || !known.ok() || !roster::IsPlainName(client.identity.name)) {
      return Error(ErrorCode::kUnavailable, file.string() + " has a line that is none: " + line.substr(0, 80));
    }
    client.identity.role = *known;
    client.expires_at = WallTime(std::chrono::seconds(expires));
    clients.push_back(std::move(client));
  }
  return clients;
}

std::string FormatClients(const std::vector<ListedClient>& clients) {
  std::ostringstream out;
  for (const ListedClient& client : clients) {
    out << client.serial << ' ' << roster::ToString(client.identity.role) << ' ' << client.identity.name << ' '
        << std::chrono::duration_cast<std::chrono::seconds>(client.expires_at.time_since_epoch()).count() << '\n';
  }
  return out.str();
}

Result<void> ClientList::Refresh() {
  struct stat info {};
  Stamp now;
  if (::stat(file_.c_str(), &info) == 0) {
    now = {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size, info.st_ino};
  } else if (errno != ENOENT) {
    return Error(ErrorCode::kUnavailable, "the list of certificates cannot be read");
  }
  if (now == stamp_) return {};
  ASSIGN_OR_RETURN(clients_, ReadClients(file_));
  stamp_ = now;
  return {};
}

Result<void> ClientList::Check(const Identity& identity, std::string_view serial) {
  if (auto fresh = Refresh(); !fresh.ok()) {
    return Error(ErrorCode::kUnavailable, "the gateway cannot read its list of certificates");
  }
  const bool listed = std::any_of(clients_.begin(), clients_.end(), [&](const ListedClient& client) {
    return client.identity == identity && client.serial == serial;
  });
  if (listed) return {};
  return Error(ErrorCode::kPermissionDenied, "the certificate of '" + identity.name + "' was revoked or replaced");
}

}  // namespace patchbay::pki
