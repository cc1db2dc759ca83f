#include "workers/frontend/http/chatgpt_lookups/lookup_handler.h"

#include <cstdint>
#include <utility>

#include "lib/base/number.h"
#include "workers/frontend/http/chatgpt_lookups/lookups.h"
#include "workers/frontend/http/respond.h"

namespace patchbay::frontend {
namespace {

// Its requests are of 200 bytes.
constexpr std::uint64_t kMaxToolMessageBytes = 64 << 10;

}  // namespace

Awaitable<void> LookupHandler::Workspaces(Request& request) {
  const auto origin =
      HttpsOrigin(request.Header("host"), request.exchange->request().secure, request.Header("x-forwarded-proto"));
  if (!origin) {
    const char* why =
        "a ChatGPT login is answered over https only: give this listener a certificate (docs/listeners.md)";
    co_return co_await RespondProblem(request, Problem(Problem::Kind::kBadRequest, why));
  }
  const std::string account = AccountOf(request.Header("chatgpt-account-id"), request.key.id);
  Answer answer = JsonAnswer(WorkspacesJson(account, *origin));
  co_await Respond(request, std::move(answer));
}

Awaitable<void> LookupHandler::Fixed(Request& request, std::string_view json) {
  Answer answer = JsonAnswer(std::string(json));
  co_await Respond(request, std::move(answer));
}

Awaitable<void> LookupHandler::ToolServer(Request& request) {
  const auto length = ParseNumber<std::uint64_t>(request.Header("content-length"));
  if (!length || *length > kMaxToolMessageBytes || !request.Header("content-encoding").empty()) {
    const char* why = "a message to the server of tools has at most 64 KiB, and says how many";
    co_return co_await RespondProblem(request, Problem(Problem::Kind::kTooLarge, why));
  }
  auto body = co_await request.exchange->ReadBody();
  if (!body.ok()) co_return co_await RespondProblem(request, ProblemOf(body.error()));
  Answer answer = ToolServerAnswer(*body);
  co_await Respond(request, std::move(answer));
}

}  // namespace patchbay::frontend
