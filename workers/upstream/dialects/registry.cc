#include "workers/upstream/dialects/registry.h"

#include "workers/upstream/dialects/codex/dialect.h"

namespace patchbay::upstream {

const Dialect* FindDialect(std::string_view name) {
  if (name == "codex") return &codex::CodexDialect();
  return nullptr;
}

}  // namespace patchbay::upstream
