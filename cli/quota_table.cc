#include "cli/quota_table.h"

#include <cmath>
#include <cstdio>

#include "cli/human.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::cli {
namespace {

constexpr double kNearlyUsed = 95, kMuchUsed = 80;

// Whole percents, but "<1%" of what is not nothing.
std::string PercentText(double percent) {
  if (percent > 0 && percent < 0.5) return "<1%";
  return std::to_string(std::lround(percent)) + "%";
}

Colour ColourOf(double used) {
  if (used >= kNearlyUsed) return Colour::kBad;
  return used >= kMuchUsed ? Colour::kWarn : Colour::kGood;
}

// "7d", "5h Spark", "requests": a window is called by its length.
std::string WindowText(const std::string& limit, const std::string& name, const google::protobuf::Duration& length) {
  const std::string& called = name.empty() ? limit : name;
  if (length.seconds() == 0) return called.empty() ? "quota" : called;
  return HumanDuration(ToMilliseconds(length)) + (called.empty() ? "" : " " + called);
}

std::string RateText(const accounts::v1::QuotaWindow& window) {
  if (!window.has_percent_per_hour()) return "-";
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f%%/h", window.percent_per_hour());
  return text;
}

}  // namespace

Table QuotaTable(const accounts::v1::GetQuotaReply& reply, WallTime now) {
  Table table({"ACCOUNT", "LABEL", "PROVIDER", "PLAN", "WINDOW", ">USED", "RESETS", ">RATE", "DRY", "SEEN", "CREDITS"});
  for (const auto& account : reply.accounts()) {
    bool first = true;
    const auto add = [&](std::string window, Cell used, std::string resets, std::string rate, Cell dry,
                         std::string seen) {
      table.Add({first ? account.account() : "", first ? (account.label().empty() ? "-" : account.label()) : "",
                 first ? account.provider() : "", first ? (account.plan().empty() ? "-" : account.plan()) : "",
                 std::move(window), std::move(used), std::move(resets), std::move(rate), std::move(dry),
                 std::move(seen), first ? CreditsText(account.has_credits(), account.credits()) : ""});
      first = false;
    };
    for (const auto& window : account.windows()) {
      add(WindowText(window.limit(), window.limit_name(), window.length()),
          {PercentText(window.used_percent()), ColourOf(window.used_percent())}, HumanTime(window.resets_at(), now),
          RateText(window), {HumanTime(window.dry_at(), now), window.has_dry_at() ? Colour::kWarn : Colour::kNone},
          HumanTime(window.seen_at(), now));
    }
    if (account.windows().empty()) add("not known", "-", "-", "-", "-", "-");
  }
  return table;
}

std::string ForecastLine(const accounts::v1::PoolForecast& pool, WallTime now) {
  std::string line = pool.provider() + ": " + std::to_string(pool.with_room()) + " of " +
                     std::to_string(pool.accounts()) +
                     (pool.accounts() == 1 ? " account has room" : " accounts have room");
  if (pool.with_room() == 0) {
    line += pool.has_back_at() ? "; the first is back " + HumanTime(pool.back_at(), now) : "";
  } else if (pool.unknown() == pool.accounts()) {
    line += "; not seen for long enough to tell when they run dry";
  } else if (pool.has_dry_at()) {
    line += "; dry " + HumanTime(pool.dry_at(), now) + " at the present rate";
  } else {
    line += "; not dry before " + HumanTime(pool.seen_until(), now) + " at the present rate";
  }
  if (pool.unknown() > 0 && pool.unknown() < pool.accounts()) {
    line += " (without " + std::to_string(pool.unknown()) + " of which too little is known)";
  }
  return line;
}

Table HistoryTable(const accounts::v1::ListQuotaHistoryReply& reply, WallTime now) {
  Table table({"WHEN", "WINDOW", ">USED", "RESETS"});
  for (const auto& point : reply.points()) {
    table.Add({HumanTime(point.at(), now),
               WindowText(point.limit(), "", point.length()),
               {PercentText(point.used_percent()), ColourOf(point.used_percent())},
               HumanTime(point.resets_at(), now)});
  }
  return table;
}

Table ResetCreditTable(const accounts::v1::ListResetCreditsReply& reply, WallTime now) {
  Table table({"CREDIT", "STATUS", "EXPIRES", "WHAT"});
  for (const auto& credit : reply.credits()) {
    table.Add({credit.id().empty() ? "-" : credit.id(),
               {credit.status().empty() ? "-" : credit.status(), credit.usable() ? Colour::kGood : Colour::kDim},
               HumanTime(credit.expires_at(), now),
               credit.title().empty() ? "-" : credit.title()});
  }
  return table;
}

std::string CreditsText(bool known, const inference::v1::Credits& credits) {
  if (!known) return "-";
  if (credits.unlimited()) return "unlimited";
  if (!credits.has_credits()) return "none";
  return credits.balance().empty() ? "some" : credits.balance();
}

std::string ViewText(accounts::v1::QuotaView view) {
  return view == accounts::v1::QUOTA_VIEW_UNSPECIFIED ? "default"
                                                      : HumanEnum(accounts::v1::QuotaView_Name(view), "QUOTA_VIEW_");
}

}  // namespace patchbay::cli
