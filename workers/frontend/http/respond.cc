#include "workers/frontend/http/respond.h"

#include <iterator>
#include <utility>

namespace patchbay::frontend {

Awaitable<void> Respond(Request& request, Answer answer) {
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

Awaitable<void> RespondProblem(Request& request, Problem problem) {
  request.problem = ToString(problem.kind);
  problem.request_id = request.id;
  const std::string_view query = request.exchange->request().query;
  Answer answer = request.route.dialect->EncodeErrorOf(request.route.suffix, query, problem);
  co_await Respond(request, std::move(answer));
}

}  // namespace patchbay::frontend
