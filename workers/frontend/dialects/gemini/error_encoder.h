// A problem as Google's APIs tell it, and the one table that says how (client-protocols E.8):
// {"error":{"code","message","status","details"}}.
#pragma once

#include <string>
#include <string_view>

#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/dialect.h"

namespace patchbay::frontend::gemini {

struct ErrorRow {
  int code;                 // the HTTP status
  std::string_view status;  // google.rpc.Code's name
  std::string_view reason;  // of google.rpc.ErrorInfo
};

ErrorRow ErrorRowOf(const Problem& problem);

// {"error":{…}}
void AppendError(const Problem& problem, std::string& out);

// The whole answer: status, body, `retry-after` and `x-should-retry`.
Answer EncodeError(const Problem& problem);

}  // namespace patchbay::frontend::gemini
