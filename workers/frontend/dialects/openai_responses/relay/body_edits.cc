#include "workers/frontend/dialects/openai_responses/relay/body_edits.h"

#include <algorithm>
#include <vector>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/common/request/reasoning_member.h"

namespace patchbay::frontend::openai_responses {
namespace {

std::string Quoted(std::string_view text) {
  std::string json;
  wire::AppendJsonString(json, text);
  return json;
}

struct Edit {
  wire::Span where;
  std::string text;
};

}  // namespace

Result<std::string> WithTerms(std::string body, const std::string& model, const GrantTerms& terms) {
  const bool rename = terms.model != model;
  const std::string& effort = terms.reasoning_effort;
  const std::string& tier = terms.service_tier;
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
  if (rename) put("model", Quoted(terms.model));
  if (!effort.empty()) {
    const auto member = find("reasoning");
    ASSIGN_OR_RETURN(
        std::string reasoning,
        ReasoningWithEffort(member == members.end() ? std::string_view() : member->value.In(body), effort));
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

}  // namespace patchbay::frontend::openai_responses
