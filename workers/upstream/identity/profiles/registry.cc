#include "workers/upstream/identity/profiles/registry.h"

#include "workers/upstream/identity/profiles/codex/codex_profile.h"
#include "workers/upstream/identity/profiles/plain/plain_profile.h"

namespace patchbay::upstream {

const Profile* FindProfile(std::string_view name) {
  if (name == "plain") return &PlainProfile();
  if (name == "codex") return &CodexProfile();
  return nullptr;
}

}  // namespace patchbay::upstream
