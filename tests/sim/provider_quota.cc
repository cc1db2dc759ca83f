// What the backend tells of an account's quota when it is asked, and its reset credits (codex-wire §11.8, §13).
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/base/text.h"
#include "tests/sim/catalog.h"
#include "tests/sim/provider.h"
#include "tests/sim/refusals.h"
#include "tests/sim/validate.h"

namespace patchbay::sim {
namespace {

bool IsUuid(std::string_view text) {
  constexpr std::string_view kShape = "00000000-0000-0000-0000-000000000000";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (kShape[i] == '-' ? text[i] != '-' : !hex) return false;
  }
  return true;
}

// Those that have something to reset begin anew.
int ResetWindows(Account& account, long long now) {
  int reset = 0;
  for (Window* window : {&account.primary, &account.secondary}) {
    if (window->minutes == 0 || window->used_percent <= 0) continue;
    window->used_percent = 0;
    window->reset_at = now + window->minutes * 60;
    ++reset;
  }
  return reset;
}

json::object Redeemed(Account& account, std::string_view redeem_id, std::string_view credit_id, long long now) {
  const auto answer = [](std::string_view code, int windows) {
    return json::object{{"code", json::string(code)}, {"windows_reset", windows}};
  };
  auto& credits = account.reset_credits;
  if (std::any_of(credits.begin(), credits.end(), [&](const auto& c) { return c.redeemed_by == redeem_id; })) {
    return answer("already_redeemed", 0);
  }
  const auto credit = std::find_if(credits.begin(), credits.end(), [&](const ResetCredit& c) {
    return c.redeemed_by.empty() && c.expires_at > now && (credit_id.empty() || c.id == credit_id);
  });
  if (credit == credits.end()) return answer("no_credit", 0);
  const int windows = ResetWindows(account, now);
  if (windows == 0) return answer("nothing_to_reset", 0);
  credit->redeemed_by = redeem_id;
  return answer("reset", windows);
}

}  // namespace

const ExtraLimit* SpentLimitOf(Account& account, std::string_view model, long long now) {
  for (ExtraLimit& limit : account.extra) {
    if (limit.model != model || limit.primary.used_percent < 100) continue;
    if (limit.primary.reset_at > now) return &limit;
    limit.primary.used_percent = 0;
    limit.primary.reset_at = now + limit.primary.minutes * 60;
  }
  return nullptr;
}

void Provider::Usage(const Request& request, Plan& plan, long long now) {
  Admission admission = Admit(request, now, Client::kElsewhere);
  if (admission.account != nullptr) plan.entry->account_id = admission.account->id;
  if (admission.refusal) {
    plan.reply = std::move(*admission.refusal);
  } else if (request.target != request.path()) {
    plan.reply = DetailReply(422, "Unexpected query");
  } else {
    Account& account = *admission.account;
    if (const auto scenario = TakeTurn(account.usage_scenario)) {
      plan.entry->scenario = scenario->name;
      if (scenario->name == "usage_stall") plan.mishap = Mishap::kStall;
      auto refusal = RefusalFor(*scenario, account.plan, now);
      plan.reply = refusal ? std::move(*refusal) : DetailReply(500, "Internal Server Error");
      return Dress(plan, nullptr, now);
    }
    (void)ExhaustedUntil(account, now);
    plan.reply.body = UsageDocument(account, now);
    AddCookies(plan.reply, account);
  }
  Dress(plan, nullptr, now);
}

void Provider::ResetCredits(const Request& request, Plan& plan, long long now) {
  Admission admission = Admit(request, now, Client::kElsewhere);
  if (admission.account != nullptr) plan.entry->account_id = admission.account->id;
  if (admission.refusal) {
    plan.reply = std::move(*admission.refusal);
  } else {
    plan.reply.body = ResetCreditsDocument(*admission.account, now);
  }
  Dress(plan, nullptr, now);
}

void Provider::Redeem(const Request& request, Plan& plan, long long now) {
  Admission admission = Admit(request, now, Client::kElsewhere);
  if (admission.account != nullptr) plan.entry->account_id = admission.account->id;
  const auto reply = [&](Reply said) {
    plan.reply = std::move(said);
    Dress(plan, nullptr, now);
  };
  if (admission.refusal) return reply(std::move(*admission.refusal));
  if (request.Find("content-type") != "application/json") return reply(DetailReply(415, "Unsupported Media Type"));
  json::error_code error;
  const json::value document = json::parse(request.body, error);
  const json::object* body = error ? nullptr : document.if_object();
  if (body == nullptr) return reply(DetailReply(400, "Request body must be a JSON object"));
  if (auto refusal = RefuseUnknownKeys(*body, {"redeem_request_id", "credit_id"}, ""))
    return reply(std::move(*refusal));
  const auto redeem_id = StringAt(*body, "redeem_request_id");
  if (!redeem_id || !IsUuid(*redeem_id)) return reply(DetailReply(422, "redeem_request_id must be a UUID"));
  Reply done;
  done.body = json::serialize(Redeemed(*admission.account, *redeem_id, StringAt(*body, "credit_id").value_or(""), now));
  reply(std::move(done));
}

}  // namespace patchbay::sim
