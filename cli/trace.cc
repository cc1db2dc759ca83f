// patchbay trace: what was decided about a request, and why.

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/gateway.h"
#include "cli/trace_page.h"

namespace patchbay::cli {
namespace {

struct TraceArguments {
  std::string request;
  int last = 0;
};

Result<void> Trace(const Context& context, const TraceArguments& arguments) {
  if (arguments.request.empty() == (arguments.last == 0)) {
    return UsageError("which request? give its id (x-request-id of its answer), or --last N");
  }
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::GetTracesRequest request;
  request.set_request_id(arguments.request);
  request.set_last(arguments.last);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &accounts::v1::AccountAdmin::Stub::GetTraces, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  // The newest stands last, where a terminal ends.
  for (int i = reply.traces_size() - 1; i >= 0; --i) {
    Print(TracePage(reply.traces(i), Now(), context.colour) + (i > 0 ? "\n" : ""));
  }
  if (reply.traces().empty()) Print("no request yet\n");
  return {};
}

}  // namespace

void AddTraceCommands(CLI::App& app, Context& context) {
  auto arguments = std::make_shared<TraceArguments>();
  auto* trace = app.add_subcommand("trace", "What was decided about a request, and why");
  trace->add_option("request", arguments->request, "Its id, as x-request-id of its answer and the log have it");
  trace->add_option("-n,--last", arguments->last, "The last requests instead")->check(CLI::Range(1, 100));
  context.On(*trace, [&context, arguments] { return Trace(context, *arguments); });
}

}  // namespace patchbay::cli
