#include "workers/upstream/dialects/openai_chat/dialect.h"

#include <memory>

#include "lib/wire/sse.h"
#include "workers/upstream/dialects/common/embeddings.h"
#include "workers/upstream/dialects/common/model_families.h"
#include "workers/upstream/dialects/common/openai_headers.h"
#include "workers/upstream/dialects/common/openai_limits.h"
#include "workers/upstream/dialects/common/openai_words.h"
#include "workers/upstream/dialects/common/whole_answer.h"
#include "workers/upstream/dialects/openai_chat/chunk_decoder.h"
#include "workers/upstream/dialects/openai_chat/error_decoder.h"
#include "workers/upstream/dialects/openai_chat/request_encoder.h"
#include "workers/upstream/dialects/openai_chat/response_observer.h"

namespace patchbay::upstream::openai_chat {
namespace {

// A stream; or, from a host that was asked for one and does not stream, the whole answer: told apart by how it begins.
class Decoder final : public ResponseDecoder {
 public:
  Result<void> Feed(std::string_view bytes, GenerateEvents& events) override {
    if (form_.IsStream(bytes)) return FeedStream(bytes, events);
    ASSIGN_OR_RETURN(const std::string_view document, document_.Feed(bytes));
    return document.empty() ? Result<void>() : decoder_.DecodeDocument(document, events);
  }
  Result<void> End(GenerateEvents& events) override { return decoder_.End(events); }
  const ResponseSummary& summary() const override { return decoder_.summary(); }

 private:
  Result<void> FeedStream(std::string_view bytes, GenerateEvents& events) {
    Result<void> result;
    RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
      if (result.ok()) result = decoder_.Decode(event.data, events);
    }));
    return result;
  }

  AnswerForm form_;
  wire::SseParser parser_;
  WholeAnswer document_;
  ChunkDecoder decoder_;
};

constexpr std::size_t kMaxStops = 4;  // OpenAI's own, and nobody's is less

constexpr std::string_view kGeneratePath = "/chat/completions";
constexpr RawRoute kRawRoute = {kChatDialect, kGeneratePath, RawRoute::Answer::kEither};

class Chat final : public Dialect {
 public:
  explicit Chat(const Quirks& quirks) : quirks_(quirks) {}

  const RawRoute* FindRawRoute(std::string_view dialect) const override {
    if (dialect == kEmbeddingsRoute.dialect) return &kEmbeddingsRoute;
    return dialect == kChatDialect ? &kRawRoute : nullptr;
  }
  std::string_view generate_path() const override { return kGeneratePath; }
  std::string_view TierName(inference::v1::Tier tier) const override {
    return quirks_.openai_fields ? OpenAiTierName(tier) : std::string_view();
  }
  bool ReadsDocuments() const override { return true; }
  RequestLimits limits(std::string_view model) const override {
    constexpr IdentifierRule kNine{.alphabet = Alphabet::kAlphanumeric, .bytes_min = 9, .bytes_max = 9};  // rule 8
    Wishes takes = Wishes::All().Without(Wish::kChoices);  // a stream of ours has one answer
    if (!quirks_.openai_fields) {
      takes = takes.Without(Wish::kUserId).Without(Wish::kSafetyIdentifier).Without(Wish::kMetadata);
    }
    return {.takes = takes,
            .thinking = quirks_.effort_object ? Thinking::kWordsOrTokens : Thinking::kWords,
            .continues_answers = false,
            .custom_tools = quirks_.custom_tools,
            .namespaces = false,
            .tool_names = {.alphabet = Alphabet::kWord, .bytes_max = 64},
            .call_ids = quirks_.nine_character_ids ? kNine : IdentifierRule{.bytes_max = 64},
            .unique_call_ids = true,
            .user_ids = {.bytes_max = 64},
            .schemas = quirks_.strict_tools ? SchemaRules::kOpenAi : SchemaRules::kTools,
            .json_word = JsonWord::kAnywhere,
            .stops_max = TakesPenalties(model) ? kMaxStops : 0,
            .files_have_names = true,
            .cache_key_bytes_max = 64};
  }
  Result<EncodedRequest> EncodeRequest(const inference::v1::GenerateRequest& request,
                                       std::string_view session) const override {
    return openai_chat::EncodeRequest(request, quirks_, session);
  }
  AnswerKind answer_kind() const override { return AnswerKind::kChat; }
  std::unique_ptr<ResponseDecoder> NewDecoder(WallTime) const override { return std::make_unique<Decoder>(); }
  std::unique_ptr<ResponseObserver> NewObserver(WallTime) const override {
    return std::make_unique<ChatResponseObserver>();
  }
  std::unique_ptr<ResponseObserver> NewDocumentObserver(std::string_view) const override {
    return std::make_unique<EmbeddingsObserver>();
  }
  // Its hosts have no sockets.
  std::unique_ptr<TurnObserver> NewTurnObserver(WallTime) const override { return nullptr; }
  inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now) const override {
    return openai_chat::DecodeError(head, body, now);
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

std::unique_ptr<const Dialect> MakeDialect(const Quirks& quirks) { return std::make_unique<Chat>(quirks); }

}  // namespace patchbay::upstream::openai_chat
