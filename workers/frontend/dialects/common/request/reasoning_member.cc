#include "workers/frontend/dialects/common/request/reasoning_member.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "lib/base/text.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend {
namespace {

constexpr std::string_view kEffortKey = "effort", kBudgetKey = "max_tokens";
constexpr std::string_view kUnreadable = "unreadable";
constexpr std::size_t kMaxEffortBytes = 32;  // no word for an effort is longer

std::string QuotedWord(std::string_view text) {
  std::string json;
  wire::AppendJsonString(json, text);
  return json;
}

std::string WordIn(std::string_view json) {
  const auto word = wire::ParseJson(json);
  if (!word.ok() || !word->is_string()) return std::string(kUnreadable);
  return Printable(std::string_view(word->get_string()), kMaxEffortBytes);
}

std::int64_t TokensIn(std::string_view json) {
  const auto number = wire::ParseJson(json);
  const bool counts = number.ok() && number->is_int64() && number->get_int64() >= 0;
  return counts ? number->get_int64() : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

ThinkingWish ReadReasoningMember(std::string_view json) {
  ThinkingWish wish;
  if (!json.starts_with('{')) return wish;
  std::string text(json);
  const auto members = wire::TopLevelMembers(text);
  if (!members.ok()) {
    wish.effort = kUnreadable;
    return wish;
  }
  for (const wire::Member& member : *members) {
    const std::string_view value = member.value.In(text);
    if (value == "null") continue;
    if (member.key == kEffortKey) wish.effort = WordIn(value);
    if (member.key == kBudgetKey) wish.budget_tokens = TokensIn(value);
  }
  return wish;
}

Result<std::string> ReasoningWithEffort(std::string_view json, std::string_view effort) {
  const std::string alone = "{\"effort\":" + QuotedWord(effort) + "}";
  if (!json.starts_with('{')) return alone;
  std::string text(json);
  ASSIGN_OR_RETURN(const std::vector<wire::Member> members, wire::TopLevelMembers(text));
  if (members.empty()) return alone;
  const bool counts = std::any_of(members.begin(), members.end(), [](const auto& m) { return m.key == kBudgetKey; });
  if (!counts) return wire::SpliceTopLevel(std::move(text), kEffortKey, QuotedWord(effort), wire::IfMissing::kInsert);
  std::string fitted = "{\"effort\":" + QuotedWord(effort);
  for (const wire::Member& member : members) {
    if (member.key == kEffortKey || member.key == kBudgetKey) continue;
    fitted.append(",").append(QuotedWord(member.key)).append(":").append(member.value.In(text));
  }
  return fitted + "}";
}

}  // namespace patchbay::frontend
