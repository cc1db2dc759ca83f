#include "workers/frontend/dialects/openai_chat/dialect.h"

#include <array>

#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/dialects/common/reply/translated_reply.h"
#include "workers/frontend/dialects/common/request/request_facts.h"
#include "workers/frontend/dialects/openai_chat/event_encoder.h"
#include "workers/frontend/dialects/openai_chat/relay/chat_bytes.h"
#include "workers/frontend/dialects/openai_chat/relay/chat_replies.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"
#include "workers/frontend/dialects/openai_chat/response_encoder.h"

namespace patchbay::frontend::openai_chat {
namespace {

constexpr std::array kRows = {
    RouteRow{.method = "POST", .path = "/v1/chat/completions", .action = Action::kCall},
    RouteRow{.method = "GET", .path = "/v1/models", .action = Action::kListModels, .shared = true},
    RouteRow{.method = "GET", .path = "/v1/models/", .action = Action::kGetModel, .shared = true},
};
constexpr std::array<std::string_view, 1> kKeyHeaders = {"api-key"};  // Azure's
constexpr std::array<std::string_view, 2> kSessionHeaders = {"x-session-affinity", "x-session-id"};

class OpenAiChat final : public Dialect {
 public:
  std::string_view name() const override { return "openai_chat"; }
  std::span<const RouteRow> routes() const override { return kRows; }
  std::span<const std::string_view> key_headers() const override { return kKeyHeaders; }
  std::string_view SessionHeader(const HeaderLookup& header) const override {
    return FirstThatIsThere(kSessionHeaders, header);
  }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body));
    const ReplyIdentity identity{
        .id = "chatcmpl-" + request.unique,
        .model = decoded.request.model(),
        .created = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count(),
        .legacy_functions = decoded.legacy_functions};
    DecodedCall understood;
    understood.call.model = identity.model;
    understood.reply.stream = decoded.stream;
    understood.reply.relayed = [stream = decoded.stream, include_usage = decoded.include_usage](
                                   const CallRoute&) -> std::unique_ptr<RelayedReply> {
      if (stream) return std::make_unique<ChatStreamRelay>(!include_usage);
      return std::make_unique<ChatDocumentRelay>();
    };
    understood.reply.translated =
        StreamOrWhole<EventEncoder, ResponseEncoder>(decoded.stream, identity, decoded.include_usage);
    TakeFacts(decoded.request, understood.call);
    understood.call.affinity.cache_key = decoded.request.cache().prompt_cache_key();
    understood.reply.ignored = std::move(decoded.ignored);
    understood.reply.repaired = std::move(decoded.repaired);
    understood.reply.wishes = std::move(decoded.wishes);
    // What had to be repaired is not sent as it came.
    const bool asks_usage = decoded.stream && !decoded.include_usage;
    auto bytes = understood.reply.repaired.empty() ? ChatBytes::Of(std::move(request.body), decoded.request, asks_usage)
                                                   : nullptr;
    understood.call.payload = std::move(decoded.request);
    understood.call.payload.bytes = std::move(bytes);
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return OpenAiErrorAnswer(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiChat>(); }

}  // namespace patchbay::frontend::openai_chat
