// The life of a lease: acquired, retried, settled, declared again, lapsed.
#include <algorithm>

#include "lib/base/check.h"
#include "workers/accounts/pool/pool.h"

namespace patchbay::accounts {
namespace {

// Our own processes' failures do not use up a request's attempts, but they have a bound of their own.
constexpr int kGatewayRetriesMax = 5;

}  // namespace

PoolEvents AccountPool::Acquire(const AcquireArgs& args, const Moment& now) {
  if (Request* known = Latest(args.frontend, args.request); known != nullptr && known->epoch != args.epoch) {
    // Asked again after a reconnect: the answer was lost on the way.
    if (!known->lease.empty() && known->grant) {
      known->epoch = args.epoch;
      leases_.at(known->lease).lapses_at.reset();
      events_.push_back(*known->grant);
      return Said();
    }
    if (known->waiting) {
      queue_.Remove(known->client_key, known->serial);
      Erase(known->serial);
    }
  }
  // The same id twice on one connection is two requests: clients may choose ids.
  const std::uint64_t serial = next_serial_++;
  Request& request = requests_[serial] = RequestOf(args, now);
  request.serial = serial;
  if (request.others != nullptr) StayWithProvider(request, now);
  if (request.hold != nullptr) {
    PATCHBAY_CHECK(request.hold->MoveTo(HeldForOf(request.provider, request.wire_model, request.terms), now));
  }
  latest_[RequestKey(args.frontend, args.request)] = serial;
  Serve(request, false, now);
  return Said();
}

AccountPool::Request AccountPool::RequestOf(const AcquireArgs& args, const Moment& now) const {
  Request request;
  request.frontend = args.frontend;
  request.epoch = args.epoch;
  request.id = args.request;
  request.provider = args.provider;
  request.wire_model = args.wire_model;
  request.affinity_key = args.affinity_key;
  request.client_key = args.client_key;
  request.pinned = args.pinned;
  request.tags = args.tags;
  request.kept_for = KeptFor(settings_.reserves, args.key_name);
  request.terms = args.terms;
  request.lacking_plans = args.lacking_plans;
  request.others = args.others;
  request.without_socket = args.without_socket;
  request.hold = args.hold;
  const auto wait = args.max_wait && args.max_wait->count() > 0 ? std::min(*args.max_wait, settings_.queue_wait)
                                                                : settings_.queue_wait;
  request.deadline = now.steady + wait;
  return request;
}

void AccountPool::TakeTerms(Request& request, const ModelTerms& terms) {
  request.provider = terms.provider;
  request.wire_model = terms.wire_model;
  request.lacking_plans = terms.lacking_plans;
  request.terms = terms.terms;
}

// A conversation goes on where it began: the other provider could not read what this one has sealed, nor has it cached.
void AccountPool::StayWithProvider(Request& request, const Moment& now) const {
  const auto bound = affinity_.Peek(request.affinity_key, now.steady);
  const PoolAccount* account = bound ? Find(*bound) : nullptr;
  if (account == nullptr || account->facts.provider == request.provider) return;
  std::vector<ModelTerms> order = *request.others;
  const auto its = std::find_if(order.begin(), order.end(),
                                [&](const ModelTerms& terms) { return terms.provider == account->facts.provider; });
  if (its == order.end()) return;
  const ModelTerms first = *its;
  order.erase(its);
  order.insert(order.begin(), {request.provider, request.wire_model, request.lacking_plans, request.terms});
  TakeTerms(request, first);
  request.others = std::make_shared<const std::vector<ModelTerms>>(std::move(order));
}

PoolEvents AccountPool::Retry(const RetryArgs& args, const Moment& now) {
  const auto found = leases_.find(args.lease);
  if (found == leases_.end()) {
    Request* known = Latest(args.frontend, args.request);
    if (known != nullptr && known->replaced == args.lease) {
      known->epoch = args.epoch;
      if (!known->lease.empty() && known->grant) {
        leases_.at(known->lease).lapses_at.reset();
        events_.push_back(*known->grant);
      }
      return Said();  // else it still waits, and its answer will come
    }
    Request none;
    none.frontend = args.frontend;
    none.id = args.request;
    events_.push_back(MakeDenied(none, DenyCode::kAttempts, "this lease is not open any more", now));
    return Said();
  }
  const Lease lease = found->second;
  Request& request = requests_.at(lease.request);
  EndLease(args.lease);
  request.epoch = args.epoch;
  request.lease = LeaseId();
  request.grant.reset();
  request.replaced = args.lease;
  if (args.max_wait && args.max_wait->count() > 0) {
    request.deadline = now.steady + std::min(*args.max_wait, settings_.queue_wait);
  }

  Verdict verdict = Classify(args.failure, args.quota, now.wall, settings_.verdicts, request.provider);
  request.failure = Describe(args.failure);
  Next next = NextOf(request, verdict);
  if (PoolAccount* account = Get(lease.account)) {
    LearnLimits(*account, args.quota, request.wire_model);
    MergeQuota(*account, args.quota, lease.granted_at, now);
    next = Judge(request, *account, lease.credential_version, args.failure, args.quota, verdict, now);
    SkipExhausted(*account, args.quota, now);
    if (next == Next::kElsewhere) {
      if (const auto wait = WaitInPlace(request, *account, verdict, now)) {
        next = Next::kInPlace;
        account->patience.Add(CallerOf(request), *wait);
        request.stay = Stay{lease.account, "the same again after a moment", now.steady + *wait, true};
        request.waited_in_place += *wait;
      }
    }
  }
  request.verdict = verdict;
  if (next == Next::kStop) {
    Denied denied = MakeDenied(request, DenyCode::kRequestFault, request.failure, now);
    if (verdict.until) {
      denied.available_at = verdict.until;
      denied.retry_after = *verdict.until - now.wall;
    }
    Deny(request, std::move(denied));
    if (prospects_changed_) CheckWaiting(now);
    Pump(now);
    return Said();
  }
  // What an account says of itself is no failure of the request: it goes round until one serves.
  if (next == Next::kInPlace || (next == Next::kElsewhere && verdict.evidence == Evidence::kStrong)) {
    ++request.attempts_free;
  }
  bool attempts_left = true;
  const bool below_max = AttemptsCounted(request) < settings_.attempts_max;
  if (verdict.fault == Fault::kGateway) {
    --request.attempts;  // it was none
    attempts_left = ++request.gateway_retries <= kGatewayRetriesMax;
  } else if (next == Next::kElsewhere) {
    attempts_left = below_max;
  } else if (next == Next::kUnsealed) {
    attempts_left = below_max;
    request.unsealed = true;
    request.stay = Stay{lease.account, "without sealed reasoning"};
  } else if (next == Next::kInPlace) {
    ++request.in_place;
    in_place_.insert(request.serial);
  } else {
    --request.attempts;  // the same attempt goes on, with a new token
    request.stay = Stay{lease.account, "refreshed"};
  }
  const bool model_refused = verdict.effect == Effect::kModelUnsupported;
  if (next == Next::kElsewhere) {
    // An account that refuses the model may do for the next one.
    auto& shunned = model_refused                              ? request.refused
                    : verdict.elsewhere == Elsewhere::kSameToo ? request.avoid
                                                               : request.tried;
    shunned.insert(lease.account);
  }
  if (attempts_left || (model_refused && TakeNextModel(request, now))) {
    Serve(request, true, now);
  } else if (auto denied = Hopeless(request, now)) {
    Deny(request, std::move(*denied));
  } else if (model_refused) {
    Deny(request, MakeDenied(request, DenyCode::kUnknownModel, "no account asked can serve it", now));
  } else {
    Deny(request, MakeDenied(request, DenyCode::kAttempts, "every attempt failed; the last: " + request.failure, now));
  }
  if (prospects_changed_) CheckWaiting(now);
  Pump(now);
  return Said();
}

PoolEvents AccountPool::Settle(const SettleArgs& args, const Moment& now) {
  const auto found = leases_.find(args.lease);
  if (found == leases_.end()) return Said();
  const Lease lease = found->second;
  EndLease(args.lease);
  Request& request = requests_.at(lease.request);
  if (PoolAccount* account = Get(lease.account)) {
    LearnLimits(*account, args.quota, request.wire_model);
    MergeQuota(*account, args.quota, lease.granted_at, now);
    if (args.succeeded) {
      Answered(request, *account, Answer::kServed, now);
      account->model_refusals.erase(request.wire_model);
      account->checks = 0;
      if (args.first_token && args.input_tokens <= UsualFirstTokens::kInputTokensMax) {
        const auto above = usual_first_tokens_.Seen(account->facts.provider, request.wire_model, *args.first_token);
        if (above) account->slowness.Seen(*above, now.wall);
      }
      if (lease.granted_at >= account->mark.since) {
        account->throttles = {};
        account->patience = {};
        account->suspicions = {};
        account->contradiction = {};
      }
    }
    if (args.failure) {
      Verdict verdict = Classify(*args.failure, args.quota, now.wall, settings_.verdicts, request.provider);
      request.failure = Describe(*args.failure);
      (void)Judge(request, *account, lease.credential_version, *args.failure, args.quota, verdict, now);
    } else if (args.quota.limit_reached && !account->facts.is_callers && account->mark.state == AccountState::kActive) {
      Verdict verdict{"limit_reached", Fault::kAccount,   Effect::kExhaust,
                      Elsewhere::kNo,  Evidence::kStrong, account->quota.FullUntil(now.wall)};
      Mark mark{AccountState::kExhausted, "limit reached, reported with an answer", now.wall, verdict.until,
                request.id};
      (void)Blame(request, *account, std::move(mark), "limit_reached", verdict, now);
    }
    SkipExhausted(*account, args.quota, now);
  }
  Erase(lease.request);
  if (prospects_changed_) CheckWaiting(now);
  Pump(now);
  return Said();
}

void AccountPool::Withdraw(const FrontendId& frontend, const RequestId& id) {
  Request* request = Latest(frontend, id);
  if (request == nullptr || !request->waiting) return;
  queue_.Remove(request->client_key, request->serial);
  Erase(request->serial);
}

void AccountPool::Redeclare(const FrontendId& frontend, std::uint64_t epoch, const std::vector<OpenLease>& open,
                            const Moment& now) {
  // Whatever an earlier connection of this frontend had waiting is asked again on this one.
  if (const auto before = frontends_.find(frontend); before != frontends_.end()) Gone(frontend, before->second, now);
  frontends_[frontend] = epoch;
  for (const OpenLease& declared : open) {
    if (const auto known = leases_.find(declared.lease); known != leases_.end()) {
      known->second.lapses_at.reset();
      known->second.frontend = frontend;
      requests_.at(known->second.request).epoch = epoch;
      continue;
    }
    // A lease that a Retry has already replaced: its answer was lost, and the Retry will come again.
    const Request* request = Latest(frontend, declared.request);
    if (request != nullptr && request->replaced == declared.lease) continue;
    Adopt({declared.lease, declared.request, declared.account, frontend, declared.client_key, declared.provider,
           declared.wire_model, 1, now.wall, declared.terms},
          declared.hold, epoch, std::nullopt);
  }
}

void AccountPool::Resume(const HeldLease& held, std::shared_ptr<CallHold> hold, const Moment& now) {
  if (!leases_.contains(held.lease)) Adopt(held, std::move(hold), 0, now.steady + settings_.lease_grace);
}

std::shared_ptr<CallHold> AccountPool::HoldOf(const LeaseId& lease) const {
  const auto found = leases_.find(lease);
  return found == leases_.end() ? nullptr : requests_.at(found->second.request).hold;
}

bool AccountPool::IsGranted(const FrontendId& frontend, const RequestId& id, std::uint64_t epoch) {
  const Request* known = Latest(frontend, id);
  return known != nullptr && known->epoch != epoch && !known->lease.empty() && known->grant.has_value();
}

HeldFor AccountPool::HeldForOf(const std::string& provider, const std::string& wire_model,
                               const std::shared_ptr<const CallTerms>& terms) {
  return {provider, wire_model, terms ? std::string_view(terms->service_tier) : std::string_view()};
}

void AccountPool::Adopt(const HeldLease& held, std::shared_ptr<CallHold> hold, std::uint64_t epoch,
                        std::optional<SteadyTime> lapses_at) {
  const std::uint64_t serial = next_serial_++;
  Request& request = requests_[serial];
  request.serial = serial;
  request.frontend = held.frontend;
  request.epoch = epoch;
  request.id = held.request;
  request.provider = held.provider;
  request.wire_model = held.wire_model;
  request.client_key = held.client_key;
  request.terms = held.terms;
  request.hold = std::move(hold);
  request.attempts = held.attempts;
  request.lease = held.lease;
  latest_[RequestKey(held.frontend, held.request)] = serial;
  std::int64_t version = 0;
  if (PoolAccount* account = Get(held.account)) {
    ++account->open;
    version = account->facts.credential_version;
  }
  leases_[held.lease] = {held.lease, held.account, serial, held.frontend, version, held.granted_at, lapses_at};
}

void AccountPool::Gone(const FrontendId& frontend, std::uint64_t epoch, const Moment& now) {
  const auto current = frontends_.find(frontend);
  if (current == frontends_.end() || current->second != epoch) return;
  frontends_.erase(current);
  for (auto& [id, lease] : leases_) {
    if (lease.frontend == frontend && !lease.lapses_at) lease.lapses_at = now.steady + settings_.lease_grace;
  }
  ForgetWaiting(frontend);
}

PoolEvents AccountPool::Ended(const FrontendId& frontend, const Moment& now) {
  frontends_.erase(frontend);
  ForgetWaiting(frontend);
  std::vector<LeaseId> lapsed;
  for (const auto& [id, lease] : leases_) {
    if (lease.frontend == frontend) lapsed.push_back(id);
  }
  Lapse(lapsed);
  Pump(now);
  return Said();
}

void AccountPool::ForgetWaiting(const FrontendId& frontend) {
  std::vector<std::uint64_t> waiting;
  for (const auto& [serial, request] : requests_) {
    if (request.waiting && request.frontend == frontend) waiting.push_back(serial);
  }
  for (const std::uint64_t serial : waiting) {
    queue_.Remove(requests_.at(serial).client_key, serial);
    Erase(serial);
  }
}

HeldLease AccountPool::HeldOf(const Lease& lease) const {
  const Request& request = requests_.at(lease.request);
  return {lease.id,           request.id,       lease.account,      lease.frontend,
          request.client_key, request.provider, request.wire_model, std::max(1, request.attempts),
          lease.granted_at,   request.terms};
}

std::optional<HeldLease> AccountPool::Held(const LeaseId& lease) const {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return std::nullopt;
  return HeldOf(found->second);
}

std::vector<HeldLease> AccountPool::Held(WallTime granted_by, const std::unordered_set<LeaseId>& except) const {
  std::vector<HeldLease> held;
  for (const auto& [id, lease] : leases_) {
    if (lease.granted_at <= granted_by && !except.contains(id)) held.push_back(HeldOf(lease));
  }
  return held;
}

std::set<FrontendId> AccountPool::Frontends() const {
  std::set<FrontendId> frontends;
  for (const auto& [frontend, epoch] : frontends_) frontends.insert(frontend);
  for (const auto& [id, lease] : leases_) frontends.insert(lease.frontend);
  return frontends;
}

void AccountPool::Lapse(const std::vector<LeaseId>& leases) {
  for (const LeaseId& id : leases) {
    const Lease lease = leases_.at(id);
    events_.push_back(LeaseLapsed{HeldOf(lease)});
    EndLease(id);
    Erase(lease.request);
  }
}

void AccountPool::EndLease(const LeaseId& id) {
  const auto found = leases_.find(id);
  if (found == leases_.end()) return;
  if (PoolAccount* account = Get(found->second.account)) --account->open;
  leases_.erase(found);
}

void AccountPool::Erase(std::uint64_t serial) {
  const auto found = requests_.find(serial);
  if (found == requests_.end()) return;
  in_place_.erase(serial);
  const auto latest = latest_.find(RequestKey(found->second.frontend, found->second.id));
  if (latest != latest_.end() && latest->second == serial) latest_.erase(latest);
  requests_.erase(found);
}

}  // namespace patchbay::accounts
