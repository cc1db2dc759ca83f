#include "workers/ollama/server/gateway_client.h"

#include <algorithm>
#include <utility>

#include "lib/base/on_exit.h"

namespace patchbay::ollama {
namespace {

using gateway::v1::GenerateReply;
using gateway::v1::HttpPiece;

// Of one message: a body of megabytes goes in several.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

// What a client reads when it is not its own fault, and not the model's.
Error Explained(Error error) {
  if (error.code == ErrorCode::kUnavailable && error.message.empty()) error.message = "the gateway went away";
  if (error.code == ErrorCode::kUnauthenticated) {
    error.code = ErrorCode::kUnavailable;
    error.message = "the gateway does not take this bridge's calls: " + error.message;
  }
  return error;
}

Result<void> Explained(Result<void> ended) {
  if (ended.ok()) return ended;
  return Explained(std::move(ended).error());
}

class IncomingReplies final : public Incoming<GenerateReply> {
 public:
  explicit IncomingReplies(std::unique_ptr<rpc::ServerStreamReader<GenerateReply>> reader)
      : reader_(std::move(reader)) {}
  Awaitable<bool> Receive(GenerateReply& reply) override { return reader_->Receive(reply); }
  Awaitable<Result<void>> Finish() override { co_return Explained(co_await reader_->Finish()); }
  bool broke() const override { return reader_->broke(); }
  void Cancel() override { reader_->Cancel(); }

 private:
  std::unique_ptr<rpc::ServerStreamReader<GenerateReply>> reader_;
};

class IncomingPieces final : public Incoming<HttpPiece> {
 public:
  explicit IncomingPieces(std::unique_ptr<rpc::Stream<HttpPiece, HttpPiece>> stream) : stream_(std::move(stream)) {}
  Awaitable<bool> Receive(HttpPiece& piece) override { return stream_->Receive(piece); }
  Awaitable<Result<void>> Finish() override { co_return Explained(co_await stream_->Finish()); }
  void Cancel() override { stream_->Cancel(); }

 private:
  std::unique_ptr<rpc::Stream<HttpPiece, HttpPiece>> stream_;
};

}  // namespace

GatewayClient::GatewayClient(rpc::Reactor& reactor, std::shared_ptr<grpc::Channel> channel, Secret key)
    : reactor_(reactor),
      channel_(std::move(channel)),
      key_(std::move(key)),
      gateway_(gateway::v1::Gateway::NewStub(channel_)),
      relay_(gateway::v1::Relay::NewStub(channel_)) {}

Awaitable<Result<void>> GatewayClient::WaitForGateway() {
  const bool ready = co_await rpc::WaitUntilReady(reactor_, channel_, kReconnectWait);
  if (ready) co_return Result<void>();
  co_return Error(ErrorCode::kUnavailable,
                  "patchbay's gateway does not answer: it is not running, restarts, or refuses this bridge's "
                  "certificate; its log says which");
}

void GatewayClient::ShowKey(grpc::ClientContext& context) const {
  if (!key_.empty()) context.AddMetadata("authorization", "Bearer " + key_.Reveal());
}

Awaitable<Result<gateway::v1::ListModelsReply>> GatewayClient::ListModels() {
  CO_RETURN_IF_ERROR(co_await WaitForGateway());
  const gateway::v1::ListModelsRequest request;
  auto reply = co_await rpc::Unary<gateway::v1::ListModelsReply>(
      reactor_, kListTimeout, [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        ShowKey(*context);
        return gateway_->AsyncListModels(context, request, queue);
      });
  if (!reply.ok()) co_return Explained(reply.error());
  co_return std::move(*reply);
}

Awaitable<Result<gateway::v1::EmbedReply>> GatewayClient::Embed(const gateway::v1::EmbedCall& call,
                                                                std::shared_ptr<Departure> departure) {
  CO_RETURN_IF_ERROR(co_await WaitForGateway());
  if (departure->gone()) co_return Error(ErrorCode::kCancelled, "the client left");
  // The context lives as long as the call.
  const OnExit over([&departure] { departure->Ends(nullptr); });
  auto reply = co_await rpc::Unary<gateway::v1::EmbedReply>(
      reactor_, kEmbedTimeout, [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        ShowKey(*context);
        departure->Ends([this, context] {
          context->TryCancel();
          reactor_.Poke();
        });
        return gateway_->AsyncEmbed(context, call, queue);
      });
  if (!reply.ok()) co_return Explained(reply.error());
  co_return std::move(*reply);
}

Awaitable<Result<std::shared_ptr<Incoming<GenerateReply>>>> GatewayClient::Generate(
    const gateway::v1::GenerateCall& call) {
  CO_RETURN_IF_ERROR(co_await WaitForGateway());
  auto reader = co_await rpc::ServerStreamReader<GenerateReply>::Open(
      reactor_, [&](grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
        ShowKey(*context);
        return gateway_->AsyncGenerate(context, call, queue, tag);
      });
  std::shared_ptr<Incoming<GenerateReply>> replies = std::make_shared<IncomingReplies>(std::move(reader));
  co_return replies;
}

Awaitable<Result<void>> GatewayClient::TellClient(const gateway::v1::Recording& told) {
  auto reply = co_await rpc::Unary<gateway::v1::TellClientReply>(
      reactor_, kListTimeout, [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        ShowKey(*context);
        return relay_->AsyncTellClient(context, told, queue);
      });
  if (!reply.ok()) co_return Explained(reply.error());
  co_return Result<void>();
}

Awaitable<Result<std::shared_ptr<Incoming<HttpPiece>>>> GatewayClient::Relay(const gateway::v1::HttpHead& head,
                                                                             std::string body) {
  CO_RETURN_IF_ERROR(co_await WaitForGateway());
  auto stream =
      rpc::OpenStream<HttpPiece, HttpPiece>(reactor_, [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        ShowKey(*context);
        return relay_->PrepareAsyncExchange(context, queue);
      });
  HttpPiece piece;
  *piece.mutable_head() = head;
  std::size_t at = 0;
  bool sent = true;
  do {
    const std::size_t size = std::min(kPieceBytes, body.size() - at);
    piece.set_body(body.substr(at, size));
    at += size;
    if (at < body.size()) {
      sent = co_await stream->Send(piece);
    } else {
      sent = co_await stream->SendLast(piece);
    }
    piece.Clear();
  } while (sent && at < body.size());
  // A broken stream tells why when it is read.
  std::shared_ptr<Incoming<HttpPiece>> pieces = std::make_shared<IncomingPieces>(std::move(stream));
  co_return pieces;
}

}  // namespace patchbay::ollama
