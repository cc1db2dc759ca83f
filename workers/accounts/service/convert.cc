#include "workers/accounts/service/convert.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "lib/time/proto_time.h"
#include "workers/accounts/login/requests.h"
#include "workers/accounts/service/convert_quota.h"
#include "workers/accounts/service/explain.h"

namespace patchbay::accounts {
namespace {

using std::chrono::milliseconds;

// Of what a provider says, for operators' rows.
constexpr std::size_t kMessageBytes = 2048;

Stage ToStage(inference::v1::FailureStage stage) {
  switch (stage) {
    case inference::v1::FAILURE_STAGE_CREDENTIAL: return Stage::kCredential;
    case inference::v1::FAILURE_STAGE_RESOLVE: return Stage::kResolve;
    case inference::v1::FAILURE_STAGE_CONNECT: return Stage::kConnect;
    case inference::v1::FAILURE_STAGE_TLS: return Stage::kTls;
    case inference::v1::FAILURE_STAGE_SEND: return Stage::kSend;
    case inference::v1::FAILURE_STAGE_FIRST_BYTE: return Stage::kFirstByte;
    case inference::v1::FAILURE_STAGE_STATUS: return Stage::kStatus;
    case inference::v1::FAILURE_STAGE_STREAM: return Stage::kStream;
    case inference::v1::FAILURE_STAGE_REPORTED: return Stage::kReported;
    case inference::v1::FAILURE_STAGE_GATEWAY: return Stage::kGateway;
    // Without a default a new stage is a compiler's warning here; one of a newer sender is unknown.
    case inference::v1::FAILURE_STAGE_UNSPECIFIED:
    case inference::v1::FailureStage_INT_MIN_SENTINEL_DO_NOT_USE_:
    case inference::v1::FailureStage_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return Stage::kUnknown;
}

Cause ToCause(inference::v1::Cause cause) {
  switch (cause) {
    case inference::v1::CAUSE_BAD_REQUEST: return Cause::kBadRequest;
    case inference::v1::CAUSE_CONTEXT_TOO_LONG: return Cause::kContextTooLong;
    case inference::v1::CAUSE_POLICY: return Cause::kPolicy;
    case inference::v1::CAUSE_BAD_MEDIA: return Cause::kBadMedia;
    case inference::v1::CAUSE_SEALED_REASONING: return Cause::kSealedReasoning;
    case inference::v1::CAUSE_PREVIOUS_RESPONSE: return Cause::kPreviousResponse;
    case inference::v1::CAUSE_NO_ENDPOINT: return Cause::kNoEndpoint;
    case inference::v1::CAUSE_MODEL: return Cause::kModel;
    case inference::v1::CAUSE_DEACTIVATED: return Cause::kDeactivated;
    case inference::v1::CAUSE_NOT_INCLUDED: return Cause::kNotIncluded;
    case inference::v1::CAUSE_CREDENTIAL: return Cause::kCredential;
    case inference::v1::CAUSE_EXHAUSTED: return Cause::kExhausted;
    case inference::v1::CAUSE_RATE_LIMITED: return Cause::kRateLimited;
    case inference::v1::CAUSE_OVERLOADED: return Cause::kOverloaded;
    case inference::v1::CAUSE_SERVER_ERROR: return Cause::kServerError;
    case inference::v1::CAUSE_REGION: return Cause::kRegion;
    case inference::v1::CAUSE_TIMED_OUT: return Cause::kTimedOut;
    case inference::v1::CAUSE_UNSPECIFIED:
    case inference::v1::Cause_INT_MIN_SENTINEL_DO_NOT_USE_:
    case inference::v1::Cause_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return Cause::kUnknown;
}

Body ToBody(inference::v1::BodyKind kind) {
  switch (kind) {
    case inference::v1::BODY_KIND_EMPTY: return Body::kEmpty;
    case inference::v1::BODY_KIND_JSON: return Body::kJson;
    case inference::v1::BODY_KIND_HTML: return Body::kHtml;
    case inference::v1::BODY_KIND_OTHER: return Body::kOther;
    case inference::v1::BODY_KIND_UNSPECIFIED:
    case inference::v1::BodyKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case inference::v1::BodyKind_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return Body::kUnknown;
}

// Nothing for what asks nothing of us: a capability of a newer frontend is the provider's to refuse.
std::optional<Need> ToNeed(int capability) {
  switch (static_cast<v1::Capability>(capability)) {
    case v1::CAPABILITY_TOOLS: return Need::kTools;
    case v1::CAPABILITY_VISION: return Need::kVision;
    case v1::CAPABILITY_JSON_SCHEMA: return Need::kJsonSchema;
    case v1::CAPABILITY_UNSPECIFIED:
    case v1::Capability_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Capability_INT_MAX_SENTINEL_DO_NOT_USE_: break;
  }
  return std::nullopt;
}

v1::DenyReason ToProto(DenyCode code) {
  switch (code) {
    case DenyCode::kUnknownModel: return v1::DENY_REASON_UNKNOWN_MODEL;
    case DenyCode::kNoAccount: return v1::DENY_REASON_NO_ACCOUNT;
    case DenyCode::kExhausted: return v1::DENY_REASON_EXHAUSTED;
    case DenyCode::kThrottled: return v1::DENY_REASON_THROTTLED;
    case DenyCode::kQueueFull: return v1::DENY_REASON_QUEUE_FULL;
    case DenyCode::kQueueTimeout: return v1::DENY_REASON_QUEUE_TIMEOUT;
    case DenyCode::kRequestFault: return v1::DENY_REASON_REQUEST_FAULT;
    case DenyCode::kAttempts: return v1::DENY_REASON_ATTEMPTS;
    case DenyCode::kPath: return v1::DENY_REASON_PATH;
    case DenyCode::kKey: return v1::DENY_REASON_KEY;
    case DenyCode::kCapability: return v1::DENY_REASON_CAPABILITY;
    case DenyCode::kKeyTerms: return v1::DENY_REASON_KEY_TERMS;
    case DenyCode::kKeyRate: return v1::DENY_REASON_KEY_RATE;
    case DenyCode::kKeyBudget: return v1::DENY_REASON_KEY_BUDGET;
  }
  return v1::DENY_REASON_UNSPECIFIED;
}

v1::LoginState ToProto(LoginPhase phase) {
  switch (phase) {
    case LoginPhase::kBeginning: return v1::LOGIN_STATE_BEGINNING;
    case LoginPhase::kWaiting: return v1::LOGIN_STATE_WAITING;
    case LoginPhase::kExchanging:
    case LoginPhase::kKeeping: return v1::LOGIN_STATE_FINISHING;
    case LoginPhase::kDone: return v1::LOGIN_STATE_DONE;
    case LoginPhase::kFailed: return v1::LOGIN_STATE_FAILED;
  }
  return v1::LOGIN_STATE_UNSPECIFIED;
}

}  // namespace

v1::AccountState ToProto(AccountState state) {
  switch (state) {
    case AccountState::kActive: return v1::ACCOUNT_STATE_ACTIVE;
    case AccountState::kThrottled: return v1::ACCOUNT_STATE_THROTTLED;
    case AccountState::kExhausted: return v1::ACCOUNT_STATE_EXHAUSTED;
    case AccountState::kExpired: return v1::ACCOUNT_STATE_EXPIRED;
    case AccountState::kBanned: return v1::ACCOUNT_STATE_BANNED;
    case AccountState::kDisabled: return v1::ACCOUNT_STATE_DISABLED;
  }
  return v1::ACCOUNT_STATE_UNSPECIFIED;
}

FailureFacts ToFacts(const inference::v1::Failure& failure) {
  FailureFacts facts;
  facts.stage = ToStage(failure.stage());
  facts.http_status = std::clamp(failure.http_status(), 0, 599);
  facts.cause = ToCause(failure.cause());
  facts.code = failure.code();
  facts.type = failure.type();
  facts.message = failure.message().substr(0, kMessageBytes);
  facts.body = ToBody(failure.body_kind());
  // A provider's code can only come out of a document.
  if (facts.body == Body::kUnknown && !(failure.code().empty() && failure.type().empty())) facts.body = Body::kJson;
  facts.challenge = failure.challenge();
  if (failure.has_retry_after()) facts.retry_after = std::max(ToMilliseconds(failure.retry_after()), milliseconds(0));
  if (failure.has_resets_at()) facts.resets_at = ToWallTime(failure.resets_at());
  return facts;
}

CallWish ToWish(const v1::Acquire& acquire) {
  CallWish wish;
  wish.request = RequestId(acquire.request_id());
  wish.model = acquire.model();
  wish.effort = acquire.reasoning_effort();
  wish.affinity_key = acquire.affinity_key();
  wish.client_key = ClientKeyId(acquire.client_key_id());
  wish.pinned = AccountId(acquire.pinned_account());
  for (const int capability : acquire.capabilities()) {
    if (const auto need = ToNeed(capability)) wish.needs.push_back(*need);
  }
  wish.dialect = acquire.dialect();
  wish.needs_relay = acquire.needs_relay();
  wish.on_socket = acquire.on_socket();
  if (acquire.has_max_wait()) wish.max_wait = ToMilliseconds(acquire.max_wait());
  wish.service_tier = acquire.service_tier();
  wish.source = acquire.source();
  wish.input_tokens = acquire.input_tokens();
  wish.max_output_tokens = acquire.max_output_tokens();
  if (acquire.has_thinking_budget_tokens()) wish.thinking_budget = acquire.thinking_budget_tokens();
  return wish;
}

DeclaredLease ToDeclared(const v1::Redeclare::OpenLease& lease) {
  return {LeaseId(lease.lease_id()),
          RequestId(lease.request_id()),
          AccountId(lease.account()),
          ClientKeyId(lease.client_key_id()),
          lease.model(),
          lease.provider(),
          lease.wire_model(),
          lease.fallback_model(),
          lease.service_tier(),
          lease.input_tokens(),
          lease.max_output_tokens()};
}

RetryArgs ToRetry(const v1::Retry& retry) {
  RetryArgs args;
  args.request = RequestId(retry.request_id());
  args.lease = LeaseId(retry.lease_id());
  args.failure = ToFacts(retry.failure());
  args.quota = ToFacts(retry.rate_limits());
  if (retry.has_max_wait()) args.max_wait = ToMilliseconds(retry.max_wait());
  return args;
}

Settlement ToSettlement(const v1::Settle& settle) {
  Settlement settlement;
  settlement.outcome.lease = LeaseId(settle.lease_id());
  settlement.outcome.succeeded = settle.outcome() == v1::OUTCOME_SUCCEEDED;
  if (settle.has_failure() && settle.outcome() != v1::OUTCOME_ABANDONED) {
    settlement.outcome.failure = ToFacts(settle.failure());
  }
  settlement.outcome.quota = ToFacts(settle.rate_limits());
  settlement.row = ToUsageRecord(settle);
  settlement.outcome.first_token = settlement.row.first_output;
  settlement.outcome.input_tokens = settlement.row.input_tokens;
  settlement.uncounted = settle.uncounted();
  settlement.end = ToEnd(settle);
  settlement.end.failure = settlement.row.failure;
  return settlement;
}

void WriteGranted(const Granted& granted, v1::Granted* out) {
  out->set_request_id(granted.request.str());
  out->set_lease_id(granted.lease.str());
  out->set_account(granted.account.str());
  out->set_account_label(granted.label);
  out->set_provider(granted.provider);
  out->set_wire_model(granted.wire_model);
  out->set_credential_version(granted.credential_version);
  out->set_attempt(granted.attempt);
  out->set_reason(granted.reason);
  out->set_without_sealed_reasoning(granted.without_sealed_reasoning);
  out->set_callers_login(granted.callers_login);
  if (granted.terms) {
    out->set_reasoning_effort(granted.terms->effort);
    out->set_service_tier(granted.terms->service_tier);
    out->set_effort_fitted(granted.terms->effort_fitted);
    out->set_dialect(granted.terms->dialect);
    out->set_relay(granted.terms->relay);
    out->set_fallback_model(granted.terms->fallback_model);
  }
}

void WritePausedWay(const PausedWay& way, v1::PausedWay* out) {
  out->set_provider(way.provider);
  out->set_egress(way.egress);
  out->set_wire_model(way.wire_model);
  out->set_evidence(way.evidence);
  SetTimestamp(way.next_try_at, out->mutable_next_try_at());
  out->set_conversations(static_cast<std::int32_t>(way.conversations));
  out->set_client_keys(static_cast<std::int32_t>(way.client_keys));
}

void WriteDenied(const Denied& denied, v1::Denied* out) {
  out->set_request_id(denied.request.str());
  out->set_reason(ToProto(denied.code));
  out->set_message(denied.message);
  out->set_accounts(denied.summary);
  if (denied.retry_after) SetDuration(*denied.retry_after, out->mutable_retry_after());
  if (denied.available_at) SetTimestamp(*denied.available_at, out->mutable_available_at());
  out->set_without_socket(denied.without_socket);
}

void WriteModel(const ListedModel& listed, v1::ModelInfo* out) {
  const Model& model = listed.model;
  out->set_id(model.id);
  out->set_provider(model.provider);
  out->set_display_name(model.display_name);
  out->set_description(model.description);
  out->set_context_window(model.context_window);
  out->set_max_output(model.max_output);
  out->set_vision(model.vision.value_or(true));
  out->set_tools(model.tools.value_or(true));
  out->set_input_price(model.input_price);
  out->set_cached_input_price(model.cached_input_price);
  out->set_output_price(model.output_price);
  for (const std::string& effort : model.efforts) out->add_reasoning_efforts(effort);
  out->mutable_created_at()->set_seconds(model.created_at);
  out->set_default_reasoning_effort(model.default_effort);
  for (const std::string& tier : model.service_tiers) out->add_service_tiers(tier);
  out->set_hidden(model.hidden);
  out->set_priority(model.priority);
  for (const std::string& plan : model.plans) out->add_plans(plan);
  out->set_live(model.live());
  out->set_provider_entry_json(model.entry);
  out->set_owner(listed.owner);
  out->set_alias_of(listed.alias_of);
  out->set_embeddings(listed.embeddings);
}

void WriteModels(const ModelBook& models, v1::ListModelsReply* out) {
  for (const ListedModel& listed : models.List()) WriteModel(listed, out->add_models());
  for (const ListedModel& listed : models.ClaudeNames()) WriteModel(listed, out->add_claude_names());
  out->set_pending(models.Pending());
}

void WriteLogin(const LoginView& view, const Provider* provider, v1::Login* out) {
  const LoginRecord& record = view.record;
  out->set_id(record.id.str());
  out->set_provider(record.provider);
  out->set_state(ToProto(record.phase));
  out->set_revision(view.revision);
  out->set_created(view.created);
  out->set_problem(view.problem);
  if (provider != nullptr && !provider->CanBeCalled()) {
    out->set_note("patchbay cannot call " + provider->title() +
                  " yet: the account is kept and its tokens are renewed, and no model of it is served");
  }
  if (record.phase != LoginPhase::kWaiting) return;
  SetTimestamp(record.ends_at, out->mutable_expires_at());
  if (record.by_device) {
    out->set_verification_url(record.device.page);
    out->set_user_code(record.device.user_code);
  } else if (provider != nullptr) {
    const auto& oauth = provider->row.auth().oauth();
    for (const int port : oauth.redirect_ports()) {
      auto* redirect = out->add_redirects();
      redirect->set_port(port);
      redirect->set_path(oauth.redirect_path());
      redirect->set_authorize_url(AuthorizeUrl(provider->row, RedirectUri(oauth, port), record.verifier, record.state));
    }
  }
}

void WriteAccount(const AccountView& view, v1::Account* out) {
  if (view.stored == nullptr) return;
  const StoredAccount& stored = *view.stored;
  const PoolAccount* pooled = view.pooled;
  out->set_ref(stored.ref.str());
  out->set_label(stored.label);
  out->set_provider(stored.provider);
  out->set_provider_account_id(stored.provider_account_id);
  out->set_email(stored.email);
  out->set_plan(stored.plan);
  out->set_configured_by(stored.configured_by);
  out->set_shared_file(stored.login_file);
  if (!stored.login_file.empty()) out->set_shared_file_problem(view.login_file_problem);
  out->set_priority(stored.priority);
  out->set_weight(stored.weight);
  out->mutable_tags()->Assign(stored.tags.begin(), stored.tags.end());
  out->set_slots(view.slots);
  out->set_has_refresh_token(!stored.tokens.refresh.empty());
  out->set_requests_total(stored.requests_total);
  SetTimestamp(stored.created_at, out->mutable_created_at());
  if (view.token_expires_at) SetTimestamp(*view.token_expires_at, out->mutable_token_expires_at());
  if (view.refresh_unanswered_since)
    SetTimestamp(*view.refresh_unanswered_since, out->mutable_refresh_unanswered_since());
  auto last_used_at = stored.last_used_at;
  if (pooled == nullptr) {
    out->set_state(v1::ACCOUNT_STATE_UNSPECIFIED);
  } else {
    AccountState state = pooled->state();
    out->set_evidence(pooled->mark.evidence);
    if (state == AccountState::kActive && pooled->token_expired(view.now) && !pooled->facts.has_refresh_token) {
      state = AccountState::kExpired;
      out->set_evidence("its access token has expired and it has no refresh token");
    }
    out->set_state(ToProto(state));
    out->set_leases_open(pooled->open);
    SetTimestamp(pooled->mark.since, out->mutable_state_since());
    if (pooled->mark.until) SetTimestamp(*pooled->mark.until, out->mutable_state_until());
    WriteQuota(pooled->quota, view.now, out);
    if (pooled->last_used_at && (!last_used_at || *last_used_at < *pooled->last_used_at))
      last_used_at = pooled->last_used_at;
  }
  if (last_used_at) SetTimestamp(*last_used_at, out->mutable_last_used_at());
}

}  // namespace patchbay::accounts
