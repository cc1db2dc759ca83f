// The error object of OpenAI's HTTP APIs and the one table that fills it, for the dialects of that
// family: {"error":{"message","type","param","code"}} (client-protocols B.5).
#pragma once

#include <string>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend {

struct OpenAiError {
  int status;
  std::string type;
  std::string code;  // null on the wire when empty
};

OpenAiError OpenAiErrorOf(const Problem& problem);

// {"message":…,"type":…,"param":…,"code":…} and, where a quota is used up, "resets_at" and
// "resets_in_seconds", which the Codex CLI shows to its user.
void AppendOpenAiError(const Problem& problem, std::string& out);

// The whole answer: status, body, `retry-after` and `x-should-retry`.
Answer OpenAiErrorAnswer(const Problem& problem);

}  // namespace patchbay::frontend
