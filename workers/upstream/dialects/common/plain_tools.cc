#include "workers/upstream/dialects/common/plain_tools.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "lib/wire/json_writer.h"
#include "workers/upstream/dialects/common/free_text.h"

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

// Descriptions of such tools warn of JSON, which they are called with now.
constexpr std::string_view kInputSchema =
    R"({"type":"object","properties":{"input":{"type":"string","description":"The whole input, as plain text."}},)"
    R"("required":["input"],"additionalProperties":false})";
// As servers of tools join the two themselves.
constexpr std::string_view kBetween = "__";
// What OpenAI's models call the namespace of tools that are in none.
constexpr std::string_view kNoNamespace = "functions";

void Append(std::string_view text, std::string& description) {
  if (text.empty()) return;
  if (!description.empty()) description.append("\n\n");
  description.append(text);
}

std::string Wrapped(std::string_view text) {
  std::string json;
  wire::JsonWriter(json).BeginObject().Key(kFreeTextMember).String(text).EndObject();
  return json;
}

std::string* NameIn(inf::Tool& tool) {
  if (tool.has_function()) return tool.mutable_function()->mutable_name();
  return tool.has_custom() ? tool.mutable_custom()->mutable_name() : nullptr;
}

std::string Joined(std::string_view space, std::string_view name) {
  if (space.empty() || space == kNoNamespace) return std::string(name);
  std::string joined(space);
  if (!space.ends_with(kBetween)) joined.append(kBetween);
  return joined.append(name);
}

class ToolFitter {
 public:
  ToolFitter(inf::GenerateRequest& request, const RequestLimits& limits, AnswerPlan& plan, FitNotes& notes)
      : request_(request), limits_(limits), plan_(plan), notes_(notes) {}

  void Fit() {
    if (!limits_.namespaces) Flatten();
    if (!limits_.custom_tools) {
      for (inf::Tool& tool : *request_.mutable_tools()) FitTool(tool);
    }
    if (request_.has_tool_choice()) FitChoice(*request_.mutable_tool_choice());
    for (inf::Item& item : *request_.mutable_items()) FitItem(item);
  }

 private:
  void Flatten() {
    for (inf::Tool& tool : *request_.mutable_tools()) {
      if (const std::string* name = NameIn(tool)) taken_.insert(*name);
    }
    google::protobuf::RepeatedPtrField<inf::Tool> flat;
    for (inf::Tool& tool : *request_.mutable_tools()) {
      if (tool.has_namespace_()) {
        TakeOut(*tool.mutable_namespace_(), flat);
      } else {
        *flat.Add() = std::move(tool);
      }
    }
    request_.mutable_tools()->Swap(&flat);
  }

  void TakeOut(inf::NamespaceTool& group, google::protobuf::RepeatedPtrField<inf::Tool>& flat) {
    for (inf::Tool& inner : *group.mutable_tools()) {
      std::string* name = NameIn(inner);
      if (name != nullptr && joined_.contains({group.name(), *name}))
        continue;  // found by two searches of the client's
      if (name != nullptr) {
        std::string joined = Joined(group.name(), *name);
        while (!taken_.insert(joined).second) joined += '_';
        plan_.namespaced[joined] = {group.name(), *name};
        joined_[{group.name(), *name}] = joined;
        by_inner_name_.try_emplace(*name, joined);
        *name = std::move(joined);
        std::string& description = *(inner.has_custom() ? inner.mutable_custom()->mutable_description()
                                                        : inner.mutable_function()->mutable_description());
        Append(group.description(), description);
      }
      *flat.Add() = std::move(inner);
    }
  }

  void FitTool(inf::Tool& tool) {
    if (!tool.has_custom()) return;
    inf::CustomTool custom = std::move(*tool.mutable_custom());
    plan_.free_text_tools.insert(custom.name());
    if (!custom.grammar_syntax().empty()) {
      Append("The input must match this " + custom.grammar_syntax() + " grammar:\n" + custom.grammar_definition(),
             *custom.mutable_description());
      notes_.repaired.push_back("tool_grammar:" + custom.name());
    }
    inf::FunctionTool& function = *tool.mutable_function();
    function.set_name(std::move(*custom.mutable_name()));
    function.set_description(std::move(*custom.mutable_description()));
    function.set_parameters_json(std::string(kInputSchema));
  }

  void FitChoice(inf::ToolChoice& choice) {
    if (choice.has_tool()) FitNamed(*choice.mutable_tool());
    for (inf::ToolChoice::Named& named : *choice.mutable_allowed()) FitNamed(named);
  }

  // A choice names no namespace: a name that stands in none is looked for in all of them.
  void FitNamed(inf::ToolChoice::Named& named) {
    if (!limits_.custom_tools) named.set_kind(inf::TOOL_KIND_FUNCTION);
    if (limits_.namespaces || taken_.contains(named.name())) return;
    const auto found = by_inner_name_.find(named.name());
    if (found != by_inner_name_.end()) named.set_name(found->second);
  }

  void FitItem(inf::Item& item) {
    if (item.has_tool_call()) FitCall(*item.mutable_tool_call());
    if (item.has_tool_result() && !limits_.custom_tools) {
      item.mutable_tool_result()->set_kind(inf::TOOL_KIND_FUNCTION);
    }
  }

  void FitCall(inf::ToolCall& call) {
    if (!limits_.namespaces && !call.namespace_().empty()) {
      // Of a tool that is not offered any more, too.
      const auto found = joined_.find({call.namespace_(), call.name()});
      call.set_name(found != joined_.end() ? found->second : Joined(call.namespace_(), call.name()));
      call.clear_namespace_();
    }
    if (!limits_.custom_tools && call.kind() == inf::TOOL_KIND_CUSTOM) {
      call.set_kind(inf::TOOL_KIND_FUNCTION);
      call.set_input(Wrapped(call.input()));
    }
  }

  inf::GenerateRequest& request_;
  const RequestLimits& limits_;
  AnswerPlan& plan_;
  FitNotes& notes_;
  std::set<std::string, std::less<>> taken_;
  std::map<std::pair<std::string, std::string>, std::string> joined_;  // by namespace and name
  std::map<std::string, std::string, std::less<>> by_inner_name_;      // the first of that name in any namespace
};

}  // namespace

void FitToolKinds(inf::GenerateRequest& request, const RequestLimits& limits, AnswerPlan& plan, FitNotes& notes) {
  if (limits.custom_tools && limits.namespaces) return;
  ToolFitter(request, limits, plan, notes).Fit();
}

}  // namespace patchbay::upstream
