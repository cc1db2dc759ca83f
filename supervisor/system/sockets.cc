#include "supervisor/system/sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "lib/net/listen_address.h"
#include "supervisor/system/notify.h"

namespace patchbay::supervisor {
namespace {

// systemd's fd store holds what we stored under this prefix; socket units have names of their own.
constexpr std::string_view kStoredPrefix = "stored-";

// "127.0.0.1:8080" of a bound socket, with the real port.
std::string LocalAddress(int fd) {
  const Result<net::ListenAddress> address = net::BoundAddress(fd);
  return address.ok() ? net::FormatListenAddress(*address) : "unknown";
}

Error SystemError(ErrorCode code, const std::string& what) { return Error(code, what + ": " + std::strerror(errno)); }

// Of a Unix socket that was bound here.
void RemoveFile(const ListeningSocket& socket) {
  constexpr std::string_view kUnix = "unix:";
  const bool ours = socket.source == ListeningSocket::Source::kBound;
  if (ours && socket.address.starts_with(kUnix)) unlink(socket.address.c_str() + kUnix.size());
}

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

Result<void> SocketSet::OpenAddress(const AddressSpec& listener) {
  const auto because = [&](Error error) {
    error.message += " (" + listener.cure + ")";
    return std::move(error).At(listener.setting);
  };
  const std::string& name = listener.name;
  Result<net::ListenAddress> parsed = net::ParseListenAddressOrPath(listener.address);
  if (!parsed.ok()) return because(std::move(parsed).error());
  ListeningSocket entry;
  entry.name = name;
  if (const auto passed = passed_.find(name); passed != passed_.end()) {
    entry.descriptor = std::move(passed->second.descriptor);
    entry.source = passed->second.stored ? ListeningSocket::Source::kStored : ListeningSocket::Source::kActivated;
    passed_.erase(passed);
    entry.address = LocalAddress(entry.descriptor.get());
    // What the store remembers is used only where it is still what the configuration asks for.
    const std::string host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
    const Result<net::ListenAddress> actual = net::BoundAddress(entry.descriptor.get());
    const bool same = actual.ok() && actual->path == parsed->path && actual->host == host &&
                      (parsed->port == 0 || actual->port == parsed->port);
    if (entry.source == ListeningSocket::Source::kActivated || same) {
      sockets_[name] = std::move(entry);
      return {};
    }
    entry.source = ListeningSocket::Source::kBound;
    notify::Forget(name);
    entry.descriptor.Close();
  }
  const bool file = !parsed->path.empty();
  Result<int> bound = file ? net::BindUnixListener(*parsed, listener.mode) : net::BindTcpListener(*parsed);
  if (!bound.ok()) return because(std::move(bound).error());
  entry.descriptor = Descriptor(*bound);
  entry.address = LocalAddress(entry.descriptor.get());
  // Of a Unix socket the file is what clients find, and another process may have taken its name meanwhile.
  if (!file) notify::StoreDescriptor(name, entry.descriptor.get());
  sockets_[name] = std::move(entry);
  return {};
}

Result<void> SocketSet::OpenUnix(const std::string& name, const std::filesystem::path& directory) {
  const std::string path = (directory / name).string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return Error(ErrorCode::kInvalidArgument,
                 "the socket's path " + path + " has " + std::to_string(path.size()) + " bytes and the kernel takes " +
                     std::to_string(sizeof(address.sun_path) - 1) + "; choose a shorter --runtime-dir");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);

  struct stat facts {};
  if (lstat(path.c_str(), &facts) == 0) {
    if (!S_ISSOCK(facts.st_mode))
      return Error(ErrorCode::kFailedPrecondition, path + " is in the way and is not a socket");
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
  if (listen(entry.descriptor.get(), net::kListenBacklog) != 0)
    return SystemError(ErrorCode::kFailedPrecondition, "cannot listen on " + path);
  sockets_[name] = std::move(entry);
  return {};
}

void SocketSet::CloseUnclaimed() {
  for (const auto& [name, passed] : passed_) {
    if (passed.stored) notify::Forget(name);
  }
  passed_.clear();
}

void SocketSet::CloseAddress(const std::string& name) {
  const auto found = sockets_.find(name);
  if (found == sockets_.end() || found->second.source == ListeningSocket::Source::kActivated) return;
  notify::Forget(name);
  // Its worker holds it until the last stream has ended. Whoever comes meanwhile is refused and does not wait there,
  // and another may have the address.
  shutdown(found->second.descriptor.get(), SHUT_RDWR);
  RemoveFile(found->second);
  sockets_.erase(found);
}

bool SocketSet::IsActivated(const std::string& name) const {
  const auto found = passed_.find(name);
  return found != passed_.end() && !found->second.stored;
}

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
  for (const auto& [name, entry] : sockets_) RemoveFile(entry);
}

}  // namespace patchbay::supervisor
