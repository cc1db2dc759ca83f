// What accounts reads of the outside: documents to import, tokens, and a provider's replies. The first byte chooses.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "workers/accounts/import/import_document.h"
#include "workers/accounts/providers/codex/jwt.h"
#include "workers/accounts/providers/codex/models_reply.h"
#include "workers/accounts/providers/codex/refresh_reply.h"
#include "workers/accounts/providers/codex/usage_reply.h"
#include "workers/accounts/providers/models_reply.h"
#include "workers/accounts/providers/openai/models_reply.h"

using namespace patchbay::accounts;  // a fuzz target is one page long

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const patchbay::WallTime now{std::chrono::seconds(1787390000)};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      if (const auto document = ReadImportDocument(bytes, "label"); document.ok()) {
        if (document->items.size() > kMaxImportItems) std::abort();
      }
      break;
    case 1: static_cast<void>(ReadClaims(bytes).ok()); break;
    case 2: static_cast<void>(ReadRefreshReply(200 + data[0], bytes)); break;
    case 3: static_cast<void>(ReadUsageReply(200, bytes, now)); break;
    case 4:
      if (const auto models = ReadCodexModels("codex", bytes); models.ok()) {
        if (models->empty() || models->size() > kMaxModelsOfAPlan) std::abort();
        for (const Model& model : *models) {
          if (!IsModelName(model.id) || model.entry.empty()) std::abort();
        }
      }
      break;
    case 5:
      if (const auto models = ReadOpenAiModels("openai", bytes); models.ok()) {
        if (models->empty() || models->size() > kMaxModelsOfAPlan) std::abort();
        for (const Model& model : *models) {
          if (!IsModelName(model.id)) std::abort();
        }
      }
      break;
  }
  return 0;
}
