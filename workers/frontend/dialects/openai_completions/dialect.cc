#include "workers/frontend/dialects/openai_completions/dialect.h"

#include "workers/frontend/dialects/openai_completions/error_encoder.h"
#include "workers/frontend/dialects/openai_completions/event_encoder.h"
#include "workers/frontend/dialects/openai_completions/request_decoder.h"
#include "workers/frontend/dialects/openai_completions/response_encoder.h"

namespace patchbay::frontend::openai_completions {
namespace {

// Enough of the prompt to tell conversations apart.
constexpr std::size_t kMaxFirstTurnBytes = 16 * 1024;

Error NoRawRoute() { return Error(ErrorCode::kInternal, "completions have no byte-transparent route"); }

class StreamReply final : public ReplyEncoder {
 public:
  StreamReply(ReplyIdentity identity, bool include_usage) : encoder_(std::move(identity), include_usage) {}
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) override {
    return encoder_.Encode(event, out);
  }
  Result<bool> Bytes(std::string_view, std::string&) override { return NoRawRoute(); }
  Result<void> End(std::string&) override { return {}; }  // the Finished event wrote it
  void Break(const Problem& problem, std::string& out) override { encoder_.EncodeBreak(problem, out); }

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

class OpenAiCompletions final : public Dialect {
 public:
  std::string_view name() const override { return "openai_completions"; }

  Result<Conversation> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body));
    const ReplyIdentity identity{
        .id = "cmpl-" + request.unique,
        .model = decoded.request.model(),
        .created = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count(),
        .echo = std::move(decoded.echo),
        .stops = std::move(decoded.stops)};
    Conversation conversation;
    conversation.model = identity.model;
    conversation.stream = decoded.stream;
    conversation.new_encoder = [identity, stream = decoded.stream,
                                include_usage = decoded.include_usage]() -> std::unique_ptr<ReplyEncoder> {
      if (stream) return std::make_unique<StreamReply>(identity, include_usage);
      return std::make_unique<WholeReply>(identity);
    };
    conversation.first_turn = decoded.request.items(0).message().parts(0).text().substr(0, kMaxFirstTurnBytes);
    conversation.ignored = std::move(decoded.ignored);
    conversation.wishes = std::move(decoded.wishes);
    conversation.payload = std::move(decoded.request);
    return conversation;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_completions::EncodeError(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiCompletions>(); }

}  // namespace patchbay::frontend::openai_completions
