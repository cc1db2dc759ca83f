#include "workers/upstream/call/answer_facts.h"

namespace patchbay::upstream {

namespace inf = inference::v1;

void Merge(const inf::RateLimits& update, inf::RateLimits& limits) {
  if (!update.plan().empty()) limits.set_plan(update.plan());
  if (!update.active_limit().empty()) limits.set_active_limit(update.active_limit());
  limits.set_limit_reached(limits.limit_reached() || update.limit_reached());
  if (update.has_credits()) *limits.mutable_credits() = update.credits();
  for (const auto& [id, name] : update.limit_names()) (*limits.mutable_limit_names())[id] = name;
  for (const inf::RateLimitWindow& window : update.windows()) {
    inf::RateLimitWindow* place = nullptr;
    for (inf::RateLimitWindow& known : *limits.mutable_windows()) {
      if (known.name() == window.name() && known.length().seconds() == window.length().seconds()) place = &known;
    }
    *(place == nullptr ? limits.add_windows() : place) = window;
  }
}

v1::Head VisibleHead(const Dialect& dialect, const ResponseHead& head) {
  v1::Head visible;
  visible.set_status(head.status);
  for (const Header& header : head.headers) {
    if (!dialect.IsVisibleHeader(header.name) || !IsSafeHeaderValue(header.value)) continue;
    v1::Header& out = dialect.IsQuotaHeader(header.name) ? *visible.add_quota_headers() : *visible.add_headers();
    out.set_name(header.name);
    out.set_value(header.value);
  }
  return visible;
}

inf::Failure FailureOf(const TransportFailure& failed) {
  inf::Failure failure;
  failure.set_stage(failed.stage);
  failure.set_message(failed.message);
  if (failed.timed_out) failure.set_cause(inf::CAUSE_TIMED_OUT);
  return failure;
}

void TakeSummary(const ResponseSummary& summary, int status, v1::End& end) {
  end.set_response_id(summary.response_id);
  end.set_served_model(summary.model);
  end.set_finish_reason(summary.finish_reason);
  if (summary.has_usage) *end.mutable_usage() = summary.usage;
  if (summary.has_rate_limits) Merge(summary.rate_limits, *end.mutable_rate_limits());
  if (!summary.failed) return;
  *end.mutable_failure() = summary.failure;
  if (summary.failure.http_status() == 0) end.mutable_failure()->set_http_status(status);
}

inference::v1::Failure NoCallersLogin(const Provider& provider) {
  inference::v1::Failure failure;
  failure.set_stage(inference::v1::FAILURE_STAGE_STATUS);
  failure.set_http_status(401);
  failure.set_cause(inference::v1::CAUSE_CREDENTIAL);
  failure.set_message("this model is served with your own login at " + provider.name +
                      ": send it as 'Authorization: Bearer …', and the key of this gateway as 'x-patchbay-key'");
  return failure;
}

}  // namespace patchbay::upstream
