#include "workers/accounts/providers/token_request.h"

#include "lib/wire/json_members.h"
#include "lib/wire/url.h"

namespace patchbay::accounts {

TokenRequest WriteTokenRequest(std::string_view body, const TokenPairs& pairs) {
  if (body == "json") {
    nlohmann::ordered_json document = nlohmann::ordered_json::object();
    for (const auto& [name, value] : pairs) {
      if (!value.empty()) document[std::string(name)] = value;
    }
    return {"application/json", Secret(wire::Written(document)), Secret()};
  }
  std::string form;
  for (const auto& [name, value] : pairs) {
    if (value.empty()) continue;
    if (!form.empty()) form += '&';
    form.append(name).append("=").append(wire::PercentEncode(value));
  }
  return {"application/x-www-form-urlencoded", Secret(std::move(form)), Secret()};
}

}  // namespace patchbay::accounts
