#include "workers/frontend/dialects/openai_responses/relay/client_bytes.h"

#include <utility>

#include "lib/wire/json.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"
#include "workers/frontend/dialects/openai_responses/relay/codex_client.h"
#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

// An event that tells of one piece of text, mostly one token, with all that stands around it.
constexpr std::uint64_t kBytesPerTokenOfAnswer = 240;

}  // namespace

Result<RelayedRequest> ResponsesBytes::Relayed(const GrantTerms& terms) const {
  const bool codex = IsCodexBackend(terms.provider_dialect);
  RelayedRequest relayed;
  std::string body = request_.With(codex ? request_.codex_changes : request_.changes);
  // What the body says already is not written again.
  GrantTerms missing = terms;
  const std::string& tier = codex ? request_.codex_service_tier : request_.service_tier;
  if (missing.reasoning_effort == request_.effort) missing.reasoning_effort.clear();
  if (missing.service_tier == tier) missing.service_tier.clear();
  ASSIGN_OR_RETURN(body, WithTerms(std::move(body), request_.model, missing));
  relayed.service_tier = terms.service_tier.empty() ? tier : terms.service_tier;
  if (codex) {
    relayed.headers = codex_headers_;
    relayed.ignored = request_.ignored;
    relayed.repaired = request_.repaired;
  }
  // A search is cheaper than a parse, and nearly no conversation has been with a provider of another dialect.
  const bool enveloped = body.find(kEnvelopeHead) != std::string::npos;
  if (enveloped && DropReasoning(body, Reasoning::kEnveloped)) {
    relayed.repaired.emplace_back("reasoning_of_another_provider");
  }
  if (terms.without_sealed_reasoning && DropReasoning(body, Reasoning::kAny)) {
    relayed.repaired.emplace_back("sealed_reasoning");
  }
  relayed.body = std::make_shared<const std::string>(std::move(body));
  return relayed;
}

Result<TranslatedRequest> ResponsesBytes::Translated() const {
  return translated::DecodeRequest({request_.body, request_.history, request_.references});
}

std::int64_t ResponsesBytes::EstimateInputTokens() const {
  const auto translated = Translated();
  return translated.ok() ? EstimateTokens(translated->request) : 0;
}

std::int64_t ResponsesBytes::EstimateOutputTokens(std::uint64_t answer_bytes) const {
  return static_cast<std::int64_t>(answer_bytes / kBytesPerTokenOfAnswer);
}

ResponseAdditions ResponsesBytes::AdditionsFor(const CallRoute& route, std::shared_ptr<ClientResponses> shelf) const {
  ResponseAdditions additions;
  if (route.relay && !request_.client.codex) {
    additions.echoes = IsCodexBackend(route.provider_dialect) ? request_.codex_echoes : request_.echoes;
  }
  if (!request_.keep) return additions;
  additions.shelf = std::move(shelf);
  additions.draft.history = request_.history;
  additions.draft.input = request_.input;
  additions.draft.cache_key = request_.cache_key;
  additions.draft.first_turn = request_.first_turn;
  return additions;
}

translated::RequestMembers ResponsesBytes::Members() const {
  translated::RequestMembers members;
  for (const wire::Member& member : request_.members) {
    members.emplace_back(member.key, member.value.In(request_.body));
  }
  return members;
}

void TakeCall(std::shared_ptr<const ResponsesBytes> bytes, Call& call) {
  const DecodedRequest& request = bytes->request();
  call.model = request.model;
  call.needs.tools = request.needs_tools;
  call.affinity.cache_key = request.cache_key;
  call.affinity.first_turn = request.first_turn;
  call.payload = Payload(bytes);
  call.payload.reasoning_effort = request.effort;
  call.payload.needs_relay = request.compacts;
}

}  // namespace patchbay::frontend::openai_responses
