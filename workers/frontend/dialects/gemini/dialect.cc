#include "workers/frontend/dialects/gemini/dialect.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/wire/url.h"
#include "workers/frontend/dialects/gemini/error_encoder.h"
#include "workers/frontend/dialects/gemini/event_encoder.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"
#include "workers/frontend/dialects/gemini/response_encoder.h"
#include "workers/frontend/dialects/request_facts.h"
#include "workers/frontend/dialects/token_count.h"

namespace patchbay::frontend::gemini {
namespace {

constexpr std::string_view kStream = ":streamGenerateContent";
constexpr std::array<std::string_view, 2> kEmbed = {":embedContent", ":batchEmbedContents"};

Error NoRawRoute() { return Error(ErrorCode::kInternal, "Gemini has no byte-transparent route"); }

class StreamReply final : public ReplyEncoder {
 public:
  StreamReply(ReplyIdentity identity, Framing framing) : encoder_(std::move(identity), framing) {}
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) override {
    return encoder_.Encode(event, out);
  }
  Result<bool> Bytes(std::string_view, std::string&) override { return NoRawRoute(); }
  Result<void> End(std::string& out) override {
    encoder_.EncodeEnd(out);
    return {};
  }
  void Break(const Problem& problem, std::string& out) override { encoder_.EncodeBreak(problem, out); }
  // The CLI's reader takes blank space before an event and stops at a comment; JSON takes blank space too.
  std::string_view Heartbeat() const override { return "\n\n"; }

 private:
  EventEncoder encoder_;
};

class WholeReply final : public ReplyEncoder {
 public:
  explicit WholeReply(ReplyIdentity identity) : encoder_(std::move(identity)) {}
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string&) override { return encoder_.Add(event); }
  Result<bool> Bytes(std::string_view, std::string&) override { return NoRawRoute(); }
  Result<void> End(std::string& out) override {
    ASSIGN_OR_RETURN(out, encoder_.Encode());
    return {};
  }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  ResponseEncoder encoder_;
};

class Gemini final : public Dialect {
 public:
  std::string_view name() const override { return "gemini"; }

  Result<Conversation> Decode(DialectRequest request) const override {
    if (std::find(kEmbed.begin(), kEmbed.end(), request.suffix) != kEmbed.end()) {
      return Error(ErrorCode::kUnsupported, "no configured provider makes embeddings").From(Origin::kClient);
    }
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body, request.argument));
    ReplyIdentity identity = IdentityOf(decoded, request.unique);
    Conversation conversation;
    conversation.model = identity.model;
    conversation.stream = request.suffix == kStream;
    const bool sse = wire::QueryValue(request.query, "alt") == "sse";
    if (!sse) conversation.stream_content_type = "application/json";
    conversation.new_encoder = [identity = std::move(identity), stream = conversation.stream,
                                framing = sse ? Framing::kSse : Framing::kArray]() -> std::unique_ptr<ReplyEncoder> {
      if (stream) return std::make_unique<StreamReply>(identity, framing);
      return std::make_unique<WholeReply>(identity);
    };
    TakeFacts(decoded.request, conversation);
    conversation.ignored = std::move(decoded.ignored);
    conversation.repaired = std::move(decoded.repaired);
    conversation.wishes = std::move(decoded.wishes);
    conversation.payload = std::move(decoded.request);
    return conversation;
  }

  Result<Answer> CountTokens(DialectRequest request) const override {
    ASSIGN_OR_RETURN(const DecodedRequest decoded, DecodeCountRequest(request.body, request.argument));
    const std::string count = std::to_string(EstimateTokens(decoded.request));
    Answer answer;
    answer.body =
        R"({"totalTokens":)" + count + R"(,"promptTokensDetails":[{"modality":"TEXT","tokenCount":)" + count + "}]}";
    return answer;
  }

  Answer EncodeError(const Problem& problem) const override { return gemini::EncodeError(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<Gemini>(); }

}  // namespace patchbay::frontend::gemini
