#include "workers/frontend/dialects/openai_completions/dialect.h"

#include <array>

#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/dialects/common/reply/translated_reply.h"
#include "workers/frontend/dialects/openai_completions/event_encoder.h"
#include "workers/frontend/dialects/openai_completions/request_decoder.h"
#include "workers/frontend/dialects/openai_completions/response_encoder.h"

namespace patchbay::frontend::openai_completions {
namespace {

constexpr std::array kRows = {RouteRow{.method = "POST", .path = "/v1/completions", .action = Action::kCall}};

class OpenAiCompletions final : public Dialect {
 public:
  std::string_view name() const override { return "openai_completions"; }
  std::span<const RouteRow> routes() const override { return kRows; }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body));
    const ReplyIdentity identity{
        .id = "cmpl-" + request.unique,
        .model = decoded.request.model(),
        .created = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count(),
        .echo = std::move(decoded.echo)};
    DecodedCall understood;
    understood.call.model = identity.model;
    understood.reply.stream = decoded.stream;
    understood.reply.translated =
        StreamOrWhole<EventEncoder, ResponseEncoder>(decoded.stream, identity, decoded.include_usage);
    understood.call.affinity.first_turn =
        decoded.request.items(0).message().parts(0).text().substr(0, kMaxFirstTurnBytes);
    understood.reply.ignored = std::move(decoded.ignored);
    understood.reply.wishes = std::move(decoded.wishes);
    understood.call.payload = std::move(decoded.request);
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return OpenAiErrorAnswer(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiCompletions>(); }

}  // namespace patchbay::frontend::openai_completions
