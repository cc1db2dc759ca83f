#include "workers/frontend/dialects/anthropic/dialect.h"

#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/anthropic/error_encoder.h"
#include "workers/frontend/dialects/anthropic/event_encoder.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/anthropic/response_encoder.h"
#include "workers/frontend/dialects/common/reply/translated_reply.h"
#include "workers/frontend/dialects/common/request/request_facts.h"

namespace patchbay::frontend::anthropic {
namespace {

// The beta that adds a member to `thinking_delta` (real-clients §7.2).
constexpr std::string_view kThinkingCount = "thinking-token-count-";

class StreamReply final : public TranslatedStream<EventEncoder> {
 public:
  using TranslatedStream::TranslatedStream;
  std::string_view Heartbeat() const override { return kPing; }
};

class Anthropic final : public Dialect {
 public:
  std::string_view name() const override { return "anthropic"; }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body));
    decoded.reply.count_thinking = request.header("anthropic-beta").find(kThinkingCount) != std::string_view::npos;
    const ReplyIdentity identity{.id = "msg_" + request.unique,
                                 .model = decoded.request.model(),
                                 .input_tokens = decoded.stream ? RoughTokens(decoded.request) : 0};
    DecodedCall understood;
    understood.call.model = identity.model;
    understood.reply.stream = decoded.stream;
    understood.reply.new_encoder = [identity, stream = decoded.stream,
                                    options = std::move(decoded.reply)]() -> std::unique_ptr<ReplyEncoder> {
      if (stream) return std::make_unique<StreamReply>(identity, options);
      return std::make_unique<TranslatedWhole<ResponseEncoder>>(identity, options);
    };
    TakeFacts(decoded.request, understood.call);
    understood.call.affinity.cache_key = std::move(decoded.affinity);
    understood.reply.ignored = std::move(decoded.ignored);
    understood.reply.repaired = std::move(decoded.repaired);
    understood.reply.wishes = std::move(decoded.wishes);
    understood.call.payload = std::move(decoded.request);
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return anthropic::EncodeError(problem); }

  Result<Answer> CountTokens(DialectRequest request) const override {
    ASSIGN_OR_RETURN(const DecodedRequest decoded, DecodeRequest(request.body, Purpose::kCount));
    return JsonAnswer("{\"input_tokens\":" + std::to_string(EstimateTokens(decoded.request)) + "}");
  }

  std::string_view request_id_header() const override { return "request-id"; }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<Anthropic>(); }

}  // namespace patchbay::frontend::anthropic
