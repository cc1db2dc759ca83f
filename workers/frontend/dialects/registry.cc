#include "workers/frontend/dialects/registry.h"

#include "workers/frontend/dialects/anthropic/dialect.h"
#include "workers/frontend/dialects/gemini/dialect.h"
#include "workers/frontend/dialects/openai_chat/dialect.h"
#include "workers/frontend/dialects/openai_completions/dialect.h"
#include "workers/frontend/dialects/openai_embeddings/dialect.h"
#include "workers/frontend/dialects/openai_images/dialect.h"
#include "workers/frontend/dialects/openai_responses/codex/documents.h"
#include "workers/frontend/dialects/openai_responses/codex/face.h"
#include "workers/frontend/dialects/openai_responses/dialect.h"

namespace patchbay::frontend {

Dialects::Dialects(const Clock& clock) {
  all_.push_back(openai_chat::MakeDialect());
  for (auto& dialect : openai_responses::MakeDialects(clock)) all_.push_back(std::move(dialect));
  all_.push_back(openai_responses::codex::MakeFace());
  all_.push_back(openai_responses::codex::MakeSearchDialect());
  all_.push_back(openai_responses::codex::MakeMemoriesDialect());
  all_.push_back(openai_completions::MakeDialect());
  all_.push_back(openai_embeddings::MakeDialect());
  all_.push_back(openai_images::MakeGenerationsDialect());
  all_.push_back(openai_images::MakeEditsDialect());
  all_.push_back(anthropic::MakeDialect());
  all_.push_back(gemini::MakeDialect());
}

void Dialects::Configure(const config::v1::Frontend& settings) {
  for (const auto& dialect : all_) dialect->Configure(settings);
}

const Dialect* Dialects::Find(std::string_view name) const {
  for (const auto& dialect : all_) {
    if (dialect->name() == name) return dialect.get();
  }
  return nullptr;
}

const Dialect* Dialects::ClaimantOf(const HeaderLookup& header, std::string_view query) const {
  for (const auto& dialect : all_) {
    if (dialect->Claims(header, query)) return dialect.get();
  }
  return nullptr;
}

SessionHint Dialects::SessionOf(const Dialect& dialect, const HeaderLookup& header) const {
  if (const std::string_view name = dialect.SessionHeader(header); !name.empty()) return {name, header(name)};
  for (const auto& other : all_) {
    if (const std::string_view name = other->SessionHeader(header); !name.empty()) return {name, header(name)};
  }
  return {};
}

}  // namespace patchbay::frontend
