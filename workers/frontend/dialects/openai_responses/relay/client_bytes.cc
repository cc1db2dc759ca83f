#include "workers/frontend/dialects/openai_responses/relay/client_bytes.h"

#include <utility>

#include "lib/wire/json.h"
#include "workers/frontend/call/tier_words.h"
#include "workers/frontend/call/token_count.h"
#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"
#include "workers/frontend/dialects/openai_responses/backends.h"
#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"
#include "workers/frontend/dialects/openai_responses/relay/sealed_reasoning.h"
#include "workers/frontend/dialects/openai_responses/translated/request_decoder.h"

namespace patchbay::frontend::openai_responses {
namespace {

// An event that tells of one piece of text, mostly one token, with all that stands around it.
constexpr std::uint64_t kBytesPerTokenOfAnswer = 240;

}  // namespace

Result<RelayedRequest> ResponsesBytes::Relayed(const GrantTerms& terms) const {
  const Backend* backend = FindBackend(terms.provider_dialect);
  Edits own;
  if (backend != nullptr) {
    ASSIGN_OR_RETURN(own, backend->edits_for(request_));
  }
  const Edits& edits = backend == nullptr ? request_.edits : own;
  RelayedRequest relayed;
  if (backend != nullptr) relayed.headers = backend->headers_for(request_, headers_);
  relayed.ignored = edits.ignored;
  relayed.repaired = edits.repaired;
  std::string body = request_.With(edits.changes);
  // What the body says already is not written again.
  GrantTerms missing = terms;
  if (missing.reasoning_effort == request_.effort && !terms.effort_fitted) missing.reasoning_effort.clear();
  if (missing.service_tier == edits.service_tier) missing.service_tier.clear();
  ASSIGN_OR_RETURN(body, WithTerms(std::move(body), request_.model, missing));
  relayed.service_tier = terms.service_tier.empty() ? edits.service_tier : terms.service_tier;
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
  if (route.relay && !request_.client.native) {
    const Backend* backend = FindBackend(route.provider_dialect);
    additions.echoes = backend == nullptr ? request_.echoes : backend->echoes_for(request_);
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
  call.payload.budget_tokens = request.budget_tokens;
  call.payload.service_tier = TierWordOf(request.edits.service_tier);
  call.payload.max_output_tokens = request.max_output_tokens;
  call.payload.body_bytes = request.body.size();
  for (const ItemsJson& said : request.history) call.payload.body_bytes += said == nullptr ? 0 : said->size();
  call.payload.needs_relay = request.compacts;
}

}  // namespace patchbay::frontend::openai_responses
