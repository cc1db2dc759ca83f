#include "workers/frontend/dialects/openai_embeddings/dialect.h"

#include <array>
#include <utility>

#include "lib/catalog/words.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/reply/openai_error.h"
#include "workers/frontend/dialects/openai_embeddings/request_decoder.h"
#include "workers/frontend/dialects/openai_embeddings/vectors_relay.h"

namespace patchbay::frontend::openai_embeddings {
namespace {

constexpr std::array kRows = {RouteRow{.method = "POST", .path = "/v1/embeddings", .action = Action::kCall}};

class VectorRequest final : public ClientBytes {
 public:
  VectorRequest(std::string body, std::string model) : body_(std::move(body)), model_(std::move(model)) {}
  std::string_view dialect() const override { return catalog::kEmbeddings; }
  // A grant names the model, and nothing else that such a request has.
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override {
    std::string body = body_;
    if (terms.model != model_) {
      std::string model;
      wire::AppendJsonString(model, terms.model);
      ASSIGN_OR_RETURN(body, wire::SpliceTopLevel(std::move(body), "model", model));
    }
    RelayedRequest relayed;
    relayed.body = std::make_shared<const std::string>(std::move(body));
    return relayed;
  }
  Result<TranslatedRequest> Translated() const override {
    return Error(ErrorCode::kUnsupported, "this provider makes no embeddings").From(Origin::kClient);
  }
  std::int64_t EstimateInputTokens() const override { return openai_embeddings::EstimateInputTokens(body_); }
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }  // vectors cost nothing

 private:
  const std::string body_, model_;
};

class OpenAiEmbeddings final : public Dialect {
 public:
  std::string_view name() const override { return catalog::kEmbeddings; }
  std::span<const RouteRow> routes() const override { return kRows; }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(const DecodedRequest decoded, DecodeRequest(request.body));
    DecodedCall understood;
    understood.call.model = decoded.model;
    understood.call.affinity.first_turn = request.unique;  // one text has nothing to do with the next
    const std::size_t body_bytes = request.body.size();
    understood.call.payload = Payload(std::make_shared<const VectorRequest>(std::move(request.body), decoded.model));
    understood.call.payload.needs_relay = true;
    understood.call.payload.body_bytes = body_bytes;
    understood.reply.relayed = [base64 = decoded.wants_base64](const CallRoute&) {
      return std::make_unique<VectorsRelay>(base64);
    };
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return OpenAiErrorAnswer(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiEmbeddings>(); }

}  // namespace patchbay::frontend::openai_embeddings
