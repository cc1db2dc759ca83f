#include "supervisor/events/notifications.h"

#include "lib/async/spawn.h"
#include "lib/config/keys.h"
#include "lib/events/kinds.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "supervisor/child/child_environment.h"
#include "supervisor/child/run_command.h"
#include "supervisor/events/event_json.h"

namespace patchbay::supervisor {
namespace {

constexpr std::chrono::hours kUntilWoken{24};
// Until the RPC ends by itself, with what the webhook said.
constexpr std::chrono::seconds kRpcMargin{5};

MailboxRules RulesOf(const config::v1::Notification& row) {
  MailboxRules rules;
  for (const std::string& name : row.events()) {
    if (const auto kind = events::ParseKind(name)) rules.kinds.insert(*kind);
  }
  rules.quiet = ToMilliseconds(row.quiet());
  return rules;
}

}  // namespace

Notifications::Notifications(rpc::Reactor& reactor, Supervisor& supervisor, LogHub& logs,
                             const Secret& supervisor_token)
    : reactor_(reactor),
      supervisor_(supervisor),
      logs_(logs),
      upstream_(upstream::v1::Upstream::NewStub(
          rpc::MakeChannel(supervisor.sockets().Find("upstream.sock")->address, supervisor_token))) {
  supervisor_.events().Listen([this](const SeenEvent& seen) { Offer(seen); });
}

void Notifications::Configure() {
  if (std::exchange(revision_, supervisor_.revision()) == supervisor_.revision()) return;
  const auto& rows = supervisor_.config().notifications();
  std::erase_if(addresses_, [&](const auto& entry) {
    if (rows.contains(entry.first)) return false;
    entry.second->gone = true;
    entry.second->more.Notify();
    return true;
  });
  for (const auto& [name, row] : rows) {
    auto& address = addresses_[name];
    const bool is_new = address == nullptr;
    if (is_new) address = std::make_shared<Address>(supervisor_.io(), name);
    address->row = row;
    address->box.SetRules(RulesOf(row));
    if (is_new) async::Spawn(supervisor_.io(), "notification", Deliver(address));
  }
}

void Notifications::Offer(const SeenEvent& seen) {
  Configure();
  for (const auto& [name, address] : addresses_) {
    address->box.Offer(seen, supervisor_.clock().Steady());
    address->more.Notify();
  }
}

Awaitable<void> Notifications::Deliver(std::shared_ptr<Address> to) {
  const Clock& clock = supervisor_.clock();
  while (!to->gone) {
    const SeenEvent* due = to->box.Due(clock.Steady());
    if (due == nullptr) {
      std::chrono::milliseconds wait = kUntilWoken;
      if (const auto next = to->box.NextTry()) {
        wait = std::chrono::duration_cast<std::chrono::milliseconds>(*next - clock.Steady());
      }
      co_await to->more.Wait(std::max(wait, std::chrono::milliseconds(1)));
      continue;
    }
    const std::string kind = events::NameOf(due->event.kind());
    std::string document = EventJson(*due, supervisor_.events().run());
    const Result<void> sent = co_await Send(to->name, to->row, std::move(document));
    if (sent.ok()) {
      to->problem.clear();
      to->told_at = clock.Now();
      to->box.Told();
      log::Info("notification.told", {{"notification", to->name}, {"kind", kind}});
      continue;
    }
    to->problem = sent.error().message;
    const bool again = to->box.Failed(clock.Steady());
    const log::Level level = again ? log::Level::kWarn : log::Level::kError;
    if (log::Enabled(level)) {
      log::Write(level, again ? "notification.failed" : "notification.dropped",
                 {{"notification", to->name}, {"kind", kind}, {"error", to->problem}, {"tries", to->box.tries()}});
    }
  }
}

Awaitable<Result<void>> Notifications::Send(std::string name, config::v1::Notification row, std::string document) {
  if (!row.webhook().empty()) co_return co_await Post(std::move(name), std::move(row), std::move(document));
  ChildRequest request;
  request.executable = row.command();
  request.arguments.assign(row.arguments().begin(), row.arguments().end());
  request.environment = ProgramEnvironment(supervisor_.directories().runtime.string(), supervisor_.environment());
  LogSource source{"notification-" + name, 0, 0};
  document += '\n';
  co_return co_await RunCommand(supervisor_.io(), logs_, std::move(request), std::move(document), std::move(source),
                                kCommandLimit);
}

Awaitable<Result<void>> Notifications::Post(std::string name, config::v1::Notification row, std::string document) {
  upstream::v1::NotifyRequest request;
  if (config::ReferenceProblem(row.webhook()).empty()) {
    CO_ASSIGN_OR_RETURN(const Secret url, config::ReadReference(row.webhook(), supervisor_.environment()));
    request.set_url(url.Reveal());
  } else {
    request.set_url(row.webhook());
  }
  request.set_name(name);
  request.set_allow_private(row.allow_private());
  request.set_body(std::move(document));
  SetDuration(kWebhookLimit, request.mutable_timeout());
  const auto reply = co_await rpc::Unary<upstream::v1::NotifyReply>(
      reactor_, kWebhookLimit + kRpcMargin,
      [&](auto* context, auto* queue) { return upstream_->AsyncNotify(context, request, queue); });
  CO_RETURN_IF_ERROR(reply);
  if (reply->status() / 100 == 2) co_return Result<void>();
  co_return Error(ErrorCode::kUnavailable, "it answered " + std::to_string(reply->status()));
}

std::vector<NotificationView> Notifications::List() {
  Configure();
  const Clock& clock = supervisor_.clock();
  std::vector<NotificationView> views;
  for (const auto& [name, address] : addresses_) {
    NotificationView view{name,
                          !address->row.webhook().empty(),
                          address->box.waiting(),
                          address->box.told(),
                          address->box.dropped(),
                          address->problem,
                          address->told_at,
                          std::nullopt};
    const auto next = address->box.NextTry();
    if (next && *next > clock.Steady()) {
      view.next_try_at = clock.Now() + std::chrono::duration_cast<std::chrono::milliseconds>(*next - clock.Steady());
    }
    views.push_back(std::move(view));
  }
  return views;
}

Awaitable<Result<void>> Notifications::Test(std::string name) {
  Configure();
  const auto found = addresses_.find(name);
  if (found == addresses_.end()) co_return Error(ErrorCode::kNotFound, "no notification '" + name + "'");
  SeenEvent seen;
  seen.event.set_kind(events::v1::EVENT_KIND_TEST);
  SetTimestamp(supervisor_.clock().Now(), seen.event.mutable_at());
  std::string document = EventJson(seen, supervisor_.events().run());
  config::v1::Notification row = found->second->row;
  co_return co_await Send(std::move(name), std::move(row), std::move(document));
}

}  // namespace patchbay::supervisor
