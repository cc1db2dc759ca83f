#include "workers/frontend/dialects/openai_responses/dialect.h"

#include <array>
#include <chrono>

#include "lib/time/proto_time.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/openai_responses/answers.h"
#include "workers/frontend/dialects/openai_responses/backends.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/face.h"
#include "workers/frontend/dialects/openai_responses/relay/client_bytes.h"
#include "workers/frontend/dialects/openai_responses/relay/compaction_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/input_items.h"
#include "workers/frontend/dialects/openai_responses/relay/relayed_reply.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_answers.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

// The answers that are kept, for all dialects that know them.
class Shelves {
 public:
  explicit Shelves(const Clock& clock) : clock_(clock) {}
  void SetLimits(const config::v1::StoredResponses& settings) {
    store_.SetLimits({.bytes = settings.memory(), .max_age = ToMilliseconds(settings.max_age())}, clock_.Steady());
  }
  // Of one client's key.
  std::shared_ptr<ClientResponses> Of(std::string client_key) {
    return std::make_shared<ClientResponses>(store_, std::move(client_key), clock_);
  }

 private:
  StoredResponses store_;
  const Clock& clock_;
};

class OpenAiResponses final : public Dialect {
 public:
  explicit OpenAiResponses(std::shared_ptr<Shelves> shelves) : shelves_(std::move(shelves)) {}
  std::string_view name() const override { return "openai_responses"; }
  std::span<const RouteRow> routes() const override { return Routes(); }
  void Configure(const config::v1::Frontend& settings) override { shelves_->SetLimits(settings.stored_responses()); }
  std::string_view SessionHeader(const HeaderLookup& header) const override {
    return openai_responses::SessionHeader(header);
  }
  Result<DecodedCall> Decode(DialectRequest request) const override {
    auto shelf = shelves_->Of(std::move(request.client_key));
    ASSIGN_OR_RETURN(DecodedRequest decoded,
                     DecodeRequest(std::move(request.body), TraitsOf(request.header), shelf.get()));
    const auto bytes = std::make_shared<const ResponsesBytes>(std::move(decoded), HeadersForBackends(request.header));
    DecodedCall understood;
    TakeCall(bytes, understood.call);
    understood.reply.stream = bytes->request().stream;
    understood.reply.wishes = translated::Wishes();
    const auto asked_at = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count();
    const Answers answers{bytes, std::move(shelf), request.unique, asked_at};
    understood.reply.translated = [answers] { return answers.Translated(); };
    understood.reply.relayed = [answers](const CallRoute& route) { return answers.Relayed(route); };
    return understood;
  }

  Result<Answer> CountTokens(DialectRequest request) const override {
    const auto shelf = shelves_->Of(std::move(request.client_key));
    ASSIGN_OR_RETURN(DecodedRequest decoded,
                     DecodeRequest(std::move(request.body), TraitsOf(request.header), shelf.get()));
    const ResponsesBytes bytes(std::move(decoded), {});
    ASSIGN_OR_RETURN(const TranslatedRequest translated, bytes.Translated());
    return JsonAnswer(R"({"object":"response.input_tokens","input_tokens":)" +
                      std::to_string(EstimateTokens(translated.request)) + "}");
  }

  Answer AnswerLocally(const DialectRequest& request) const override {
    const auto shelf = shelves_->Of(request.client_key);
    return AnswerStored(request.method, request.argument, request.suffix, request.query, shelf.get());
  }

  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }
  HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now) const override {
    return openai_responses::QuotaHeaders(pool, now);
  }

 private:
  const std::shared_ptr<Shelves> shelves_;
};

// POST /v1/responses/compact: an ordinary call that ends in a trigger, and an answer of its own shape.
class Compaction final : public Dialect {
 public:
  explicit Compaction(std::shared_ptr<Shelves> shelves) : shelves_(std::move(shelves)) {}
  std::string_view name() const override { return "openai_responses_compact"; }
  std::span<const RouteRow> routes() const override {
    static constexpr std::array kRows = {
        RouteRow{.method = "POST", .path = "/v1/responses/compact", .action = Action::kCall, .at_further_bases = true}};
    return kRows;
  }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    ClientTraits client = TraitsOf(request.header);
    client.compacts = true;
    const auto shelf = shelves_->Of(std::move(request.client_key));
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(std::move(request.body), client, shelf.get()));
    std::vector<std::string_view> pieces;
    for (const ItemsJson& items : decoded.history) pieces.push_back(*items);
    pieces.push_back(*decoded.input);
    const std::string all = JoinItems(pieces);
    auto input = std::make_shared<const std::string>(ItemsOf(all));
    HeaderList headers = HeadersForBackends(request.header);
    DecodedCall understood;
    TakeCall(std::make_shared<const ResponsesBytes>(std::move(decoded), std::move(headers)), understood.call);
    understood.reply.relayed = [input](const CallRoute&) {
      return std::make_unique<RelayedWhole<CompactionEncoder>>(input);
    };
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }
  HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now) const override {
    return openai_responses::QuotaHeaders(pool, now);
  }

 private:
  const std::shared_ptr<Shelves> shelves_;
};

}  // namespace

std::vector<std::unique_ptr<Dialect>> MakeDialects(const Clock& clock) {
  const auto shelves = std::make_shared<Shelves>(clock);
  std::vector<std::unique_ptr<Dialect>> dialects;
  dialects.push_back(std::make_unique<OpenAiResponses>(shelves));
  dialects.push_back(std::make_unique<Compaction>(shelves));
  return dialects;
}

}  // namespace patchbay::frontend::openai_responses
