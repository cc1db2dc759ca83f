#include "workers/upstream/dialects/common/tool_names.h"

#include <string>
#include <string_view>

#include "workers/upstream/dialects/common/identifiers.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

class NameFitter {
 public:
  NameFitter(const IdentifierRule& rule, AnswerPlan& plan) : rule_(rule), plan_(plan) {}

  // True when the name has another form now. What has no name has nothing to fit.
  bool Fit(std::string& name) {
    if (name.empty() || Fits(name, rule_)) return false;
    std::string fitted = MadeToFit(name, rule_);
    plan_.tool_names.try_emplace(fitted, name);
    name = std::move(fitted);
    return true;
  }

  void FitTool(inf::Tool& tool) {
    if (tool.has_function()) FitDefinition(*tool.mutable_function());
    if (tool.has_custom()) FitDefinition(*tool.mutable_custom());
    if (tool.has_namespace_()) {
      FitDefinition(*tool.mutable_namespace_());
      for (inf::Tool& inner : *tool.mutable_namespace_()->mutable_tools()) FitTool(inner);
    }
  }

 private:
  // The conversation may speak of the tool by its own name, so the model is told it.
  template <class Definition>
  void FitDefinition(Definition& definition) {
    const std::string name = definition.name();
    if (!Fit(*definition.mutable_name())) return;
    std::string& description = *definition.mutable_description();
    description.append(description.empty() ? "" : "\n\n").append("Its full name is ").append(name).append(".");
  }

  const IdentifierRule& rule_;
  AnswerPlan& plan_;
};

}  // namespace

void FitToolNames(inf::GenerateRequest& request, const IdentifierRule& rule, AnswerPlan& plan) {
  NameFitter names(rule, plan);
  for (inf::Tool& tool : *request.mutable_tools()) names.FitTool(tool);
  if (request.has_tool_choice()) {
    inf::ToolChoice& choice = *request.mutable_tool_choice();
    if (choice.has_tool()) names.Fit(*choice.mutable_tool()->mutable_name());
    for (auto& allowed : *choice.mutable_allowed()) names.Fit(*allowed.mutable_name());
  }
  for (inf::Item& item : *request.mutable_items()) {
    if (!item.has_tool_call()) continue;
    names.Fit(*item.mutable_tool_call()->mutable_name());
    names.Fit(*item.mutable_tool_call()->mutable_namespace_());
  }
}

}  // namespace patchbay::upstream
