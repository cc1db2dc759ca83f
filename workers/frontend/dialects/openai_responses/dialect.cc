#include "workers/frontend/dialects/openai_responses/dialect.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "lib/wire/url.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/openai_responses/answers.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/face.h"
#include "workers/frontend/dialects/openai_responses/model_catalog.h"
#include "workers/frontend/dialects/openai_responses/relay/client_bytes.h"
#include "workers/frontend/dialects/openai_responses/relay/codex_client.h"
#include "workers/frontend/dialects/openai_responses/relay/compaction_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"
#include "workers/frontend/dialects/openai_responses/relay/relayed_reply.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_answers.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

// The feature that the Codex CLI announces where it lets the backend compact (real-clients §2.1).
constexpr std::string_view kBetaFeatures = "x-codex-beta-features", kCompactionBeta = "remote_compaction_v2";

bool WantsCatalog(std::string_view query) { return !wire::QueryValue(query, "client_version").empty(); }

ClientTraits TraitsOf(const DialectRequest& request) {
  return {.codex = IsCodexClient(request.header), .responses_lite = HasLiteHeader(request.header)};
}

// What of the client's headers the Codex backend may see.
HeaderList CodexHeadersOf(const DecodedRequest& decoded, const HeaderLookup& header) {
  HeaderList headers = ForwardedHeaders(header);
  // Marked as a socket's messages are, and on its way over HTTP.
  if (decoded.client.responses_lite && !HasLiteHeader(header)) headers.emplace_back(kLiteHeader, "true");
  return headers;
}

class OpenAiResponses final : public Dialect {
 public:
  std::string_view name() const override { return "openai_responses"; }
  std::span<const RouteRow> routes() const override { return Routes(); }
  std::span<const std::string_view> further_bases() const override { return BackendBases(); }
  // The Codex CLI asks every list of models in its own way.
  bool Claims(const HeaderLookup&, std::string_view query) const override { return WantsCatalog(query); }
  std::string_view SessionHeader(const HeaderLookup& header) const override {
    return openai_responses::SessionHeader(header);
  }
  Result<Answer> EncodeModels(const ModelListQuestion& question,
                              const accounts::v1::ListModelsReply& models) const override {
    if (!WantsCatalog(question.query)) return Dialect::EncodeModels(question, models);
    return AnswerModelCatalog(models, question.if_none_match);
  }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(DecodedRequest decoded,
                     DecodeRequest(std::move(request.body), TraitsOf(request), request.responses.get()));
    HeaderList headers = CodexHeadersOf(decoded, request.header);
    const auto bytes = std::make_shared<const ResponsesBytes>(std::move(decoded), std::move(headers));
    DecodedCall understood;
    TakeCall(bytes, understood.call);
    understood.reply.stream = bytes->request().stream;
    understood.reply.wishes = translated::Wishes();
    const auto asked_at = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count();
    understood.reply.new_encoder = [answers = Answers{bytes, request.responses, request.unique, asked_at}](
                                       const CallRoute& route) { return answers.For(route); };
    return understood;
  }

  Result<Answer> CountTokens(DialectRequest request) const override {
    const ClientTraits client = TraitsOf(request);
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(std::move(request.body), client, request.responses.get()));
    const ResponsesBytes bytes(std::move(decoded), {});
    ASSIGN_OR_RETURN(const TranslatedRequest translated, bytes.Translated());
    return JsonAnswer(R"({"object":"response.input_tokens","input_tokens":)" +
                      std::to_string(EstimateTokens(translated.request)) + "}");
  }

  Answer AnswerLocally(const DialectRequest& request) const override {
    return AnswerStored(request.method, request.argument, request.suffix, request.query, request.responses.get());
  }

  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }
};

// POST /v1/responses/compact: an ordinary call that ends in a trigger, and an answer of its own shape.
class Compaction final : public Dialect {
 public:
  std::string_view name() const override { return "openai_responses_compact"; }
  std::span<const RouteRow> routes() const override {
    static constexpr std::array kRows = {
        RouteRow{.method = "POST", .path = "/v1/responses/compact", .action = Action::kCall, .at_further_bases = true}};
    return kRows;
  }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ClientTraits client = TraitsOf(request);
    client.compacts = true;
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(std::move(request.body), client, request.responses.get()));
    std::vector<std::string_view> pieces;
    for (const ItemsJson& items : decoded.history) pieces.push_back(*items);
    pieces.push_back(*decoded.input);
    const std::string all = JoinItems(pieces);
    auto input = std::make_shared<const std::string>(ItemsOf(all));
    HeaderList headers = CodexHeadersOf(decoded, request.header);
    const auto names_features = [](const auto& header) { return header.first == kBetaFeatures; };
    if (std::none_of(headers.begin(), headers.end(), names_features))
      headers.emplace_back(kBetaFeatures, kCompactionBeta);
    DecodedCall understood;
    TakeCall(std::make_shared<const ResponsesBytes>(std::move(decoded), std::move(headers)), understood.call);
    understood.reply.new_encoder = [input](const CallRoute&) -> std::unique_ptr<ReplyEncoder> {
      return std::make_unique<RelayedWhole<CompactionEncoder>>(input);
    };
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiResponses>(); }
std::unique_ptr<Dialect> MakeCompactionDialect() { return std::make_unique<Compaction>(); }

}  // namespace patchbay::frontend::openai_responses
