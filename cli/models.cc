// patchbay models list|resolve: what clients may ask for, and what a name of theirs means.

#include "cli/commands.h"
#include "cli/gateway.h"

namespace patchbay::cli {
namespace {

using accounts::v1::Models;

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

Result<void> ListModels(const Context& context) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  const accounts::v1::ListModelsRequest request;
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.models(), &Models::Stub::ListModels, request));
  if (context.json) {
    PrintJson(reply);
    return {};
  }
  Table table({"MODEL", "PROVIDER", "FROM", "PLANS", "CONTEXT", "EFFORTS"});
  for (const auto& model : reply.models()) {
    std::string from = model.live() ? "live" : "shipped";
    if (model.hidden()) from += ", hidden";
    if (!model.alias_of().empty()) from = "alias of " + model.alias_of();
    table.Add({model.id(), model.provider(), from, Joined(model.plans()),
               model.context_window() > 0 ? std::to_string(model.context_window()) : "",
               Joined(model.reasoning_efforts())});
  }
  Print(table.Render(context.colour));
  return {};
}

Result<void> Resolve(const Context& context, const std::string& name) {
  ASSIGN_OR_RETURN(auto gateway, Gateway::Open(context));
  accounts::v1::ResolveModelRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const auto reply, Call(gateway.models(), &Models::Stub::ResolveModel, request));
  if (context.json) {
    PrintJson(reply);
  } else {
    std::string text;
    int number = 0;
    for (const std::string& step : reply.steps()) {
      text += std::to_string(++number) + ". " + Printable(step) + "\n";
    }
    if (reply.found()) {
      text += "provider " + Printable(reply.provider()) + ", model " + Printable(reply.wire_model());
      if (!reply.reasoning_effort().empty()) text += ", effort " + Printable(reply.reasoning_effort());
      if (!reply.service_tier().empty()) text += ", tier " + Printable(reply.service_tier());
      text += "\n";
    }
    Print(text);
  }
  if (!reply.found()) return Error(ErrorCode::kNotFound, Printable(reply.problem()));
  return {};
}

}  // namespace

void AddModelCommands(CLI::App& app, Context& context) {
  auto* models = app.add_subcommand("models", "What clients may ask for, and what their names for it mean");
  models->require_subcommand(1);

  auto* list = models->add_subcommand("list", "The models, in the order in which clients see them");
  context.On(*list, [&context] { return ListModels(context); });

  auto name = std::make_shared<std::string>();
  auto* resolve = models->add_subcommand("resolve", "Follow a name through aliases, prefix and suffixes, step by step");
  resolve->add_option("name", *name, "A model's name as a client would send it")->required();
  context.On(*resolve, [&context, name] { return Resolve(context, *name); });
}

}  // namespace patchbay::cli
