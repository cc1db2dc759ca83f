#include "workers/frontend/dialects/openai_chat/relay/chat_bytes.h"

#include <utility>
#include <vector>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/call/tier_words.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/common/request/reasoning_member.h"
#include "workers/frontend/dialects/openai_chat/request_decoder.h"

namespace patchbay::frontend::openai_chat {
namespace {

// A chunk that tells of one piece of text, with all that stands around it.
constexpr std::uint64_t kBytesPerChunk = 230;
constexpr std::string_view kEffort = "reasoning_effort", kReasoning = "reasoning";

// Empty without it.
std::string_view ValueOf(const std::vector<wire::Member>& members, std::string_view body, std::string_view name) {
  for (const wire::Member& member : members) {
    if (member.key == name) return member.value.In(body);
  }
  return {};
}

std::string QuotedText(std::string_view text) {
  std::string quoted;
  wire::AppendJsonString(quoted, text);
  return quoted;
}

// Two places say how hard to think. Which of two that differ a provider believes nobody knows.
bool SaysOneEffort(const std::vector<wire::Member>& members, std::string_view body, std::string_view understood) {
  const std::string_view word = ValueOf(members, body, kEffort);
  const ThinkingWish wish = ReadReasoningMember(ValueOf(members, body, kReasoning));
  if (!word.empty() && word != "null" && word != QuotedText(understood)) return false;
  if (!wish.effort.empty() && wish.effort != understood) return false;
  return !wish.budget_tokens || understood.empty();
}

Result<std::string> WithMember(std::string body, std::string_view name, std::string_view text) {
  return wire::SpliceTopLevel(std::move(body), name, QuotedText(text), wire::IfMissing::kInsert);
}

// Wherever the client says it.
Result<std::string> WithEffort(std::string body, std::string_view effort) {
  ASSIGN_OR_RETURN(const std::vector<wire::Member> members, wire::TopLevelMembers(body));
  const bool has_word = !ValueOf(members, body, kEffort).empty();
  const std::string_view reasoning = ValueOf(members, body, kReasoning);
  const ThinkingWish wish = ReadReasoningMember(reasoning);
  const bool in_reasoning = !wish.effort.empty() || wish.budget_tokens;
  if (in_reasoning) {
    ASSIGN_OR_RETURN(const std::string edited, ReasoningWithEffort(reasoning, effort));
    ASSIGN_OR_RETURN(body, wire::SpliceTopLevel(std::move(body), kReasoning, edited));
  }
  if (in_reasoning && !has_word) return body;
  return WithMember(std::move(body), kEffort, effort);
}

// Beside what the client says of its stream.
Result<std::string> WithUsage(std::string body) {
  constexpr std::string_view kOptions = "stream_options";
  std::string options = "{}";
  ASSIGN_OR_RETURN(const std::vector<wire::Member> members, wire::TopLevelMembers(body));
  for (const wire::Member& member : members) {
    const std::string_view value = member.value.In(body);
    if (member.key == kOptions && value.starts_with('{')) options = value;
  }
  ASSIGN_OR_RETURN(options,
                   wire::SpliceTopLevel(std::move(options), "include_usage", "true", wire::IfMissing::kInsert));
  return wire::SpliceTopLevel(std::move(body), kOptions, options, wire::IfMissing::kInsert);
}

}  // namespace

std::shared_ptr<const ChatBytes> ChatBytes::Of(std::string body, const inference::v1::GenerateRequest& request,
                                               bool asks_usage) {
  const auto members = wire::TopLevelMembers(body);
  if (!members.ok()) return nullptr;  // a repeated member: which one a provider takes nobody knows
  const auto has = [&](std::string_view name) { return !ValueOf(*members, body, name).empty(); };
  if (!has("messages") || has("input")) return nullptr;
  if (!SaysOneEffort(*members, body, request.reasoning().effort())) return nullptr;
  return std::shared_ptr<const ChatBytes>(new ChatBytes(std::move(body), request, asks_usage));
}

ChatBytes::ChatBytes(std::string body, const inference::v1::GenerateRequest& request, bool asks_usage)
    : body_(std::move(body)),
      model_(request.model()),
      effort_(request.reasoning().effort()),
      service_tier_(TierWord(request.tier())),
      asks_usage_(asks_usage) {}

Result<RelayedRequest> ChatBytes::Relayed(const GrantTerms& terms) const {
  RelayedRequest relayed;
  std::string body = body_;
  if (terms.model != model_) {
    ASSIGN_OR_RETURN(body, WithMember(std::move(body), "model", terms.model));
  }
  if (!terms.reasoning_effort.empty() && terms.reasoning_effort != effort_) {
    ASSIGN_OR_RETURN(body, WithEffort(std::move(body), terms.reasoning_effort));
  }
  if (!terms.service_tier.empty()) {
    ASSIGN_OR_RETURN(body, WithMember(std::move(body), "service_tier", terms.service_tier));
  }
  if (asks_usage_) {
    ASSIGN_OR_RETURN(body, WithUsage(std::move(body)));
  }
  relayed.service_tier = terms.service_tier.empty() ? service_tier_ : terms.service_tier;
  relayed.body = std::make_shared<const std::string>(std::move(body));
  return relayed;
}

Result<TranslatedRequest> ChatBytes::Translated() const {
  ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(body_));
  return TranslatedRequest{std::move(decoded.request), std::move(decoded.ignored), std::move(decoded.repaired)};
}

std::int64_t ChatBytes::EstimateInputTokens() const {
  const auto translated = Translated();
  return translated.ok() ? EstimateTokens(translated->request) : 0;
}

std::int64_t ChatBytes::EstimateOutputTokens(std::uint64_t answer_bytes) const {
  return static_cast<std::int64_t>(answer_bytes / kBytesPerChunk);
}

}  // namespace patchbay::frontend::openai_chat
