// patchbay verdict try: what an error answer of a provider would be taken for.

#include "cli/commands.h"
#include "cli/gateway.h"
#include "cli/human.h"
#include "cli/input.h"
#include "lib/base/text.h"

namespace patchbay::cli {
namespace {

using accounts::v1::AccountAdmin;

struct VerdictArguments {
  std::string provider;
  int status = 0;
  std::vector<std::string> headers;
  std::string body;
};

Result<void> Try(const Context& context, const VerdictArguments& arguments) {
  accounts::v1::TryVerdictRequest request;
  request.set_provider(arguments.provider);
  request.set_status(arguments.status);
  for (const std::string& header : arguments.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) {
      return Error(ErrorCode::kInvalidArgument, "'" + Printable(header) + "' is no header, like 'retry-after: 30'");
    }
    (*request.mutable_headers())[header.substr(0, colon)] = std::string(Trim(header.substr(colon + 1)));
  }
  if (!arguments.body.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_body(), ReadAll(arguments.body));
  }
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.accounts(), &AccountAdmin::Stub::TryVerdict, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  std::string page;
  const auto fact = [&](const std::string& name, const std::string& value) {
    if (!value.empty())
      page += Paint(context.colour, Colour::kDim, name) + std::string(12 - name.size(), ' ') + value + "\n";
  };
  fact("cause", Printable(reply.cause()));
  fact("code", Printable(reply.code()));
  fact("type", Printable(reply.type()));
  fact("message", Printable(reply.message()));
  fact("row", (reply.operators() ? "accounts.verdicts." : "") + Printable(reply.row()));
  fact("fault", reply.fault());
  fact("effect", reply.effect());
  if (reply.has_until()) fact("until", HumanTime(reply.until(), Now()));
  fact("elsewhere", reply.elsewhere());
  fact("evidence", reply.evidence());
  Print(page);
  return {};
}

}  // namespace

void AddVerdictCommands(CLI::App& app, Context& context) {
  auto* verdict = app.add_subcommand("verdict", "What errors of providers are taken for");
  verdict->require_subcommand(1);
  auto arguments = std::make_shared<VerdictArguments>();
  auto* attempt = verdict->add_subcommand("try", "Say what an error answer would be taken for; nobody is asked");
  attempt->add_option("--provider", arguments->provider, "Whose answer it is")->required();
  attempt->add_option("--status", arguments->status, "Its status")->required()->check(CLI::Range(100, 599));
  attempt->add_option("--header", arguments->headers, "A header of it, 'name: value'; may be given more than once");
  attempt->add_option("--body", arguments->body, "A file with its body; - for standard input");
  context.On(*attempt, [&context, arguments] { return Try(context, *arguments); });
}

}  // namespace patchbay::cli
