#include "workers/ollama/server/answers.h"

#include <utility>

#include "lib/log/log.h"

namespace patchbay::ollama {

net::HttpHeaders WithType(const Request& request, const char* content_type) {
  net::HttpHeaders headers = request.headers;
  headers.emplace_back("Content-Type", content_type);
  return headers;
}

Awaitable<void> Answer(Request& request, int status, std::string content_type, std::string body) {
  net::HttpHeaders headers = WithType(request, content_type.c_str());
  co_await request.exchange->Respond(status, std::move(headers), std::move(body));
}

Awaitable<void> AnswerJson(Request& request, std::string body) {
  co_await Answer(request, 200, kJsonType, std::move(body));
}

Awaitable<void> AnswerError(Request& request, Error error) {
  const int status = StatusOf(error.code);
  if (status >= 500 && status != 501) {
    log::Warn("ollama.failed",
              {{"path", request.exchange->request().path}, {"code", ToString(error.code)}, {"error", error.message}});
  }
  co_await Answer(request, status, kJsonType, EncodeError(error.message));
}

Awaitable<std::optional<std::string>> ReadBody(Request& request) {
  auto body = co_await request.exchange->ReadBody();
  if (body.ok()) co_return std::move(*body);
  const Error& error = body.error();
  // Of a body, unlike of a model, these are the client's doing.
  int status = StatusOf(error.code);
  if (error.code == ErrorCode::kUnsupported) status = 415;
  if (error.code == ErrorCode::kDeadlineExceeded) status = 408;
  co_await Answer(request, status, kJsonType, EncodeError(error.message));
  co_return std::nullopt;
}

}  // namespace patchbay::ollama
