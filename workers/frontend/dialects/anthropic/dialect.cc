#include "workers/frontend/dialects/anthropic/dialect.h"

#include <array>

#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/anthropic/error_encoder.h"
#include "workers/frontend/dialects/anthropic/event_encoder.h"
#include "workers/frontend/dialects/anthropic/model_list.h"
#include "workers/frontend/dialects/anthropic/quota_headers.h"
#include "workers/frontend/dialects/anthropic/request_decoder.h"
#include "workers/frontend/dialects/anthropic/response_encoder.h"
#include "workers/frontend/dialects/common/reply/translated_reply.h"
#include "workers/frontend/dialects/common/request/request_facts.h"

namespace patchbay::frontend::anthropic {
namespace {

// The beta that adds a member to `thinking_delta` (real-clients §7.2).
constexpr std::string_view kThinkingCount = "thinking-token-count-";

constexpr std::array kRows = {
    RouteRow{.method = "POST", .path = "/v1/messages", .action = Action::kCall},
    RouteRow{.method = "POST", .path = "/v1/messages/count_tokens", .action = Action::kCountTokens},
    // Where Claude Code looks whether anybody is there (real-clients §7.2).
    RouteRow{.method = "GET", .path = "/api/hello", .action = Action::kRoot, .needs_key = false},
};
constexpr std::array<std::string_view, 1> kKeyHeaders = {"x-api-key"};
constexpr std::array<std::string_view, 1> kSessionHeaders = {"x-claude-code-session-id"};

class StreamReply final : public TranslatedStream<EventEncoder> {
 public:
  using TranslatedStream::TranslatedStream;
  std::string_view Heartbeat() const override { return kPing; }
};

class Anthropic final : public Dialect {
 public:
  std::string_view name() const override { return "anthropic"; }
  std::span<const RouteRow> routes() const override { return kRows; }
  // Its clients send the version of the API.
  bool Claims(const HeaderLookup& header, std::string_view) const override {
    return !header("anthropic-version").empty();
  }
  std::span<const std::string_view> key_headers() const override { return kKeyHeaders; }
  std::string_view SessionHeader(const HeaderLookup& header) const override {
    return FirstThatIsThere(kSessionHeaders, header);
  }
  Result<Answer> EncodeModels(const ModelListQuestion& question,
                              const accounts::v1::ListModelsReply& models) const override {
    ASSIGN_OR_RETURN(std::string body, EncodeModelList(models, question.query));
    return JsonAnswer(std::move(body));
  }
  Answer EncodeModel(const accounts::v1::ModelInfo& model) const override {
    return JsonAnswer(anthropic::EncodeModel(model));
  }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body));
    decoded.reply.count_thinking = request.header("anthropic-beta").find(kThinkingCount) != std::string_view::npos;
    const ReplyIdentity identity{.id = "msg_" + request.unique,
                                 .model = decoded.request.model(),
                                 .input_tokens = decoded.stream ? RoughTokens(decoded.request) : 0};
    DecodedCall understood;
    understood.call.model = identity.model;
    understood.reply.stream = decoded.stream;
    understood.reply.translated = [identity, stream = decoded.stream,
                                   options = std::move(decoded.reply)]() -> std::unique_ptr<TranslatedReply> {
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
  HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now) const override {
    return anthropic::QuotaHeaders(pool, now);
  }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<Anthropic>(); }

}  // namespace patchbay::frontend::anthropic
