#include "workers/ollama/server/reach.h"

#include <algorithm>

namespace patchbay::ollama {

Result<void> Reach::CheckStart(const config::v1::Ollama& section) const {
  const auto reached =
      std::find_if(bound_.begin(), bound_.end(), [](const auto& address) { return !net::IsLoopback(address); });
  if (reached == bound_.end() || section.allow_remote()) return {};
  return Error(ErrorCode::kFailedPrecondition,
               "others could reach " + reached->host +
                   ", and Ollama's clients show no key: listen on 127.0.0.1, or set ollama.allow_remote "
                   "(OLLAMA_BRIDGE_ALLOW_REMOTE=true), with ollama.token besides");
}

Result<void> Reach::CheckReload(const config::v1::Ollama& section) const {
  if (section.listen() != listen_) return {};
  return CheckStart(section);
}

}  // namespace patchbay::ollama
