#include "supervisor/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace patchbay::supervisor {
namespace {

constexpr int kBacklog = 4096;
// systemd's fd store holds what we stored under this prefix; socket units have names of their own.
constexpr std::string_view kStoredPrefix = "stored-";

struct TcpAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

Result<TcpAddress> Parse(const std::string& name, const std::string& address) {
  const Error bad = Error(ErrorCode::kInvalidArgument, "'" + address + "' is not HOST:PORT or [IPv6]:PORT").At(name);
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return bad;
  std::string host = address.substr(0, colon);
  const std::string_view port_text = std::string_view(address).substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc() || end != port_text.data() + port_text.size()) return bad;

  TcpAddress parsed;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&parsed.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6->sin6_addr) != 1) return bad;
    parsed.length = sizeof(*v6);
    return parsed;
  }
  if (host == "localhost") host = "127.0.0.1";
  if (host == "*") host = "0.0.0.0";
  auto* v4 = reinterpret_cast<sockaddr_in*>(&parsed.storage);
  v4->sin_family = AF_INET;
  v4->sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) != 1) return bad;
  parsed.length = sizeof(*v4);
  return parsed;
}

std::string LocalAddress(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return "unknown";
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
    return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6->sin6_port));
  }
  if (storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
    return std::string(text) + ":" + std::to_string(ntohs(v4->sin_port));
  }
  return "unix:" + std::string(reinterpret_cast<const sockaddr_un*>(&storage)->sun_path);
}

Error SystemError(ErrorCode code, const std::string& what) { return Error(code, what + ": " + std::strerror(errno)); }

}  // namespace

void SocketSet::TakePassed() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);  // 1: our children must not see the variables
  for (int i = 0; i < count; ++i) {
    // Moved out of the way: descriptors from 3 up are where a child finds its own.
    Descriptor passed(fcntl(SD_LISTEN_FDS_START + i, F_DUPFD_CLOEXEC, 64));
    close(SD_LISTEN_FDS_START + i);
    std::string name = names[i];
    const bool stored = name.starts_with(kStoredPrefix);
    if (stored) name.erase(0, kStoredPrefix.size());
    AddPassed(std::move(name), std::move(passed), stored);
    free(names[i]);
  }
  free(names);
}

void SocketSet::AddPassed(std::string name, Descriptor descriptor, bool stored) {
  if (!descriptor.valid() || sd_is_socket(descriptor.get(), AF_UNSPEC, SOCK_STREAM, 1) <= 0) return;
  // A socket unit's descriptor is the configured one, whatever the store remembers.
  const auto known = passed_.find(name);
  if (known != passed_.end() && stored) return;
  passed_[std::move(name)] = {std::move(descriptor), stored};
}

Result<void> SocketSet::OpenTcp(const std::string& name, const std::string& address) {
  ASSIGN_OR_RETURN(const TcpAddress parsed, Parse(name, address));
  ListeningSocket entry;
  entry.name = name;
  if (const auto passed = passed_.find(name); passed != passed_.end()) {
    entry.descriptor = std::move(passed->second.descriptor);
    entry.source = passed->second.stored ? ListeningSocket::Source::kStored : ListeningSocket::Source::kActivated;
    passed_.erase(passed);
    entry.address = LocalAddress(entry.descriptor.get());
    // What the store remembers is used only where it is still what the configuration asks for.
    const bool any_port = address.ends_with(":0");
    if (entry.source == ListeningSocket::Source::kActivated || any_port || entry.address == address) {
      sockets_[name] = std::move(entry);
      return {};
    }
    entry.source = ListeningSocket::Source::kBound;
  }
  entry.descriptor = Descriptor(socket(parsed.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!entry.descriptor.valid()) return SystemError(ErrorCode::kUnavailable, "cannot make a socket for " + name);
  const int on = 1;
  setsockopt(entry.descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(entry.descriptor.get(), reinterpret_cast<const sockaddr*>(&parsed.storage), parsed.length) != 0 ||
      listen(entry.descriptor.get(), kBacklog) != 0) {
    const ErrorCode code = errno == EADDRINUSE ? ErrorCode::kUnavailable : ErrorCode::kFailedPrecondition;
    return SystemError(code, "cannot listen on " + address + " (" + name + ")");
  }
  entry.address = LocalAddress(entry.descriptor.get());
  sockets_[name] = std::move(entry);
  return {};
}

Result<void> SocketSet::OpenUnix(const std::string& name, const std::filesystem::path& directory) {
  const std::string path = (directory / name).string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error(ErrorCode::kInvalidArgument, "the socket's path " + path + " has " + std::to_string(path.size()) +
                                                  " bytes and the kernel takes " +
                                                  std::to_string(sizeof(address.sun_path) - 1) +
                                                  "; choose a shorter --runtime-dir");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);

  struct stat facts {};
  if (lstat(path.c_str(), &facts) == 0) {
    if (!S_ISSOCK(facts.st_mode)) return Error(ErrorCode::kFailedPrecondition, path + " is in the way and is not a socket");
    // The lock on the directory says that no patchbayd lives here; a listener may still be a worker of a killed one,
    // finishing its streams. Its connections stay with it; its name is ours.
    unlink(path.c_str());
  }
  ListeningSocket entry;
  entry.name = name;
  entry.address = "unix:" + path;
  entry.descriptor = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const mode_t before = umask(0177);  // born 0600: there is no moment in which others could connect
  const int bound = bind(entry.descriptor.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int bind_errno = errno;
  umask(before);
  if (bound != 0) {
    errno = bind_errno;
    return SystemError(ErrorCode::kFailedPrecondition, "cannot bind " + path);
  }
  if (listen(entry.descriptor.get(), kBacklog) != 0) return SystemError(ErrorCode::kFailedPrecondition, "cannot listen on " + path);
  sockets_[name] = std::move(entry);
  return {};
}

void SocketSet::CloseUnclaimed() { passed_.clear(); }

int SocketSet::descriptor(const std::string& name) const {
  const ListeningSocket* found = Find(name);
  return found == nullptr ? -1 : found->descriptor.get();
}

const ListeningSocket* SocketSet::Find(const std::string& name) const {
  const auto found = sockets_.find(name);
  return found == sockets_.end() ? nullptr : &found->second;
}

std::vector<const ListeningSocket*> SocketSet::All() const {
  std::vector<const ListeningSocket*> all;
  for (const auto& [name, entry] : sockets_) all.push_back(&entry);
  return all;
}

void SocketSet::RemoveFiles() {
  for (const auto& [name, entry] : sockets_) {
    constexpr std::string_view kUnix = "unix:";
    if (entry.address.starts_with(kUnix)) unlink(entry.address.c_str() + kUnix.size());
  }
}

}  // namespace patchbay::supervisor
