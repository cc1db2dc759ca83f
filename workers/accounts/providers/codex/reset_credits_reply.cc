#include "workers/accounts/providers/codex/reset_credits_reply.h"

#include <algorithm>

#include "lib/base/number.h"
#include "lib/wire/json_members.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr std::size_t kCreditsMax = 100;
constexpr double kLatest = 253402300799.0;  // the year 9999

// "2026-12-01T12:30:00Z", to the second and in universal time whatever zone it names.
std::optional<WallTime> TimeOf(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (text.size() < kShape.size()) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    return ParseNumber<unsigned>(text.substr(at, digits));
  };
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2);
  const auto hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
                  std::chrono::minutes(*minute) + std::chrono::seconds(*second));
}

// What its items say is nowhere written down (codex-wire §19): times come as seconds or as text.
std::optional<WallTime> TimeIn(const json& value) {
  if (const auto seconds = wire::NumberOf(value); seconds && *seconds > 0 && *seconds < kLatest) {
    return WallTime(std::chrono::seconds(static_cast<std::int64_t>(*seconds)));
  }
  return TimeOf(wire::TextOf(value));
}

std::string TextOfFirst(const json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string text = wire::TextOf(object, name); !text.empty()) return text;
  }
  return {};
}

}  // namespace

std::optional<ResetCredits> ReadResetCredits(std::string_view body, WallTime now) {
  const json document = wire::ParseOrNothing(body);
  const json& list = wire::Member(document, "credits");
  const auto count = wire::NumberOf(wire::Member(document, "available_count"));
  if (!list.is_array() && !count) return std::nullopt;
  ResetCredits credits;
  for (const json& item : list.is_array() ? list : json::array()) {
    if (credits.credits.size() >= kCreditsMax) break;
    ResetCredit credit;
    credit.id = TextOfFirst(item, {"id", "credit_id"});
    credit.status = wire::TextOf(item, "status");
    credit.title = TextOfFirst(item, {"title", "description", "reset_type"});
    credit.expires_at = TimeIn(wire::Member(item, "expires_at"));
    const bool open = credit.status.empty() || credit.status == "available" || credit.status == "granted";
    credit.usable = open && (!credit.expires_at || *credit.expires_at > now);
    credits.credits.push_back(std::move(credit));
  }
  const auto usable =
      std::count_if(credits.credits.begin(), credits.credits.end(), [](const auto& c) { return c.usable; });
  credits.available = count && *count >= 0 && *count < 1e6 ? static_cast<int>(*count) : static_cast<int>(usable);
  return credits;
}

std::string RedeemBody(std::string_view redeem_id, std::string_view credit) {
  json body = {{"redeem_request_id", redeem_id}};
  if (!credit.empty()) body["credit_id"] = credit;
  return wire::Written(body);
}

std::optional<Redemption> ReadRedemption(std::string_view body) {
  const json document = wire::ParseOrNothing(body);
  Redemption redemption;
  redemption.outcome = wire::TextOf(document, "code");
  if (redemption.outcome.empty()) return std::nullopt;
  const auto reset = wire::NumberOf(wire::Member(document, "windows_reset"));
  if (reset && *reset >= 0 && *reset < 1000) redemption.windows_reset = static_cast<int>(*reset);
  return redemption;
}

}  // namespace patchbay::accounts
