#include "workers/upstream/dialects/registry.h"

#include "workers/upstream/dialects/codex/dialect.h"
#include "workers/upstream/dialects/openai_chat/dialect.h"
#include "workers/upstream/dialects/openai_responses/dialect.h"

namespace patchbay::upstream {

std::shared_ptr<const Dialect> MakeDialect(std::string_view name,
                                           const google::protobuf::RepeatedPtrField<std::string>& quirks) {
  // One for all: it lives as long as the program.
  if (name == "codex") return {std::shared_ptr<const Dialect>(), &codex::CodexDialect()};
  if (name == openai_chat::kChatDialect) return openai_chat::MakeDialect(openai_chat::ReadQuirks(quirks));
  if (name == openai_responses::kResponsesDialect) {
    return openai_responses::MakeDialect(openai_responses::ReadQuirks(quirks));
  }
  return nullptr;
}

}  // namespace patchbay::upstream
