// patchbay events, notifications, audit: what happened that an operator wants to know of, who is told, and who changed
// what.

#include "cli/commands.h"
#include "cli/gateway.h"
#include "lib/events/kinds.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

struct EventArguments {
  bool follow = false;
  int last = 0;
  std::string run;
  std::int64_t since = 0;
};

Colour ColourOf(events::v1::Severity severity) {
  switch (severity) {
    case events::v1::SEVERITY_ERROR: return Colour::kBad;
    case events::v1::SEVERITY_WARNING: return Colour::kWarn;
    default: return Colour::kDim;
  }
}

std::string LineOf(const events::v1::Event& event, bool colour) {
  const auto severity = events::FactsOf(event.kind()).severity();
  std::string word(events::ToString(severity));
  word.resize(7, ' ');
  return Paint(colour, Colour::kDim, Rfc3339(ToWallTime(event.at()))) + " " + Paint(colour, ColourOf(severity), word) +
         " " + Printable(events::TextOf(event)) + "\n";
}

Result<void> Watch(const Context& context, const EventArguments& arguments) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  admin::v1::WatchEventsRequest request;
  request.set_follow(arguments.follow);
  request.set_last(arguments.last);
  request.set_run(arguments.run);
  request.set_sequence(arguments.since);
  grpc::ClientContext call;
  if (!arguments.follow) call.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  const auto stream = gateway.admin().WatchEvents(&call, request);
  for (admin::v1::WatchEventsReply reply; stream->Read(&reply);) {
    if (reply.missed() > 0) {
      std::fprintf(stderr, "patchbay: %s events are not kept any more\n", HumanCount(reply.missed()).c_str());
    }
    Print(context.json ? ToJson(reply, /*compact=*/true) + "\n" : LineOf(reply.event(), context.colour));
    if (arguments.follow && std::fflush(stdout) != 0) return {};  // the reader has gone
  }
  if (const auto status = stream->Finish(); !status.ok()) return FromStatus(status);
  return {};
}

Result<void> ListNotifications(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.admin(), &admin::v1::Admin::Stub::ListNotifications, {}));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  if (reply.notifications().empty()) {
    Print("nobody is told of events; name whom under `notifications` in the configuration\n");
    return {};
  }
  Table table({"NAME", "BY", ">TOLD", ">WAITING", ">DROPPED", "LAST TOLD", "NEXT TRY", "PROBLEM"});
  for (const auto& one : reply.notifications()) {
    table.Add({one.name(),
               one.way(),
               HumanCount(one.told()),
               HumanCount(one.waiting()),
               {HumanCount(one.dropped()), one.dropped() > 0 ? Colour::kWarn : Colour::kNone},
               HumanTime(one.told_at(), Now()),
               HumanTime(one.next_try_at(), Now()),
               {one.problem().empty() ? "-" : one.problem(), one.problem().empty() ? Colour::kDim : Colour::kBad}});
  }
  Print(table.Render(context.colour));
  return {};
}

Result<void> TestNotification(const Context& context, const std::string& name) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  admin::v1::TestNotificationRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const auto reply,
                   Call(gateway.admin(), &admin::v1::Admin::Stub::TestNotification, request, kLongCallTimeout));
  if (context.json) {
    PrintJson(reply);
  } else {
    Print("told " + Printable(name) + "\n");
  }
  return {};
}

// "alice (as root), patchbay 1234"; with a question mark where another could have said that it was this one
std::string ActorOf(const admin::v1::AuditRecord& record) {
  if (record.pid() == 0) return record.role();
  std::string actor = record.login().empty() ? record.user() : record.login();
  if (actor.empty()) actor = "uid " + std::to_string(record.uid());
  if (!record.login().empty() && record.login() != record.user()) actor += " (as " + record.user() + ")";
  return actor + ", " + record.program() + " " + std::to_string(record.pid()) + (record.by_its_word() ? "?" : "");
}

Result<void> ShowAudit(const Context& context, int last) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  admin::v1::ListAuditRequest request;
  request.set_limit(last);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.admin(), &admin::v1::Admin::Stub::ListAudit, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  Table table({"AT", "WHO", "WHAT", "REQUEST", "OUTCOME"});
  for (const auto& record : reply.records()) {
    const bool well = record.outcome() == "ok";
    table.Add({Rfc3339(ToWallTime(record.at())),
               ActorOf(record),
               record.method(),
               record.request().empty() ? "-" : record.request(),
               {record.outcome(), well ? Colour::kGood : Colour::kBad}});
  }
  Print(table.empty() ? "nothing was changed yet\n" : table.Render(context.colour));
  return {};
}

}  // namespace

void AddEventCommands(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<EventArguments>();
  auto* events = app.add_subcommand("events", "What happened: accounts that need a person, quota that ran out, …");
  events->add_flag("-f,--follow", arguments->follow, "Then show events as they come");
  events->add_option("-n,--last", arguments->last, "Only so many of the newest")->check(CLI::Range(1, 1'000'000));
  events->add_option("--run", arguments->run, "With --since: the gateway's run that its number is of");
  events->add_option("--since", arguments->since, "Only what came after the event of this number (`sequence` in JSON)")
      ->check(CLI::NonNegativeNumber)
      ->needs("--run");
  context.On(*events, [&context, arguments] { return Watch(context, *arguments); });

  auto* notifications = app.add_subcommand("notifications", "Who is told of events, and how that goes");
  notifications->require_subcommand(1);
  context.On(*notifications->add_subcommand("list", "Each with what it was told and what waits"),
             [&context] { return ListNotifications(context); });
  auto name = std::make_shared<std::string>();
  auto* test = notifications->add_subcommand("test", "Send one of them a test, now");
  test->add_option("name", *name, "Its name in the configuration")->required();
  context.On(*test, [&context, name] { return TestNotification(context, *name); });

  auto last = std::make_shared<int>(100);
  auto* audit = app.add_subcommand("audit", "Who changed what: accounts, keys, workers, the configuration");
  audit->add_option("-n,--last", *last, "How many of the last changes")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  context.On(*audit, [&context, last] { return ShowAudit(context, *last); });
}

}  // namespace patchbay::cli
