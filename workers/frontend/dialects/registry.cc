#include "workers/frontend/dialects/registry.h"

#include <array>

#include "lib/base/check.h"
#include "workers/frontend/dialects/anthropic/dialect.h"
#include "workers/frontend/dialects/gemini/dialect.h"
#include "workers/frontend/dialects/openai_chat/dialect.h"
#include "workers/frontend/dialects/openai_completions/dialect.h"
#include "workers/frontend/dialects/openai_images/dialect.h"
#include "workers/frontend/dialects/openai_responses/dialect.h"
#include "workers/frontend/dialects/openai_responses/relay/documents.h"

namespace patchbay::frontend {

const Dialect& FindDialect(std::string_view name) {
  static const std::array kDialects = {openai_chat::MakeDialect(),
                                       openai_responses::MakeDialect(),
                                       openai_responses::MakeCompactionDialect(),
                                       openai_responses::MakeSearchDialect(),
                                       openai_responses::MakeMemoriesDialect(),
                                       openai_completions::MakeDialect(),
                                       openai_images::MakeGenerationsDialect(),
                                       openai_images::MakeEditsDialect(),
                                       gemini::MakeDialect(),
                                       anthropic::MakeDialect()};
  for (const auto& dialect : kDialects) {
    if (dialect->name() == name) return *dialect;
  }
  PATCHBAY_CHECK(!"the router names a dialect that does not exist");
}

}  // namespace patchbay::frontend
