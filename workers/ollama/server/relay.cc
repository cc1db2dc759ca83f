#include "workers/ollama/server/relay.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"
#include "workers/ollama/dialect/relayed_model.h"

namespace patchbay::ollama {
namespace {

using gateway::v1::HttpPiece;

// Of the way here (RFC 9110 §7.6.1), of the body that has been decoded, of our own guard, and credentials.
constexpr std::string_view kNotRelayed[] = {"connection",
                                            "keep-alive",
                                            "proxy-connection",
                                            "te",
                                            "trailer",
                                            "transfer-encoding",
                                            "upgrade",
                                            "content-length",
                                            "content-encoding",
                                            "expect",
                                            "host",
                                            "origin",
                                            "cookie",
                                            "authorization",
                                            "x-api-key",
                                            "x-goog-api-key",
                                            "api-key",
                                            "x-patchbay-key"};

bool IsRelayed(std::string_view name) {
  return std::none_of(std::begin(kNotRelayed), std::end(kNotRelayed),
                      [name](std::string_view other) { return EqualsIgnoreCase(name, other); });
}

struct RunningRelay {
  std::shared_ptr<Incoming<HttpPiece>> pieces;
  bool left = false;
};

net::HttpHeaders HeadersOf(const gateway::v1::HttpHead& head, const Request& request) {
  net::HttpHeaders headers = request.headers;
  for (const auto& header : head.headers()) headers.emplace_back(header.name(), header.value());
  return headers;
}

Awaitable<void> Carry(Request& request, Incoming<HttpPiece>& pieces, HttpPiece piece) {
  const int status = piece.head().status();
  net::HttpHeaders headers = HeadersOf(piece.head(), request);
  // Most answers come in one piece, and then their length is known.
  if (piece.last()) {
    co_await request.exchange->Respond(status, std::move(headers), std::move(*piece.mutable_body()));
    co_return;
  }
  bool going = co_await request.exchange->StartStream(status, std::move(headers));
  while (going) {
    if (piece.last()) {
      co_await request.exchange->FinishStream(std::move(*piece.mutable_body()));
      co_return;
    }
    if (!piece.body().empty()) going = co_await request.exchange->Write(std::move(*piece.mutable_body()));
    piece.Clear();
    if (!going) break;
    going = co_await pieces.Receive(piece);
  }
  // The gateway went away in the middle, or the client did. Who took the part for the whole would be wrong.
  request.exchange->Abort();
}

}  // namespace

gateway::v1::HttpHead RelayedHead(const net::HttpRequest& request) {
  gateway::v1::HttpHead head;
  head.set_method(std::string(request.method));
  head.set_target(std::string(request.target));
  for (const net::HttpHeader& header : request.headers) {
    if (!IsRelayed(header.name)) continue;
    auto& told = *head.add_headers();
    told.set_name(std::string(header.name));
    told.set_value(std::string(header.value));
  }
  return head;
}

Awaitable<void> Relay::Handle(Request& request) {
  auto body = co_await ReadBody(request);
  if (!body) co_return;
  co_await Untag(*body);
  const auto running = std::make_shared<RunningRelay>();
  request.exchange->OnDisconnect([running] {
    running->left = true;
    if (running->pieces) running->pieces->Cancel();
  });
  const gateway::v1::HttpHead head = RelayedHead(request.exchange->request());
  auto pieces = co_await gateway_.Relay(head, std::move(*body));
  if (!pieces.ok()) co_return co_await AnswerError(request, pieces.error());
  running->pieces = std::move(*pieces);
  if (running->left) running->pieces->Cancel();
  HttpPiece first;
  const bool came = co_await running->pieces->Receive(first);
  if (came && first.has_head()) {
    co_await Carry(request, *running->pieces, std::move(first));
  } else if (!running->left) {
    Error error(ErrorCode::kProtocol, "the gateway gave no answer");
    if (!came) {
      if (const auto ended = co_await running->pieces->Finish(); !ended.ok()) error = ended.error();
    }
    co_await AnswerError(request, std::move(error));
  }
  running->pieces = nullptr;
}

Awaitable<void> Relay::Untag(std::string& body) {
  const auto tagged = FindTaggedModel(body);
  if (!tagged) co_return;
  // A model may be called so by its provider, an Ollama for one. Without a list the tag is ours, likelier than not.
  const auto models = co_await gateway_.ListModels();
  const auto is_called_so = [&](const gateway::v1::Model& model) { return model.id() == tagged->name; };
  if (models.ok() && std::any_of(models->models().begin(), models->models().end(), is_called_so)) co_return;
  body.erase(tagged->tag_at, tagged->tag_size);
}

}  // namespace patchbay::ollama
