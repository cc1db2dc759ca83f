#include "workers/upstream/dialects/openai_responses/dialect.h"

#include "workers/upstream/dialects/common/embeddings.h"
#include "workers/upstream/dialects/common/failure_texts.h"
#include "workers/upstream/dialects/common/model_families.h"
#include "workers/upstream/dialects/common/openai_headers.h"
#include "workers/upstream/dialects/common/openai_limits.h"
#include "workers/upstream/dialects/common/openai_words.h"
#include "workers/upstream/dialects/common/responses/answer_decoder.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"
#include "workers/upstream/dialects/common/responses/response_observer.h"
#include "workers/upstream/dialects/openai_responses/error_decoder.h"
#include "workers/upstream/dialects/openai_responses/request_encoder.h"

namespace patchbay::upstream::openai_responses {
namespace {

// Nothing is said beyond the protocol.
constexpr responses::Extras kNothingMore = {nullptr, nullptr, CauseOfFailure};

// client-protocols C.2. Whoever asks a model that reasons for a temperature gets a 400 (providers §2 rule 6).
constexpr Wishes kTakes = {Wish::kTemperature,     Wish::kTopP,   Wish::kLogprobs,
                           Wish::kMaxOutputTokens, Wish::kUserId, Wish::kSafetyIdentifier,
                           Wish::kMetadata};

constexpr std::string_view kGeneratePath = "/responses";
// Also for who wants no stream: the frontend asks for one and collects it.
constexpr RawRoute kRawRoute = {responses::kRawDialect, kGeneratePath, RawRoute::Answer::kEvents};

class Responses final : public Dialect {
 public:
  explicit Responses(const Quirks& quirks) : quirks_(quirks) {}

  const RawRoute* FindRawRoute(std::string_view dialect) const override {
    if (dialect == kEmbeddingsRoute.dialect) return &kEmbeddingsRoute;
    return dialect == responses::kRawDialect ? &kRawRoute : nullptr;
  }
  std::string_view generate_path() const override { return kGeneratePath; }
  std::string_view TierName(inference::v1::Tier tier) const override { return OpenAiTierName(tier); }
  bool ReadsDocuments() const override { return true; }
  RequestLimits limits(std::string_view model) const override {
    Wishes takes = kTakes;
    if (!TakesSampling(model)) {
      takes = takes.Without(Wish::kTemperature).Without(Wish::kTopP).Without(Wish::kLogprobs);
    }
    if (quirks_.no_metadata) takes = takes.Without(Wish::kMetadata);
    return {.takes = takes,
            .thinking = Thinking::kWords,
            .continues_answers = false,
            .custom_tools = !quirks_.functions_only,
            .namespaces = !quirks_.functions_only,
            .tool_names = {.alphabet = Alphabet::kWord, .bytes_max = 64},
            .call_ids = {.bytes_max = 64},
            .unique_call_ids = true,
            .user_ids = {.bytes_max = 64},
            .schemas = SchemaRules::kOpenAi,
            .json_word = JsonWord::kInMessages,
            .stops_max = 0,
            .files_have_names = true,
            .cache_key_bytes_max = 64};
  }
  Result<EncodedRequest> EncodeRequest(const inference::v1::GenerateRequest& request,
                                       std::string_view session) const override {
    return openai_responses::EncodeRequest(request, quirks_, session);
  }
  AnswerKind answer_kind() const override { return AnswerKind::kResponses; }
  std::unique_ptr<ResponseDecoder> NewDecoder(WallTime now) const override {
    return std::make_unique<responses::AnswerDecoder>(now, kNothingMore, responses::AnswerDecoder::Form::kEither);
  }
  std::unique_ptr<ResponseObserver> NewObserver(WallTime now) const override {
    return std::make_unique<responses::ResponsesObserver>(now, kNothingMore);
  }
  std::unique_ptr<ResponseObserver> NewDocumentObserver(std::string_view) const override {
    return std::make_unique<EmbeddingsObserver>();
  }
  // Over HTTP alone: few hosts have sockets, and a turn over HTTP says the same.
  std::unique_ptr<TurnObserver> NewTurnObserver(WallTime) const override { return nullptr; }
  inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now) const override {
    return openai_responses::DecodeError(head, body, now);
  }
  bool DecodeRateLimits(const Headers& headers, WallTime now, inference::v1::RateLimits& limits) const override {
    return ReadOpenAiLimits(headers, now, limits);
  }
  bool IsVisibleHeader(std::string_view name) const override { return IsOpenAiHeader(name); }
  bool IsQuotaHeader(std::string_view name) const override { return IsOpenAiQuotaHeader(name); }

 private:
  const Quirks quirks_;
};

}  // namespace

std::unique_ptr<const Dialect> MakeDialect(const Quirks& quirks) { return std::make_unique<Responses>(quirks); }

}  // namespace patchbay::upstream::openai_responses
