#include "workers/frontend/dialects/openai_responses/dialect.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "lib/wire/url.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/openai_responses/countable_request.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/face.h"
#include "workers/frontend/dialects/openai_responses/model_catalog.h"
#include "workers/frontend/dialects/openai_responses/relay/codex_client.h"
#include "workers/frontend/dialects/openai_responses/relay/compaction_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/event_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"
#include "workers/frontend/dialects/openai_responses/relay/raw_responses.h"
#include "workers/frontend/dialects/openai_responses/relay/response_encoder.h"
#include "workers/frontend/dialects/openai_responses/request_decoder.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_answers.h"

namespace patchbay::frontend::openai_responses {
namespace {

// The feature that the Codex CLI announces where it lets the backend compact (real-clients §2.1).
constexpr std::string_view kBetaFeatures = "x-codex-beta-features", kCompactionBeta = "remote_compaction_v2";

bool WantsCatalog(std::string_view query) { return !wire::QueryValue(query, "client_version").empty(); }

Error NoEvents() { return Error(ErrorCode::kInternal, "responses go by the byte-transparent route only"); }

class StreamReply final : public ReplyEncoder {
 public:
  StreamReply(bool codex, std::string id, std::string model, ResponseAdditions additions, std::int64_t asked_at)
      : encoder_(codex, std::move(id), std::move(model), std::move(additions), asked_at) {}
  Result<void> Event(const inference::v1::GenerateEvent&, std::string&) override { return NoEvents(); }
  Result<bool> Bytes(std::string_view bytes, std::string& out) override { return encoder_.Relay(bytes, out); }
  Result<void> End(std::string&) override { return {}; }  // the provider's own last event has passed
  void Break(const Problem& problem, std::string& out) override { encoder_.EncodeBreak(problem, out); }

 private:
  EventEncoder encoder_;
};

// ResponseEncoder or CompactionEncoder.
template <class Encoder>
class WholeReply final : public ReplyEncoder {
 public:
  template <class Argument>
  explicit WholeReply(Argument argument) : encoder_(std::move(argument)) {}
  Result<void> Event(const inference::v1::GenerateEvent&, std::string&) override { return NoEvents(); }
  Result<bool> Bytes(std::string_view bytes, std::string&) override { return encoder_.Add(bytes); }
  Result<void> End(std::string& out) override {
    ASSIGN_OR_RETURN(out, encoder_.Encode());
    return {};
  }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  Encoder encoder_;
};

ClientTraits TraitsOf(const DialectRequest& request) {
  return {.codex = IsCodexClient(request.header), .responses_lite = HasLiteHeader(request.header)};
}

ResponseAdditions AdditionsOf(const DecodedRequest& decoded, std::shared_ptr<ClientResponses> responses) {
  ResponseAdditions additions;
  if (!decoded.client.codex) additions.echoes = decoded.echoes;
  if (!decoded.keep) return additions;
  additions.shelf = std::move(responses);
  additions.draft.history = decoded.history;
  additions.draft.input = decoded.input;
  additions.draft.cache_key = decoded.cache_key;
  additions.draft.first_turn = decoded.first_turn;
  return additions;
}

// What every call has, whatever its answer looks like.
DecodedCall DecodedCallOf(DecodedRequest decoded, const DialectRequest& request) {
  DecodedCall understood;
  understood.call.model = std::move(decoded.model);
  understood.reply.stream = decoded.stream;
  understood.call.needs.tools = decoded.needs_tools;
  understood.call.affinity.cache_key = std::move(decoded.cache_key);
  understood.call.affinity.first_turn = std::move(decoded.first_turn);
  understood.reply.ignored = std::move(decoded.ignored);
  understood.reply.repaired = std::move(decoded.repaired);
  understood.call.forwarded_headers = ForwardedHeaders(request.header);
  // Marked as a socket's messages are, and on its way over HTTP.
  if (decoded.client.responses_lite && !HasLiteHeader(request.header))
    understood.call.forwarded_headers.emplace_back(kLiteHeader, "true");
  understood.call.payload = RawRequest{.dialect = &RawResponses(),
                                       .body = std::move(decoded.body),
                                       .service_tier = std::move(decoded.service_tier),
                                       .reasoning_effort = std::move(decoded.effort)};
  return understood;
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
    const bool stream = decoded.stream;
    const auto asked_at = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count();
    auto new_encoder = [codex = decoded.client.codex, stream, id = "resp_" + request.unique, model = decoded.model,
                        asked_at,
                        additions = AdditionsOf(decoded, request.responses)]() -> std::unique_ptr<ReplyEncoder> {
      if (stream) return std::make_unique<StreamReply>(codex, id, model, additions, asked_at);
      return std::make_unique<WholeReply<ResponseEncoder>>(additions);
    };
    DecodedCall understood = DecodedCallOf(std::move(decoded), request);
    understood.reply.new_encoder = std::move(new_encoder);
    return understood;
  }

  Result<Answer> CountTokens(DialectRequest request) const override {
    const ClientTraits client = TraitsOf(request);
    ASSIGN_OR_RETURN(const DecodedRequest decoded,
                     DecodeRequest(std::move(request.body), client, request.responses.get()));
    ASSIGN_OR_RETURN(const inference::v1::GenerateRequest sketch, CountableRequest(decoded.body));
    return JsonAnswer(R"({"object":"response.input_tokens","input_tokens":)" + std::to_string(EstimateTokens(sketch)) +
                      "}");
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
    decoded.stream = false;
    DecodedCall understood = DecodedCallOf(std::move(decoded), request);
    understood.reply.new_encoder = [input]() -> std::unique_ptr<ReplyEncoder> {
      return std::make_unique<WholeReply<CompactionEncoder>>(input);
    };
    auto& headers = understood.call.forwarded_headers;
    const auto names_features = [](const auto& header) { return header.first == kBetaFeatures; };
    if (std::none_of(headers.begin(), headers.end(), names_features))
      headers.emplace_back(kBetaFeatures, kCompactionBeta);
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiResponses>(); }
std::unique_ptr<Dialect> MakeCompactionDialect() { return std::make_unique<Compaction>(); }

}  // namespace patchbay::frontend::openai_responses
