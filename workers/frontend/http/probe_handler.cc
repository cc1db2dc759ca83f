#include "workers/frontend/http/probe_handler.h"

#include "lib/base/version.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/http/respond.h"

namespace patchbay::frontend {

Awaitable<void> ProbeHandler::Health(Request& request) {
  Answer answer = JsonAnswer(R"({"status":"ok"})");
  co_await Respond(request, std::move(answer));
}

Awaitable<void> ProbeHandler::Ready(Request& request) {
  const std::vector<std::string> reasons = co_await readiness_();
  std::string body;
  wire::JsonWriter json(body);
  json.BeginObject().Key("ready").Bool(reasons.empty()).Key("reasons").BeginArray();
  for (const std::string& reason : reasons) json.String(reason);
  json.EndArray().EndObject();
  Answer answer = JsonAnswer(std::move(body), reasons.empty() ? 200 : 503);
  co_await Respond(request, std::move(answer));
}

Awaitable<void> ProbeHandler::Root(Request& request) {
  std::string body = R"({"name":"patchbay","version":)";
  wire::AppendJsonString(body, kVersion);
  body.push_back('}');
  Answer answer = JsonAnswer(std::move(body));
  co_await Respond(request, std::move(answer));
}

Awaitable<void> ProbeHandler::Preflight(Request& request) {
  Answer answer;
  answer.status = 204;
  answer.headers.emplace_back("allow", request.route.allow);
  if (!request.Header("origin").empty()) {
    answer.headers.emplace_back("access-control-allow-methods", "GET, POST, DELETE, OPTIONS");
    const std::string_view wanted = request.Header("access-control-request-headers");
    if (!wanted.empty()) answer.headers.emplace_back("access-control-allow-headers", wanted);
    answer.headers.emplace_back("access-control-max-age", "600");
  }
  co_await Respond(request, std::move(answer));
}

}  // namespace patchbay::frontend
