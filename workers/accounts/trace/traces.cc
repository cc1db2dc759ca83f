#include "workers/accounts/trace/traces.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"

namespace patchbay::accounts {
namespace {

void Cut(std::string& text) {
  if (text.size() > Traces::kTextBytes) text = Printable(text, Traces::kTextBytes);
}

void Cut(std::vector<std::string>& texts) {
  if (texts.size() > Traces::kTexts) texts.resize(Traces::kTexts);
  for (std::string& text : texts) Cut(text);
}

}  // namespace

void Traces::Configure(std::size_t requests_max) {
  requests_max_ = requests_max;
  while (order_.size() > requests_max_) {
    const Trace& oldest = order_.back().trace;
    const auto latest = latest_.find(KeyOf(oldest.frontend, oldest.request));
    if (latest != latest_.end() && latest->second == std::prev(order_.end())) latest_.erase(latest);
    order_.pop_back();
  }
}

std::string Traces::KeyOf(const FrontendId& frontend, const RequestId& request) {
  return frontend.str() + '\n' + request.str();
}

Traces::Kept* Traces::Latest(const FrontendId& frontend, const RequestId& request) {
  if (requests_max_ == 0) return nullptr;
  const auto found = latest_.find(KeyOf(frontend, request));
  return found == latest_.end() ? nullptr : &*found->second;
}

void Traces::Asked(Trace trace, std::uint64_t epoch, WallTime now) {
  if (requests_max_ == 0) return;
  Kept* known = Latest(trace.frontend, trace.request);
  if (known != nullptr && !known->over && known->epoch != epoch) {
    known->epoch = epoch;
    return;
  }
  Cut(trace.model);
  Cut(trace.affinity_key);
  trace.asked_at = now;
  order_.push_front({std::move(trace), epoch, false});
  const Trace& newest = order_.front().trace;
  latest_[KeyOf(newest.frontend, newest.request)] = order_.begin();
  Configure(requests_max_);
}

void Traces::Add(Kept* kept, decltype(TraceStep::what) what, bool over, WallTime now) {
  if (kept == nullptr) return;
  Trace& trace = kept->trace;
  kept->over = over;
  if (trace.steps.size() >= kSteps) {
    // The beginning says why it went wrong, and the end what came of it.
    trace.steps.pop_back();
    ++trace.steps_left_out;
  }
  trace.steps.push_back({std::max(now - trace.asked_at, std::chrono::milliseconds(0)), std::move(what)});
}

void Traces::Take(Considered event, WallTime now) {
  Kept* kept = Latest(event.frontend, event.request);
  Add(kept, std::move(event), false, now);
}

void Traces::Take(const Granted& event, WallTime now) { Add(Latest(event.frontend, event.request), event, false, now); }

void Traces::Take(const Judged& event, WallTime now) {
  Kept* kept = Latest(event.frontend, event.request);
  Add(kept, event, kept != nullptr && kept->over, now);
}

void Traces::Take(Denied event, WallTime now) {
  if (event.accounts.size() > kExplained) event.accounts.resize(kExplained);
  Kept* kept = Latest(event.frontend, event.request);
  Add(kept, std::move(event), true, now);
}

void Traces::Ended(const FrontendId& frontend, const RequestId& request, TracedEnd end, WallTime now) {
  Cut(end.failure);
  Cut(end.served_model);
  Cut(end.notes.ignored);
  Cut(end.notes.repaired);
  const bool over = end.outcome != "retried";
  Kept* kept = Latest(frontend, request);
  // An attempt whose retry was denied is settled, too; its end was told before the denial.
  if (kept != nullptr && !kept->trace.steps.empty() && std::holds_alternative<Denied>(kept->trace.steps.back().what)) {
    return;
  }
  Add(kept, std::move(end), over, now);
}

std::vector<const Trace*> Traces::Find(const RequestId& request) const {
  std::vector<const Trace*> found;
  for (const Kept& kept : order_) {
    if (kept.trace.request == request) found.push_back(&kept.trace);
  }
  return found;
}

std::vector<const Trace*> Traces::Last(std::size_t count) const {
  std::vector<const Trace*> last;
  for (const Kept& kept : order_) {
    if (last.size() >= count) break;
    last.push_back(&kept.trace);
  }
  return last;
}

}  // namespace patchbay::accounts
