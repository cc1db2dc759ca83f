#include "workers/ollama/server/models.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "workers/ollama/dialect/manage.h"
#include "workers/ollama/dialect/model_names.h"

namespace patchbay::ollama {

Awaitable<void> Models::Tags(Request& request) {
  const auto models = co_await gateway_.ListModels();
  if (!models.ok()) co_return co_await AnswerError(request, models.error());
  co_await AnswerJson(request, EncodeTags(*models, view_));
}

Awaitable<void> Models::Loaded(Request& request) {
  const auto models = co_await gateway_.ListModels();
  if (!models.ok()) co_return co_await AnswerError(request, models.error());
  co_await AnswerJson(request, EncodeLoaded(loaded_.List(*models, clock_.Now())));
}

Awaitable<void> Models::Show(Request& request) {
  const auto body = co_await ReadBody(request);
  if (!body) co_return;
  const auto asked = DecodeModel(*body);
  if (!asked.ok()) co_return co_await AnswerError(request, asked.error());
  const auto models = co_await gateway_.ListModels();
  if (!models.ok()) co_return co_await AnswerError(request, models.error());
  const auto* model = FindModel(*models, asked->model);
  if (model == nullptr) co_return co_await AnswerError(request, UnknownModel(asked->model));
  co_await AnswerJson(request, EncodeShow(*model, view_));
}

Awaitable<void> Models::Pull(Request& request) {
  const auto body = co_await ReadBody(request);
  if (!body) co_return;
  const auto asked = DecodeModel(*body);
  if (!asked.ok()) co_return co_await AnswerError(request, asked.error());
  const auto models = co_await gateway_.ListModels();
  if (!models.ok()) co_return co_await AnswerError(request, models.error());
  const bool known = FindModel(*models, asked->model) != nullptr;
  if (asked->stream) co_return co_await Answer(request, 200, kLinesType, EncodePull(known));
  if (!known) co_return co_await AnswerError(request, NotInRegistry());
  co_await AnswerJson(request, EncodePulled());
}

Awaitable<void> Models::Copy(Request& request) {
  const auto body = co_await ReadBody(request);
  if (!body) co_return;
  const auto source = DecodeCopy(*body);
  if (!source.ok()) co_return co_await AnswerError(request, source.error());
  const auto models = co_await gateway_.ListModels();
  if (!models.ok()) co_return co_await AnswerError(request, models.error());
  const bool known = FindModel(*models, *source) != nullptr;
  Error why = known ? NotSupported("copy") : UnknownModel(*source);
  co_await AnswerError(request, std::move(why));
}

Awaitable<void> Models::Delete(Request& request) {
  const auto body = co_await ReadBody(request);
  if (!body) co_return;
  const auto asked = DecodeModel(*body);
  if (!asked.ok()) co_return co_await AnswerError(request, asked.error());
  const auto models = co_await gateway_.ListModels();
  if (!models.ok()) co_return co_await AnswerError(request, models.error());
  const bool known = FindModel(*models, asked->model) != nullptr;
  Error why = known ? CannotDelete(asked->model) : UnknownModel(asked->model);
  co_await AnswerError(request, std::move(why));
}

Awaitable<void> Models::Embed(Request& request) {
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  auto asked = DecodeEmbed(*body);
  if (!asked.ok()) co_return co_await AnswerError(request, asked.error());
  ClientNotes notes("/api/embed", std::move(*body));
  const WriteVectors write = [this, &request, model = asked->model](const gateway::v1::EmbedReply& reply) {
    const auto load = google::protobuf::util::TimeUtil::DurationToNanoseconds(reply.timings().accepted());
    const std::chrono::nanoseconds total = clock_.Steady() - request.arrived;
    return EncodeEmbed(model, reply, total, std::chrono::nanoseconds(load));
  };
  co_await AnswerVectors(request, *asked, notes, write);
}

Awaitable<void> Models::Embeddings(Request& request) {
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  auto asked = DecodeEmbeddings(*body);
  if (!asked.ok()) co_return co_await AnswerError(request, asked.error());
  ClientNotes notes("/api/embeddings", std::move(*body));
  const WriteVectors write = [](const gateway::v1::EmbedReply& reply) { return EncodeEmbeddings(reply); };
  co_await AnswerVectors(request, *asked, notes, write);
}

Awaitable<void> Models::AnswerVectors(Request& request, AskedVectors& asked, ClientNotes& notes,
                                      const WriteVectors& write) {
  const auto reply = co_await VectorsFor(request, asked.model, std::move(asked.call));
  if (!reply) co_return;
  if (!reply->recording().empty()) notes.Begin(request, reply->recording());
  notes.Settle();
  loaded_.Touch(asked.model, asked.keep_alive, clock_.Now());
  std::string answer = write(*reply);
  co_await AnswerJson(request, std::move(answer));
  co_await notes.Tell(gateway_, asked.model, /*stream=*/false);
}

Awaitable<std::optional<gateway::v1::EmbedReply>> Models::VectorsFor(Request& request, std::string asked,
                                                                     gateway::v1::EmbedCall call) {
  const auto departure = std::make_shared<Departure>();
  request.exchange->OnDisconnect([departure] { departure->Tell(); });
  auto reply = co_await VectorsOf(std::move(asked), std::move(call), departure);
  if (departure->gone()) co_return std::nullopt;
  if (reply.ok()) co_return std::move(*reply);
  co_await AnswerError(request, reply.error());
  co_return std::nullopt;
}

Awaitable<Result<gateway::v1::EmbedReply>> Models::VectorsOf(std::string asked, gateway::v1::EmbedCall call,
                                                             std::shared_ptr<Departure> departure) {
  if (call.inputs().empty()) {
    // Clients load a model this way. What would the gateway be asked for?
    const auto models = co_await gateway_.ListModels();
    if (!models.ok()) co_return models.error();
    if (FindModel(*models, asked) == nullptr) co_return UnknownModel(asked);
    co_return gateway::v1::EmbedReply();
  }
  call.set_tells_client(true);
  for (const std::string& name : NamesFor(asked)) {
    call.set_model(name);
    auto reply = co_await gateway_.Embed(call, departure);
    if (reply.ok()) co_return std::move(*reply);
    if (reply.error().code != ErrorCode::kNotFound) {
      Error why = co_await WhyNone(asked, reply.error());
      co_return why;
    }
  }
  co_return UnknownModel(asked);
}

// In the words of the real server (client-protocols §F.7) where the model makes no vectors. The gateway refuses such a
// call, so that others need not ask for the list first.
Awaitable<Error> Models::WhyNone(std::string asked, Error error) {
  if (error.code != ErrorCode::kInvalidArgument) co_return error;
  const auto models = co_await gateway_.ListModels();
  const auto* model = models.ok() ? FindModel(*models, asked) : nullptr;
  if (model == nullptr || model->embeddings()) co_return error;
  co_return Error(ErrorCode::kUnsupported, "this model does not support embeddings");
}

}  // namespace patchbay::ollama
