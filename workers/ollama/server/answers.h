// One request of a client, and the short answers to it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/net/http_exchange.h"
#include "workers/ollama/dialect/errors.h"

namespace patchbay::ollama {

struct Request {
  std::shared_ptr<net::HttpExchange> exchange;
  net::HttpHeaders headers;  // of every answer
  SteadyTime arrived;
};

Awaitable<void> Answer(Request& request, int status, std::string content_type, std::string body);
Awaitable<void> AnswerJson(Request& request, std::string body);
Awaitable<void> AnswerError(Request& request, Error error);
// The body, or nothing: then the client has its answer, or is gone.
Awaitable<std::optional<std::string>> ReadBody(Request& request);

// The request's headers and one of the answer.
net::HttpHeaders WithType(const Request& request, const char* content_type);

}  // namespace patchbay::ollama
