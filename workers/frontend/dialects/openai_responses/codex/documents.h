// What the Codex CLI asks of its backend besides responses, and gets one JSON document for: its own web search
// (codex-wire §11.4) and, from versions before 0.171, summaries of traces for its memory (§11.3). Both ways the bytes
// pass as they are.
#pragma once

#include <memory>

#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::openai_responses::codex {

// POST /v1/alpha/search.
std::unique_ptr<Dialect> MakeSearchDialect();
// POST /v1/memories/trace_summarize.
std::unique_ptr<Dialect> MakeMemoriesDialect();

}  // namespace patchbay::frontend::openai_responses::codex
