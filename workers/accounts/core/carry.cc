// What the pool says, carried to whom it concerns: frontends, the store, the log, whoever asks providers.
#include "lib/events/kinds.h"
#include "lib/log/log.h"
#include "lib/time/time_text.h"
#include "workers/accounts/core/core.h"

namespace patchbay::accounts {

void Core::Carry(PoolEvents events) {
  for (PoolEvent& event : events) uncarried_.push_back(std::move(event));
  if (carrying_) return;  // the loop below takes them
  carrying_ = true;
  while (!uncarried_.empty()) {
    for (PoolEvent& event : std::exchange(uncarried_, {})) {
      std::visit([this](auto& what) { Carry(what); }, event);
    }
  }
  carrying_ = false;
  key_calls_.ServeFreed();
  if ((pool_.queued() > 0 || key_calls_.waiting() > 0) && !ticking_fast_) tick_.cancel();
}

void Core::Carry(const Granted& event) {
  traces_.Take(event, clock_.Now());
  ++granted_total_;
  if (replies_.granted) replies_.granted(event);
}

void Core::Carry(const Denied& event) {
  ++denied_total_;
  traces_.Take(event, clock_.Now());
  if (log::Enabled(log::Level::kInfo)) {
    std::string accounts;
    for (const Explanation& explanation : event.accounts) {
      if (accounts.size() > 1000) break;
      if (!accounts.empty()) accounts += "; ";
      accounts += explanation.account.str() + ": " + explanation.reason;
    }
    log::Info("lease.denied", {{"request_id", event.request},
                               {"reason", ToString(event.code)},
                               {"message", event.message},
                               {"accounts", accounts}});
  }
  if (!replies_.denied) return;
  if (event.code != DenyCode::kUnknownModel) return replies_.denied(event);
  Denied told = event;
  told.message = models_.UnknownModel(event.model);
  replies_.denied(told);
}

void Core::Carry(const MarkChanged& event) {
  quotas_.StateChanged();
  const log::Fields fields = {{"account", event.account},
                              {"from", ToString(event.from)},
                              {"to", ToString(event.mark.state)},
                              {"evidence", event.mark.evidence},
                              {"until", event.mark.until ? Rfc3339(*event.mark.until) : std::string()},
                              {"request_id", event.mark.request}};
  if (event.mark.state == AccountState::kActive) {
    log::Info("account.state", fields);
  } else {
    log::Warn("account.state", fields);
  }
  if (const auto kind = KindOf(event.from, event.mark.state); kind && tell_) {
    const PoolAccount* account = pool_.Find(event.account);
    tell_({*kind,
           event.account,
           account == nullptr ? std::string() : account->facts.provider,
           {},
           {},
           event.mark.evidence,
           event.mark.until,
           event.mark.request});
  }
  storage_.Submit([account = event.account, mark = event.mark](Store& store) { return store.PutMark(account, mark); },
                  [account = event.account](Result<void> written) {
                    // A mark is a belief; when it is lost, the next call learns it again.
                    if (!written.ok())
                      log::Warn("account.state_not_kept", {{"account", account}, {"error", written.error().message}});
                  });
}

void Core::Carry(const LimitSpent& event) {
  quotas_.StateChanged();
  log::Warn("quota.limit_spent", {{"account", event.account},
                                  {"model", event.wire_model},
                                  {"limit", event.spent.limit},
                                  {"evidence", event.spent.evidence},
                                  {"until", Rfc3339(event.spent.until)}});
}

void Core::Carry(const ModelRefused& event) {
  log::Info("model.refused", {{"account", event.account}, {"model", event.wire_model}});
  models_.RefusalLearnt();
}

void Core::Carry(const OverloadHeld& event) {
  log::Warn("account.overloaded", {{"account", event.account},
                                   {"evidence", event.evidence},
                                   {"last_choice_until", Rfc3339(event.until)},
                                   {"times", event.trips}});
}

void Core::Carry(const Judged& event) {
  traces_.Take(event, clock_.Now());
  log::Info("call.failed", {{"request_id", event.request},
                            {"account", event.account},
                            {"failure", event.failure},
                            {"rule", event.rule},
                            {"fault", ToString(event.fault)},
                            {"effect", ToString(event.effect)},
                            {"evidence", ToString(event.evidence)}});
}

void Core::Carry(const AffinityMoved& event) {
  log::Info("affinity.moved",
            {{"request_id", event.request}, {"from", event.from}, {"to", event.to}, {"why", event.why}});
}

void Core::Carry(const LeaseLapsed& event) {
  const HeldLease& held = event.held;
  traces_.Ended(held.frontend, held.request, {"lost", "its frontend ended with the call", {}, {}, {}, {}},
                clock_.Now());
  log::Warn("lease.lapsed", {{"lease", held.lease}, {"account", held.account}, {"frontend", held.frontend}});
  WriteLost(held, "the frontend ended with the call; what was used is not known");
}

void Core::Carry(const RefreshWanted& event) { refresher_.Want(event.account, event.why); }

void Core::Carry(const UsageWanted& event) { spawn_("usage.check", checks_.Check(event.account)); }

void Core::Carry(const Happened& event) {
  if (event.kind == events::v1::EVENT_KIND_QUOTA_LOW) ++quota_warnings_total_;
  if (event.kind == events::v1::EVENT_KIND_BUDGET_LOW) ++budget_warnings_total_;
  const log::Level level =
      events::FactsOf(event.kind).severity() == events::v1::SEVERITY_INFO ? log::Level::kInfo : log::Level::kWarn;
  if (log::Enabled(level)) {
    log::Write(level, "event",
               {{"kind", events::NameOf(event.kind)},
                {"provider", event.provider},
                {"account", event.account},
                {"client_key", event.client_key},
                {"part", event.part},
                {"evidence", event.evidence}});
  }
  if (tell_) tell_(event);
}

}  // namespace patchbay::accounts
