#include "workers/accounts/login/record.h"

#include <algorithm>

#include "lib/wire/json_members.h"

namespace patchbay::accounts {
namespace {

using nlohmann::json;

constexpr const char* kExchangingWord = "exchanging";

std::int64_t IntegerOf(const json& object, const char* key) {
  const json& member = wire::Member(object, key);
  return member.is_number_integer() ? member.get<std::int64_t>() : 0;
}

}  // namespace

Secret WriteLoginRecord(const LoginRecord& record) {
  json text = {{"id", record.id.str()},
               {"provider", record.provider},
               {"label", record.label},
               {"by_device", record.by_device},
               {"account", record.account.str()},
               {"phase", record.phase == LoginPhase::kExchanging ? kExchangingWord : "waiting"},
               {"ends_at", record.ends_at.time_since_epoch().count()},
               {"verifier", record.verifier.Reveal()},
               {"state", record.state.Reveal()},
               {"device", record.device.secret.Reveal()},
               {"user_code", record.device.user_code},
               {"page", record.device.page},
               {"interval", record.device.interval.count()},
               {"code", record.code.Reveal()},
               {"redirect_uri", record.redirect_uri}};
  return Secret(wire::Written(text));
}

std::optional<LoginRecord> ReadLoginRecord(std::string_view text) {
  const json document = wire::ParseOrNothing(text);
  LoginRecord record;
  record.id = LoginId(wire::TextOf(document, "id"));
  record.provider = wire::TextOf(document, "provider");
  record.label = wire::TextOf(document, "label");
  record.by_device = wire::BoolOf(wire::Member(document, "by_device")).value_or(false);
  record.account = AccountId(wire::TextOf(document, "account"));
  record.phase = wire::TextOf(document, "phase") == kExchangingWord ? LoginPhase::kExchanging : LoginPhase::kWaiting;
  record.ends_at = WallTime(std::chrono::milliseconds(IntegerOf(document, "ends_at")));
  record.verifier = Secret(wire::TextOf(document, "verifier"));
  record.state = Secret(wire::TextOf(document, "state"));
  record.device.secret = Secret(wire::TextOf(document, "device"));
  record.device.user_code = wire::TextOf(document, "user_code");
  record.device.page = wire::TextOf(document, "page");
  record.device.interval = std::chrono::seconds(std::max<std::int64_t>(1, IntegerOf(document, "interval")));
  record.code = Secret(wire::TextOf(document, "code"));
  record.redirect_uri = wire::TextOf(document, "redirect_uri");
  if (record.id.empty() || record.provider.empty()) return std::nullopt;
  return record;
}

}  // namespace patchbay::accounts
