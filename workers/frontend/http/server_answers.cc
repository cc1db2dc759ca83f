// What the server answers without a provider, how every answer leaves, and the access log.
#include <iterator>
#include <utility>

#include "lib/log/log.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/registry.h"
#include "workers/frontend/http/server_request.h"
#include "workers/frontend/models/model_lists.h"
#include "workers/frontend/models/model_shapes.h"

namespace patchbay::frontend {

Awaitable<void> Server::HandleLocal(Request& request) {
  const DialectRequest wanted = WantedOf(request, {});
  Answer answer = FindDialect(request.route.dialect).AnswerLocally(wanted);
  co_await RespondAnswer(request, std::move(answer));
}

Awaitable<void> Server::HandleModels(Request& request) {
  const auto models = co_await models_.List();
  if (!models.ok()) co_return co_await RespondProblem(request, ProblemOf(models.error()));
  if (request.route.action == Action::kModelCatalogue) {
    co_return co_await RespondJson(request, 200, ModelCatalogueDetails(*models));
  }
  auto answer = AnswerModelList({.dialect = request.route.dialect,
                                 .query = request.exchange->request().query,
                                 .if_none_match = request.Header("if-none-match")},
                                *models);
  if (!answer.ok()) co_return co_await RespondProblem(request, ProblemOf(answer.error()));
  co_await RespondAnswer(request, std::move(*answer));
}

Awaitable<void> Server::HandleModel(Request& request) {
  const auto model = co_await models_.Find(request.route.argument);
  if (!model.ok()) {
    Problem problem = ProblemOf(model.error());
    if (model.error().code == ErrorCode::kNotFound) {
      problem = Problem(Problem::Kind::kUnknownModel, "the model does not exist or no account serves it");
      problem.param = "model";
    }
    co_return co_await RespondProblem(request, std::move(problem));
  }
  if (request.route.action == Action::kModelDetails) co_return co_await RespondJson(request, 200, ModelDetails(*model));
  Answer answer = AnswerModel(request.route.dialect, *model);
  co_await RespondAnswer(request, std::move(answer));
}

Awaitable<void> Server::HandleReady(Request& request) {
  const std::vector<std::string> reasons = co_await readiness_();
  std::string body;
  wire::JsonWriter json(body);
  json.BeginObject().Key("ready").Bool(reasons.empty()).Key("reasons").BeginArray();
  for (const std::string& reason : reasons) json.String(reason);
  json.EndArray().EndObject();
  co_await RespondJson(request, reasons.empty() ? 200 : 503, std::move(body));
}

// A preflight. Whether the origin may call was decided by the guard; without an origin it is a question about methods.
Awaitable<void> Server::HandleOptions(Request& request) {
  request.status = 204;
  request.headers.emplace_back("allow", request.route.allow);
  if (!request.Header("origin").empty()) {
    request.headers.emplace_back("access-control-allow-methods", "GET, POST, DELETE, OPTIONS");
    const std::string_view wanted = request.Header("access-control-request-headers");
    if (!wanted.empty()) request.headers.emplace_back("access-control-allow-headers", wanted);
    request.headers.emplace_back("access-control-max-age", "600");
  }
  co_await request.exchange->Respond(204, request.headers, {});
}

Awaitable<void> Server::RespondProblem(Request& request, Problem problem) {
  request.problem = ToString(problem.kind);
  problem.request_id = request.id;
  const std::string_view query = request.exchange->request().query;
  Answer answer = FindDialect(request.route.dialect).EncodeErrorOf(request.route.suffix, query, problem);
  co_await RespondAnswer(request, std::move(answer));
}

Awaitable<void> Server::RespondAnswer(Request& request, Answer answer) {
  HeaderList headers = request.headers;
  headers.insert(headers.end(), std::make_move_iterator(answer.headers.begin()),
                 std::make_move_iterator(answer.headers.end()));
  request.status = answer.status;
  request.bytes = answer.body.size();
  if (request.recording != nullptr) {
    request.recording->clear_response_body();
    AppendBounded(*request.recording->mutable_response_body(), answer.body, *request.recording);
  }
  co_await request.exchange->Respond(answer.status, std::move(headers), std::move(answer.body));
}

Awaitable<void> Server::RespondJson(Request& request, int status, std::string body, HeaderList extra) {
  HeaderList headers = request.headers;
  headers.emplace_back("content-type", "application/json");
  headers.insert(headers.end(), extra.begin(), extra.end());
  request.status = status;
  request.bytes = body.size();
  co_await request.exchange->Respond(status, std::move(headers), std::move(body));
}

void Server::LogAccess(const Request& request) const {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Steady() - request.started);
  const net::HttpRequest& head = request.exchange->request();
  if (request.route.action != Action::kCall && request.route.action != Action::kSocket) {
    log::Debug("http.request", {{"request", request.id},
                                {"method", head.method},
                                {"path", head.path},
                                {"status", request.status},
                                {"key", request.key.id},
                                {"ms", elapsed.count()}});
    return;
  }
  log::Info("http.call", {{"request", request.id},
                          {"key", request.key.id},
                          {"dialect", request.route.dialect},
                          {"model", request.model},
                          {"account", request.account},
                          {"affinity", request.affinity},
                          {"status", request.status},
                          {"ending", request.ending},
                          {"problem", request.problem},
                          {"attempts", request.attempts},
                          {"first_output_ms", request.first_output_ms},
                          {"ms", elapsed.count()},
                          {"bytes", request.bytes}});
}

}  // namespace patchbay::frontend
