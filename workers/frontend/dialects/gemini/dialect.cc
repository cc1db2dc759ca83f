#include "workers/frontend/dialects/gemini/dialect.h"

#include <array>
#include <utility>

#include "lib/wire/url.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/common/reply/translated_reply.h"
#include "workers/frontend/dialects/common/request/embed_bytes.h"
#include "workers/frontend/dialects/common/request/request_facts.h"
#include "workers/frontend/dialects/gemini/embed.h"
#include "workers/frontend/dialects/gemini/error_encoder.h"
#include "workers/frontend/dialects/gemini/event_encoder.h"
#include "workers/frontend/dialects/gemini/model_list.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"
#include "workers/frontend/dialects/gemini/response_encoder.h"

namespace patchbay::frontend::gemini {
namespace {

constexpr std::string_view kStream = ":streamGenerateContent";
constexpr std::string_view kModelsBeta = "/v1beta/models/", kModelsOfV1 = "/v1/models/";
constexpr std::string_view kEmbed = ":embedContent", kEmbedBatch = ":batchEmbedContents";

// Google's clients choose a version of the API; what is behind it is the same here.
constexpr std::array kRows = {
    RouteRow{.method = "POST", .path = kModelsBeta, .action = Action::kCall, .suffix = ":generateContent"},
    RouteRow{.method = "POST", .path = kModelsBeta, .action = Action::kCall, .suffix = kStream},
    RouteRow{.method = "POST", .path = kModelsBeta, .action = Action::kCountTokens, .suffix = ":countTokens"},
    RouteRow{.method = "POST", .path = kModelsBeta, .action = Action::kCall, .suffix = kEmbed},
    RouteRow{.method = "POST", .path = kModelsBeta, .action = Action::kCall, .suffix = kEmbedBatch},
    RouteRow{.method = "GET", .path = "/v1beta/models", .action = Action::kListModels},
    RouteRow{.method = "GET", .path = kModelsBeta, .action = Action::kGetModel},
    RouteRow{.method = "POST", .path = kModelsOfV1, .action = Action::kCall, .suffix = ":generateContent"},
    RouteRow{.method = "POST", .path = kModelsOfV1, .action = Action::kCall, .suffix = kStream},
    RouteRow{.method = "POST", .path = kModelsOfV1, .action = Action::kCountTokens, .suffix = ":countTokens"},
    RouteRow{.method = "POST", .path = kModelsOfV1, .action = Action::kCall, .suffix = kEmbed},
    RouteRow{.method = "POST", .path = kModelsOfV1, .action = Action::kCall, .suffix = kEmbedBatch},
};
constexpr std::string_view kKeyHeader = "x-goog-api-key", kKeyParameter = "key";
constexpr std::array<std::string_view, 1> kKeyHeaders = {kKeyHeader};

// Server-sent events, or else a stream is one JSON array.
bool WantsEvents(std::string_view query) { return wire::QueryValue(query, "alt") == "sse"; }

class StreamReply final : public TranslatedStream<EventEncoder> {
 public:
  using TranslatedStream::TranslatedStream;
  Result<void> End(std::string& out) override {
    encoder_.EncodeEnd(out);
    return {};
  }
  std::string_view Heartbeat() const override { return encoder_.Heartbeat(); }
};

class Gemini final : public Dialect {
 public:
  std::string_view name() const override { return "gemini"; }
  std::span<const RouteRow> routes() const override { return kRows; }
  // Its clients show their key in a way of their own, and its SDKs say who they are without one too.
  bool Claims(const HeaderLookup& header, std::string_view query) const override {
    return !header(kKeyHeader).empty() || !header("x-goog-api-client").empty() ||
           !wire::QueryValue(query, kKeyParameter).empty();
  }
  std::span<const std::string_view> key_headers() const override { return kKeyHeaders; }
  std::string_view key_parameter() const override { return kKeyParameter; }
  Result<Answer> EncodeModels(const ModelListQuestion& question,
                              const accounts::v1::ListModelsReply& models) const override {
    ASSIGN_OR_RETURN(std::string body, EncodeModelList(models, question.query));
    return JsonAnswer(std::move(body));
  }
  Answer EncodeModel(const accounts::v1::ModelInfo& model) const override {
    return JsonAnswer(gemini::EncodeModel(model));
  }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    if (request.suffix == kEmbed || request.suffix == kEmbedBatch) return DecodeVectors(std::move(request));
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body, request.argument));
    ReplyIdentity identity = IdentityOf(decoded, request.unique);
    DecodedCall understood;
    understood.call.model = identity.model;
    understood.reply.stream = request.suffix == kStream;
    const bool sse = WantsEvents(request.query);
    if (!sse) understood.reply.stream_content_type = "application/json";
    understood.reply.translated = [identity = std::move(identity), stream = understood.reply.stream,
                                   framing =
                                       sse ? Framing::kSse : Framing::kArray]() -> std::unique_ptr<TranslatedReply> {
      if (stream) return std::make_unique<StreamReply>(identity, framing);
      return std::make_unique<TranslatedWhole<ResponseEncoder>>(identity);
    };
    TakeFacts(decoded.request, understood.call);
    understood.reply.ignored = std::move(decoded.ignored);
    understood.reply.repaired = std::move(decoded.repaired);
    understood.reply.wishes = std::move(decoded.wishes);
    understood.call.payload = std::move(decoded.request);
    return understood;
  }

  Result<Answer> CountTokens(DialectRequest request) const override {
    ASSIGN_OR_RETURN(const DecodedRequest decoded, DecodeCountRequest(request.body, request.argument));
    const std::string count = std::to_string(EstimateTokens(decoded.request));
    return JsonAnswer(R"({"totalTokens":)" + count + R"(,"promptTokensDetails":[{"modality":"TEXT","tokenCount":)" +
                      count + "}]}");
  }

  Answer EncodeError(const Problem& problem) const override { return gemini::EncodeError(problem); }

  // Who asked for an array gets one, and in it the error.
  Answer EncodeErrorOf(std::string_view suffix, std::string_view query, const Problem& problem) const override {
    Answer answer = EncodeError(problem);
    if (suffix == kStream && !WantsEvents(query)) answer.body = "[" + answer.body + "]";
    return answer;
  }

 private:
  static Result<DecodedCall> DecodeVectors(DialectRequest request) {
    const bool batch = request.suffix == kEmbedBatch;
    ASSIGN_OR_RETURN(DecodedEmbed decoded, DecodeEmbed(request.body, request.argument, batch));
    DecodedCall understood;
    understood.call.model = decoded.call.model();
    understood.call.affinity.first_turn = request.unique;  // one text has nothing to do with the next
    understood.reply.relayed = [inputs = decoded.call.inputs_size(), batch](const CallRoute&) {
      return NewEmbedReply(inputs, batch);
    };
    understood.call.payload = EmbedPayload(std::move(decoded.call), std::move(decoded.ignored));
    return understood;
  }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<Gemini>(); }

}  // namespace patchbay::frontend::gemini
