#include "workers/frontend/http/bare_error.h"

#include <string>

#include "workers/frontend/dialects/common/reply/openai_error.h"

namespace patchbay::frontend {

net::ErrorBody BareErrorOf(int status, std::string_view message) {
  const Problem problem(status < 500 ? Problem::Kind::kBadRequest : Problem::Kind::kUnavailable, std::string(message));
  std::string body = R"({"error":)";
  AppendOpenAiError(problem, body);
  return {"application/json", body.append("}")};
}

}  // namespace patchbay::frontend
