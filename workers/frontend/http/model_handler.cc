#include "workers/frontend/http/model_handler.h"

#include <utility>

#include "workers/frontend/http/respond.h"
#include "workers/frontend/models/allowed.h"
#include "workers/frontend/models/details.h"

namespace patchbay::frontend {

Awaitable<void> ModelHandler::List(Request& request) {
  auto models = co_await models_.List();
  if (!models.ok()) co_return co_await RespondProblem(request, ProblemOf(models.error()));
  *models = AllowedModels(std::move(*models), request.key.terms.get());
  const ModelListQuestion question{.query = request.exchange->request().query,
                                   .if_none_match = request.Header("if-none-match")};
  auto answer = request.route.dialect->EncodeModels(question, **models);
  if (!answer.ok()) co_return co_await RespondProblem(request, ProblemOf(answer.error()));
  co_await Respond(request, std::move(*answer));
}

Awaitable<void> ModelHandler::Catalog(Request& request) {
  auto models = co_await models_.List();
  if (!models.ok()) co_return co_await RespondProblem(request, ProblemOf(models.error()));
  *models = AllowedModels(std::move(*models), request.key.terms.get());
  Answer answer = JsonAnswer(ModelCatalogDetails(**models));
  co_await Respond(request, std::move(answer));
}

Awaitable<std::optional<accounts::v1::ModelInfo>> ModelHandler::Find(Request& request) {
  auto model = co_await models_.Find(request.route.argument);
  if (model.ok() && !AllowsModel(*model, request.key.terms.get())) {
    model = Error(ErrorCode::kNotFound, "there is no model of this name that this client key may use");
  }
  if (model.ok()) co_return std::move(*model);
  Problem problem = ProblemOf(model.error());
  if (model.error().code == ErrorCode::kNotFound) {
    problem = Problem(Problem::Kind::kUnknownModel, model.error().message);
    problem.param = "model";
  }
  co_await RespondProblem(request, std::move(problem));
  co_return std::nullopt;
}

Awaitable<void> ModelHandler::One(Request& request) {
  const auto model = co_await Find(request);
  if (!model) co_return;
  Answer answer = request.route.dialect->EncodeModel(*model);
  co_await Respond(request, std::move(answer));
}

Awaitable<void> ModelHandler::Details(Request& request) {
  const auto model = co_await Find(request);
  if (!model) co_return;
  Answer answer = JsonAnswer(ModelDetails(*model));
  co_await Respond(request, std::move(answer));
}

}  // namespace patchbay::frontend
