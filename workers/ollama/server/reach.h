// Whether others than this machine may reach the bridge. Pure.
//
// The configuration's own check knows the address that it names, and not the one of --listen or of a socket of
// systemd's: here is where it really listens.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/net/listen_address.h"
#include "patchbay/config/v1/config.pb.h"

namespace patchbay::ollama {

class Reach {
 public:
  // `bound`: where this process listens for as long as it lives, as the section at its start has it.
  Reach(std::vector<net::ListenAddress> bound, const config::v1::Ollama& section)
      : bound_(std::move(bound)), listen_(section.listen()) {}

  // kFailedPrecondition: others could reach it, and the section does not allow that.
  Result<void> CheckStart(const config::v1::Ollama& section) const;
  // The same of a section that is to be in force from now on. One that names another address than at the start is in
  // force with that address, when patchbayd starts again, and is told so.
  Result<void> CheckReload(const config::v1::Ollama& section) const;

 private:
  const std::vector<net::ListenAddress> bound_;
  const std::string listen_;
};

}  // namespace patchbay::ollama
