#include "workers/frontend/dialects/openai_chat/dialect.h"

#include <algorithm>

#include "workers/frontend/dialects/openai_chat/error_encoder.h"
#include "workers/frontend/dialects/openai_chat/event_encoder.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"
#include "workers/frontend/dialects/openai_chat/response_encoder.h"

namespace patchbay::frontend::openai_chat {
namespace {

// Enough of the first turn to tell conversations apart.
constexpr std::size_t kMaxFirstTurnBytes = 16 * 1024;

Error NoRawRoute() { return Error(ErrorCode::kInternal, "chat completions have no byte-transparent route"); }

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

std::string FirstTurn(const inference::v1::GenerateRequest& request) {
  std::string text = request.instructions().substr(0, kMaxFirstTurnBytes);
  for (const auto& item : request.items()) {
    if (!item.has_message() || item.message().role() != inference::v1::ROLE_USER) continue;
    for (const auto& part : item.message().parts()) {
      text.push_back('\n');
      text.append(part.text(), 0, kMaxFirstTurnBytes);
    }
    break;
  }
  return text;
}

bool HasImage(const inference::v1::GenerateRequest& request) {
  const auto is_image = [](const inference::v1::Part& part) { return part.has_image(); };
  return std::any_of(request.items().begin(), request.items().end(), [&](const inference::v1::Item& item) {
    const auto& parts = item.has_message() ? item.message().parts() : item.tool_result().parts();
    return std::any_of(parts.begin(), parts.end(), is_image);
  });
}

class OpenAiChat final : public Dialect {
 public:
  std::string_view name() const override { return "openai_chat"; }

  Result<Conversation> Decode(DialectRequest request) const override {
    ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request.body));
    const ReplyIdentity identity{
        .id = "chatcmpl-" + request.unique,
        .model = decoded.request.model(),
        .created = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count(),
        .legacy_functions = decoded.legacy_functions};
    Conversation conversation;
    conversation.model = identity.model;
    conversation.stream = decoded.stream;
    conversation.new_encoder = [identity, stream = decoded.stream,
                                include_usage = decoded.include_usage]() -> std::unique_ptr<ReplyEncoder> {
      if (stream) return std::make_unique<StreamReply>(identity, include_usage);
      return std::make_unique<WholeReply>(identity);
    };
    conversation.needs_tools = decoded.request.tools_size() > 0;
    conversation.needs_vision = HasImage(decoded.request);
    conversation.needs_json_schema =
        decoded.request.output_format().kind() == inference::v1::OutputFormat::KIND_JSON_SCHEMA;
    conversation.cache_key = decoded.request.cache().prompt_cache_key();
    conversation.first_turn = FirstTurn(decoded.request);
    conversation.ignored = std::move(decoded.ignored);
    conversation.repaired = std::move(decoded.repaired);
    conversation.wishes = std::move(decoded.wishes);
    conversation.payload = std::move(decoded.request);
    return conversation;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_chat::EncodeError(problem); }
};

}  // namespace

std::unique_ptr<Dialect> MakeDialect() { return std::make_unique<OpenAiChat>(); }

}  // namespace patchbay::frontend::openai_chat
