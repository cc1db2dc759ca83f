#include "workers/upstream/dialects/codex/dialect.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "workers/upstream/dialects/codex/error_decoder.h"
#include "workers/upstream/dialects/codex/extras.h"
#include "workers/upstream/dialects/codex/rate_limits.h"
#include "workers/upstream/dialects/codex/request_encoder.h"
#include "workers/upstream/dialects/codex/turn_observer.h"
#include "workers/upstream/dialects/common/responses/answer_decoder.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"
#include "workers/upstream/dialects/common/responses/response_observer.h"

namespace patchbay::upstream::codex {
namespace {

// 400 `Unsupported parameter` for each of the wishes (codex-wire §3.1).
constexpr RequestLimits kLimits = {
    .takes = Wishes::None(),
    .thinking = Thinking::kWords,
    .continues_answers = false,
    .tool_names = {.alphabet = Alphabet::kWord, .bytes_max = 64},
    .call_ids = {.bytes_max = 64},
    .unique_call_ids = true,
    .schemas = SchemaRules::kOpenAi,
    .json_word = JsonWord::kInMessages,
    .stops_max = 0,
    .files_have_names = true,
    .cache_key_bytes_max = 64,
};

constexpr std::string_view kGeneratePath = "/responses";

// codex-wire §1, §11.3, §11.4.
constexpr RawRoute kRawRoutes[] = {
    {responses::kRawDialect, kGeneratePath, RawRoute::Answer::kEvents},
    {"openai_search", "/alpha/search", RawRoute::Answer::kDocument},
    {"openai_memories", "/memories/trace_summarize", RawRoute::Answer::kDocument},
};

class Codex final : public Dialect {
 public:
  const RawRoute* FindRawRoute(std::string_view dialect) const override {
    const auto route = std::find_if(std::begin(kRawRoutes), std::end(kRawRoutes),
                                    [&](const RawRoute& row) { return row.dialect == dialect; });
    return route == std::end(kRawRoutes) ? nullptr : route;
  }
  std::string_view generate_path() const override { return kGeneratePath; }
  std::string_view TierName(inference::v1::Tier tier) const override { return codex::TierName(tier); }
  RequestLimits limits(std::string_view) const override { return kLimits; }
  Result<EncodedRequest> EncodeRequest(const inference::v1::GenerateRequest& request,
                                       std::string_view session) const override {
    return codex::EncodeRequest(request, session);
  }
  AnswerKind answer_kind() const override { return AnswerKind::kResponses; }
  std::unique_ptr<ResponseDecoder> NewDecoder(WallTime now) const override {
    return std::make_unique<responses::AnswerDecoder>(now, BackendExtras(), responses::AnswerDecoder::Form::kStream);
  }
  std::unique_ptr<ResponseObserver> NewObserver(WallTime now) const override {
    return std::make_unique<responses::ResponsesObserver>(now, BackendExtras());
  }
  std::unique_ptr<TurnObserver> NewTurnObserver(WallTime now) const override {
    return std::make_unique<CodexTurnObserver>(now);
  }
  inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now) const override {
    return codex::DecodeError(head, body, now);
  }
  bool DecodeRateLimits(const Headers& headers, WallTime now, inference::v1::RateLimits& limits) const override {
    return DecodeRateLimitHeaders(headers, now, limits);
  }
  // What the provider's own client reads (codex-wire §5); the rest of a live head is noise or ours. Not x-models-etag:
  // the list that our clients have is ours, so the provider's tag would make the CLI fetch it again after every answer.
  bool IsVisibleHeader(std::string_view name) const override {
    constexpr std::string_view kPrefixes[] = {"x-codex-", "openai-", "x-ratelimit-"};
    constexpr std::string_view kNames[] = {"content-type",     "retry-after",          "x-request-id",
                                           "x-oai-request-id", "x-reasoning-included", "cf-ray"};
    return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                       [&](auto prefix) { return name.starts_with(prefix); }) ||
           std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
  }
  bool IsQuotaHeader(std::string_view name) const override { return IsRateLimitHeader(name); }
};

}  // namespace

const Dialect& CodexDialect() {
  static const Codex dialect;
  return dialect;
}

}  // namespace patchbay::upstream::codex
