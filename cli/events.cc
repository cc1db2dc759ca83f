// patchbay events: what happened that an operator wants to know of.

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
}

}  // namespace patchbay::cli
