// The listening sockets of the whole house. They outlive every worker: whoever connects while a worker restarts waits
// in the backlog and is not refused. Bound here, or taken over from systemd (socket activation, fd store).
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lib/base/descriptor.h"
#include "lib/base/result.h"
#include "supervisor/manifest.h"

namespace patchbay::supervisor {

struct ListeningSocket {
  std::string name;     // "http", "ollama", "admin.sock", "accounts.sock"
  std::string address;  // "127.0.0.1:8080" with the real port, or "unix:/run/…/accounts.sock"
  enum class Source { kBound, kActivated, kStored } source = Source::kBound;
  Descriptor descriptor;
};

class SocketSet {
 public:
  // Takes what systemd passed, by name; call once, before anything else opens descriptors. Descriptors with names
  // that nobody asks for later are closed by CloseUnclaimed, and leave systemd's store.
  void TakePassed();
  // For tests: as if systemd had passed it.
  void AddPassed(std::string name, Descriptor descriptor, bool stored);

  // Workers of a killed predecessor may still hold an address while they finish; they let go of it at once when they
  // notice, so a short patience is enough.
  static constexpr std::chrono::seconds kBindPatience{5};
  static constexpr std::chrono::milliseconds kBindPause{100};

  // HOST:PORT, [IPv6]:PORT or unix:/PATH. A passed socket of that name is used instead and keeps its own address; a TCP
  // one that is bound here is given to systemd to keep. The error is at the setting and names the cure. kUnavailable:
  // the address is in use (by whom systemd or `ss` can tell), or is not this machine's yet; kInvalidArgument: not an
  // address.
  Result<void> OpenAddress(const AddressSpec& listener);
  // `name` is a file in `directory`: mode 0600, replacing a socket that a dead predecessor left behind.
  Result<void> OpenUnix(const std::string& name, const std::filesystem::path& directory);
  void CloseUnclaimed();
  // Nobody shall be served on it any more; systemd's own stay, as it listens on them whatever we do.
  void CloseAddress(const std::string& name);
  // Passed by a socket unit, and not taken yet.
  bool IsActivated(const std::string& name) const;

  // -1 when there is none.
  int descriptor(const std::string& name) const;
  const ListeningSocket* Find(const std::string& name) const;
  std::vector<const ListeningSocket*> All() const;
  // Removes our Unix sockets' files; at the end of an orderly life.
  void RemoveFiles();

 private:
  struct Passed {
    Descriptor descriptor;
    bool stored = false;
  };
  std::map<std::string, Passed> passed_;
  std::map<std::string, ListeningSocket> sockets_;
};

}  // namespace patchbay::supervisor
