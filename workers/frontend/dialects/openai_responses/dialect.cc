#include "workers/frontend/dialects/openai_responses/dialect.h"

#include <array>

#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/event_encoder.h"
#include "workers/frontend/dialects/openai_responses/request_decoder.h"
#include "workers/frontend/dialects/openai_responses/response_encoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

// Codex's own headers that its backend reads (codex-wire §2.1). Who the client is — originator,
// version, user-agent — is the account's identity and stays upstream's business.
constexpr std::array<std::string_view, 12> kForwarded = {"session-id",
                                                         "thread-id",
                                                         "x-client-request-id",
                                                         "x-codex-window-id",
                                                         "x-codex-turn-state",
                                                         "x-codex-turn-metadata",
                                                         "x-codex-parent-thread-id",
                                                         "x-codex-beta-features",
                                                         "x-openai-subagent",
                                                         "x-openai-memgen-request",
                                                         "x-openai-internal-codex-responses-lite",
                                                         "openai-beta"};

Error NoEvents() { return Error(ErrorCode::kInternal, "responses go by the byte-transparent route only"); }

class StreamReply final : public ReplyEncoder {
 public:
  StreamReply(bool codex, std::string id, std::string model) : encoder_(codex, std::move(id), std::move(model)) {}
  Result<void> Event(const inference::v1::GenerateEvent&, std::string&) override { return NoEvents(); }
  Result<bool> Bytes(std::string_view bytes, std::string& out) override { return encoder_.Relay(bytes, out); }
  Result<void> End(std::string&) override { return {}; }  // the provider's own last event has passed
  void Break(const Problem& problem, std::string& out) override { encoder_.EncodeBreak(problem, out); }

 private:
  EventEncoder encoder_;
};

class WholeReply final : public ReplyEncoder {
 public:
  Result<void> Event(const inference::v1::GenerateEvent&, std::string&) override { return NoEvents(); }
  Result<bool> Bytes(std::string_view bytes, std::string&) override { return encoder_.Add(bytes); }
  Result<void> End(std::string& out) override {
    ASSIGN_OR_RETURN(out, encoder_.Encode());
    return {};
  }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  ResponseEncoder encoder_;
};

class OpenAiResponses final : public Dialect {
 public:
  std::string_view name() const override { return "openai_responses"; }

  Result<Conversation> Decode(DialectRequest request) const override {
    const ClientTraits client{.codex = IsCodexClient(request.header("originator"), request.header("user-agent")),
                              .responses_lite = request.header("x-openai-internal-codex-responses-lite") == "true"};
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(std::move(request.body), client));
    Conversation conversation;
    conversation.model = decoded.model;
    conversation.stream = decoded.stream;
    conversation.new_encoder = [codex = client.codex, stream = decoded.stream, id = "resp_" + request.unique,
                                model = decoded.model]() -> std::unique_ptr<ReplyEncoder> {
      if (stream) return std::make_unique<StreamReply>(codex, id, model);
      return std::make_unique<WholeReply>();
    };
    conversation.needs_tools = decoded.needs_tools;
    conversation.cache_key = std::move(decoded.cache_key);
    conversation.first_turn = std::move(decoded.first_turn);
    conversation.ignored = std::move(decoded.ignored);
    conversation.repaired = std::move(decoded.repaired);
    for (const std::string_view name : kForwarded) {
      if (const std::string_view value = request.header(name); !value.empty()) {
        conversation.forwarded_headers.emplace_back(name, value);
      }
    }
    conversation.payload = RawRequest{.dialect = "openai_responses", .body = std::move(decoded.body)};
    return conversation;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }
};

bool StartsWithCodex(std::string_view text) {
  constexpr std::string_view kName = "codex";
  if (text.size() < kName.size()) return false;
  for (std::size_t i = 0; i < kName.size(); ++i) {
    if ((text[i] | 0x20) != kName[i]) return false;
  }
  return true;
}

}  // namespace

bool IsCodexClient(std::string_view originator, std::string_view user_agent) {
  return StartsWithCodex(originator) || StartsWithCodex(user_agent);
}

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiResponses>(); }

}  // namespace patchbay::frontend::openai_responses
