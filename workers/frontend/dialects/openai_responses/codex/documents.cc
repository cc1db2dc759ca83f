#include "workers/frontend/dialects/openai_responses/codex/documents.h"

#include <cstdint>
#include <utility>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_reader.h"
#include "workers/frontend/dialects/common/request/reasoning_member.h"
#include "workers/frontend/dialects/openai_responses/codex/client.h"
#include "workers/frontend/dialects/openai_responses/error_encoder.h"
#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"
#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"

namespace patchbay::frontend::openai_responses::codex {
namespace {

class DocumentBytes final : public ClientBytes {
 public:
  DocumentBytes(std::string_view dialect, std::string body, std::string model, std::string effort, HeaderList headers)
      : dialect_(dialect),
        body_(std::move(body)),
        model_(std::move(model)),
        effort_(std::move(effort)),
        headers_(std::move(headers)) {}
  std::string_view dialect() const override { return dialect_; }
  Result<RelayedRequest> Relayed(const GrantTerms& terms) const override {
    RelayedRequest relayed;
    relayed.headers = headers_;
    // Such a request has a model and a reasoning effort, and no tier.
    GrantTerms known = terms;
    known.service_tier.clear();
    if (known.reasoning_effort == effort_ && !known.effort_fitted) known.reasoning_effort.clear();
    ASSIGN_OR_RETURN(std::string body, WithTerms(body_, model_, known));
    if (terms.without_sealed_reasoning && DropReasoning(body, Reasoning::kAny)) {
      relayed.repaired.emplace_back("sealed_reasoning");
    }
    relayed.body = std::make_shared<const std::string>(std::move(body));
    return relayed;
  }
  Result<TranslatedRequest> Translated() const override {
    return Error(ErrorCode::kUnsupported, "this provider has nothing at this path").From(Origin::kClient);
  }
  // Nobody reports what such a call used, and nothing says that it costs tokens.
  std::int64_t EstimateInputTokens() const override { return 0; }
  std::int64_t EstimateOutputTokens(std::uint64_t) const override { return 0; }

 private:
  const std::string_view dialect_;
  const std::string body_, model_, effort_;
  const HeaderList headers_;
};

class DocumentReply final : public RelayedReply {
 public:
  Result<bool> Bytes(std::string_view bytes, std::string& out) override {
    out.append(bytes);
    return true;
  }
  Result<void> End(std::string&) override { return {}; }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error
};

class Document final : public Dialect {
 public:
  // `conversation` is the member that names one; empty for none.
  Document(std::string_view name, std::string_view path, std::string_view conversation)
      : name_(name),
        row_{.method = "POST", .path = path, .action = Action::kCall, .at_further_bases = true},
        conversation_(conversation) {}

  std::string_view name() const override { return name_; }
  std::span<const RouteRow> routes() const override { return {&row_, 1}; }

  Result<DecodedCall> Decode(DialectRequest request) const override {
    std::string& body = request.body;
    if (auto valid = wire::ValidateJson(body); !valid.ok()) return std::move(valid).error().From(Origin::kClient);
    auto members = wire::TopLevelMembers(body);
    if (!members.ok()) return std::move(members).error().From(Origin::kClient);
    DecodedCall understood;
    frontend::Call& call = understood.call;
    ThinkingWish thinking;
    for (const wire::Member& member : *members) {
      if (member.key == "model") call.model = Text(member.value.In(body));
      if (member.key == "reasoning") thinking = ReadReasoningMember(member.value.In(body));
      // The CLI names the thread here, and in no header.
      if (!conversation_.empty() && member.key == conversation_) call.affinity.cache_key = Text(member.value.In(body));
    }
    if (call.model.empty()) {
      return Error(ErrorCode::kInvalidArgument, "a model is required").From(Origin::kClient).At("/model");
    }
    if (!conversation_.empty()) TakeSession(request.header("x-codex-turn-metadata"), call.affinity.cache_key);
    call.payload = Payload(std::make_shared<const DocumentBytes>(name_, std::move(body), call.model, thinking.effort,
                                                                 ForwardedHeaders(request.header)));
    call.payload.reasoning_effort = thinking.effort;
    call.payload.budget_tokens = thinking.budget_tokens;
    call.payload.needs_relay = true;
    understood.reply.relayed = [](const CallRoute&) { return std::make_unique<DocumentReply>(); };
    return understood;
  }

  Answer EncodeError(const Problem& problem) const override { return openai_responses::EncodeError(problem); }

 private:
  // A thread that works for another one searches on the account of the session, as it does all else.
  static void TakeSession(std::string_view metadata, std::string& conversation) {
    if (metadata.empty()) return;
    wire::JsonReader(metadata).ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key != "session_id") return;
      if (const std::string_view session = value.Text(); !session.empty()) conversation = session;
    });
  }

  static std::string Text(std::string_view json) {
    const auto value = wire::ParseJson(json);
    return value.ok() && value->is_string() ? std::string(value->get_string()) : std::string();
  }

  const std::string_view name_;
  const RouteRow row_;
  const std::string_view conversation_;
};

}  // namespace

std::unique_ptr<Dialect> MakeSearchDialect() {
  return std::make_unique<Document>("openai_search", "/v1/alpha/search", "id");
}

std::unique_ptr<Dialect> MakeMemoriesDialect() {
  return std::make_unique<Document>("openai_memories", "/v1/memories/trace_summarize", "");
}

}  // namespace patchbay::frontend::openai_responses::codex
