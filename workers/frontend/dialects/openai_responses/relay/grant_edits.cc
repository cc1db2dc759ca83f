#include "workers/frontend/dialects/openai_responses/relay/grant_edits.h"

#include <algorithm>
#include <vector>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend {
namespace {

std::string Quoted(std::string_view text) {
  std::string json;
  wire::AppendJsonString(json, text);
  return json;
}

// The `reasoning` member with another effort; what else it says stays.
Result<std::string> WithEffort(std::string_view reasoning, std::string_view effort) {
  if (!reasoning.starts_with('{')) return "{\"effort\":" + Quoted(effort) + "}";
  std::string copy(reasoning);
  ASSIGN_OR_RETURN(const auto members, wire::TopLevelMembers(copy));
  if (members.empty()) return "{\"effort\":" + Quoted(effort) + "}";
  return wire::SpliceTopLevel(std::move(copy), "effort", Quoted(effort), wire::IfMissing::kInsert);
}

struct Edit {
  wire::Span where;
  std::string text;
};

}  // namespace

Result<std::string> EditResponsesBody(std::string body, const std::string& model,
                                      const accounts::v1::Granted& granted) {
  const bool rename = granted.wire_model() != model;
  const std::string& effort = granted.reasoning_effort();
  const std::string& tier = granted.service_tier();
  if (!rename && effort.empty() && tier.empty()) return body;
  ASSIGN_OR_RETURN(const auto members, wire::TopLevelMembers(body));
  const auto find = [&](std::string_view key) {
    return std::find_if(members.begin(), members.end(), [&](const wire::Member& member) { return member.key == key; });
  };
  std::vector<Edit> edits;
  std::string added;  // members that are not there yet go behind the opening brace
  const auto put = [&](std::string_view key, std::string text) {
    if (const auto member = find(key); member != members.end()) {
      edits.push_back({member->value, std::move(text)});
    } else {
      added.append(added.empty() ? "" : ",").append(Quoted(key)).append(":").append(text);
    }
  };
  if (rename) put("model", Quoted(granted.wire_model()));
  if (!effort.empty()) {
    const auto member = find("reasoning");
    ASSIGN_OR_RETURN(std::string reasoning,
                     WithEffort(member == members.end() ? std::string_view() : member->value.In(body), effort));
    put("reasoning", std::move(reasoning));
  }
  if (!tier.empty()) put("service_tier", Quoted(tier));
  if (!added.empty() && !members.empty()) added.push_back(',');
  if (!added.empty()) edits.push_back({{body.find('{') + 1, 0}, std::move(added)});

  std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.where.offset < b.where.offset; });
  std::size_t grown = body.size() + wire::kJsonPadding;
  for (const Edit& edit : edits) grown += edit.text.size();
  std::string out;
  out.reserve(grown);
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    out.append(body, at, edit.where.offset - at).append(edit.text);
    at = edit.where.offset + edit.where.size;
  }
  out.append(body, at);
  return out;
}

Result<void> GrantEdits::Apply(const accounts::v1::Granted& granted,
                               std::variant<inference::v1::GenerateRequest, RawRequest>& payload) {
  if (auto* request = std::get_if<inference::v1::GenerateRequest>(&payload)) {
    request->set_model(granted.wire_model());
    if (!granted.reasoning_effort().empty()) request->mutable_reasoning()->set_effort(granted.reasoning_effort());
    if (!granted.service_tier().empty()) request->set_service_tier(granted.service_tier());
    return {};
  }
  accounts::v1::Granted wanted;
  wanted.set_wire_model(granted.wire_model());
  if (granted.reasoning_effort() != applied_.reasoning_effort()) {
    wanted.set_reasoning_effort(granted.reasoning_effort());
  }
  if (granted.service_tier() != applied_.service_tier()) wanted.set_service_tier(granted.service_tier());
  auto& raw = std::get<RawRequest>(payload);
  ASSIGN_OR_RETURN(raw.body, EditResponsesBody(std::move(raw.body), applied_.wire_model(), wanted));
  applied_.set_wire_model(granted.wire_model());
  applied_.set_reasoning_effort(granted.reasoning_effort());
  applied_.set_service_tier(granted.service_tier());
  return {};
}

}  // namespace patchbay::frontend
