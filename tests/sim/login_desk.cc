#include "tests/sim/login_desk.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/base/random.h"
#include "lib/base/sha256.h"
#include "lib/wire/url.h"
#include "tests/sim/jwt.h"
#include "tests/sim/provider.h"
#include "tests/sim/refusals.h"

namespace patchbay::sim {
namespace {

constexpr std::string_view kDeviceCallback = "/deviceauth/callback";
constexpr std::size_t kChallengeChars = 43;  // of a SHA-256 in base64url
constexpr std::size_t kVerifierBytes = 64;

Reply PageReply(unsigned status, std::string_view text) {
  Reply reply;
  reply.status = status;
  reply.content_type = "text/html; charset=utf-8";
  reply.body = "<!doctype html><p>" + std::string(text) + "</p>";
  return reply;
}

Reply BadRequest(std::string_view message, std::string_view code) {
  return ApiErrorReply(400, message, "invalid_request_error", "", code);
}

// "http://localhost:PORT/auth/callback": the real one knows two ports, tests bring their own.
bool IsRegistered(std::string_view uri) {
  constexpr std::string_view kHost = "http://localhost:", kPath = "/auth/callback";
  if (!uri.starts_with(kHost) || !uri.ends_with(kPath)) return false;
  uri.remove_prefix(kHost.size());
  uri.remove_suffix(kPath.size());
  return !uri.empty() && uri.size() <= 5 && uri.find_first_not_of("0123456789") == std::string_view::npos;
}

// What is wrong with the question, or nothing.
std::string_view WrongWith(const Fields& asked) {
  if (Field(asked, "client_id") != kClientId) return "unknown client";
  if (Field(asked, "response_type") != "code") return "response_type must be code";
  if (!IsRegistered(Field(asked, "redirect_uri"))) return "redirect_uri is not registered";
  if (Field(asked, "code_challenge_method") != "S256") return "code_challenge_method must be S256";
  if (Field(asked, "code_challenge").size() != kChallengeChars) return "code_challenge is no SHA-256";
  if (Field(asked, "state").empty()) return "state is missing";
  const std::string scope = " " + std::string(Field(asked, "scope")) + " ";
  if (scope.find(" openid ") == std::string::npos || scope.find(" offline_access ") == std::string::npos)
    return "scope must have openid and offline_access";
  return {};
}

template <class T>
void Keep(std::deque<T>& kept, T one) {
  kept.push_back(std::move(one));
  if (kept.size() > LoginDesk::kKeptMax) kept.pop_front();
}

}  // namespace

void LoginDesk::Clear() {
  person_.reset();
  pages_.clear();
  devices_.clear();
  codes_.clear();
}

std::string LoginDesk::NewCode(std::string redirect_uri, std::string challenge) {
  Code code{RandomId("ac_", 240), person_->account_id, std::move(redirect_uri), std::move(challenge)};
  std::string text = code.text;
  Keep(codes_, std::move(code));
  return text;
}

std::string LoginDesk::RedirectOf(const Page& page) {
  const std::string state = "&state=" + wire::PercentEncode(page.state);
  if (person_->denies) return page.redirect_uri + "?error=access_denied&error_description=The+user+said+no" + state;
  return page.redirect_uri + "?code=" + NewCode(page.redirect_uri, page.challenge) + "&scope=openid" + state;
}

std::vector<std::string> LoginDesk::Finish() {
  std::vector<std::string> redirects;
  if (!person_) return redirects;
  for (const Page& page : std::exchange(pages_, {})) redirects.push_back(RedirectOf(page));
  for (Device& device : devices_) {
    if (device.entered) continue;
    device.entered = true;
    device.denied = person_->denies;
    device.account_id = person_->account_id;
  }
  return redirects;
}

void LoginDesk::Authorize(const Request& request, Plan& plan) {
  const auto question = request.target.find('?');
  const Fields asked = question == std::string_view::npos ? Fields() : ParseForm(request.target.substr(question + 1));
  if (const std::string_view wrong = WrongWith(asked); !wrong.empty()) {
    plan.reply = PageReply(400, wrong);
    return;
  }
  Page page{std::string(Field(asked, "redirect_uri")), std::string(Field(asked, "state")),
            std::string(Field(asked, "code_challenge"))};
  if (!person_ || person_->later) {
    Keep(pages_, std::move(page));
    plan.reply = PageReply(200, "Log in");
    return;
  }
  plan.reply = PageReply(302, "");
  plan.reply.AddHeader("location", RedirectOf(page));
}

LoginDesk::Device* LoginDesk::FindDevice(std::string_view id) {
  const auto found = std::ranges::find(devices_, id, &Device::id);
  return found == devices_.end() ? nullptr : &*found;
}

void LoginDesk::DeviceCode(const Request& request, Plan& plan) {
  const auto fields = ParseFields(request);
  if (!fields || !request.Find("content-type").starts_with("application/json") ||
      Field(*fields, "client_id") != kClientId) {
    plan.reply = BadRequest("Invalid client.", "invalid_client");
    return;
  }
  Device device{RandomId("deviceauth_", 120), RandomId("", 20) + "-" + RandomId("", 25), false, false, ""};
  if (person_ && !person_->later) {
    device.entered = true;
    device.denied = person_->denies;
    device.account_id = person_->account_id;
  }
  plan.reply.body =
      json::serialize(json::object{{"device_auth_id", device.id}, {"user_code", device.user_code}, {"interval", "1"}});
  Keep(devices_, std::move(device));
}

void LoginDesk::DeviceToken(const Request& request, Plan& plan) {
  const auto fields = ParseFields(request);
  Device* device = fields ? FindDevice(Field(*fields, "device_auth_id")) : nullptr;
  if (device == nullptr || Field(*fields, "user_code") != device->user_code) {
    plan.reply = BadRequest("No such device.", "invalid_grant");
  } else if (!device->entered) {
    plan.reply = ApiErrorReply(403, "Not yet.", "invalid_request_error", "", "deviceauth_authorization_pending");
  } else if (device->denied) {
    plan.reply = BadRequest("The user said no.", "access_denied");
  } else {
    const std::string verifier = Base64UrlEncode(RandomBytes(kVerifierBytes));
    const std::string challenge = Base64UrlEncode(Sha256(verifier));
    Code code{RandomId("ac_", 240), device->account_id, std::string(kDeviceCallback), challenge};
    plan.reply.body = json::serialize(
        json::object{{"authorization_code", code.text}, {"code_challenge", challenge}, {"code_verifier", verifier}});
    plan.entry->account_id = device->account_id;
    Keep(codes_, std::move(code));
    std::erase_if(devices_, [id = device->id](const Device& other) { return other.id == id; });
  }
}

void LoginDesk::Exchange(const Request& request, const Fields& fields, Plan& plan, long long now) {
  if (!request.Find("content-type").starts_with("application/x-www-form-urlencoded")) {
    plan.reply = BadRequest("A code is exchanged in a form.", "invalid_request");
    return;
  }
  const auto code = std::ranges::find(codes_, Field(fields, "code"), &Code::text);
  if (code == codes_.end()) {
    plan.reply = InvalidGrant("The code is unknown.");
    return;
  }
  Account* account = accounts_.Find(code->account_id);
  if (account == nullptr) {
    plan.reply = InvalidGrant("The account is gone.");
    return;
  }
  plan.entry->account_id = account->id;
  const std::string_view redirect_uri = Field(fields, "redirect_uri");
  const bool of_device = code->redirect_uri == kDeviceCallback;
  const bool same_way = of_device ? redirect_uri.ends_with(kDeviceCallback) : redirect_uri == code->redirect_uri;
  const bool good =
      !code->used && same_way && Base64UrlEncode(Sha256(Field(fields, "code_verifier"))) == code->challenge;
  const std::optional<Scenario> scenario = TakeTurn(account->refresh_scenario);
  if (scenario && PlayRefreshScenario(*scenario, *account, plan, now)) return;
  code->used = true;  // by being shown, right or wrong
  if (!good) {
    ++account->refused_exchanges;
    plan.reply = InvalidGrant("The code was used, or was made for another verifier or address.");
    return;
  }
  accounts_.Rotate(*account, now);
  ++account->logins;
  // The worst moment to lose the connection: the code is spent, the tokens did not arrive.
  if (scenario && scenario->name == "refresh_lost") plan.mishap = Mishap::kDrop;
  plan.reply = TokenReply(*account);
}

void LoginDesk::Revoke(const Request& request, Plan& plan, long long now) {
  const auto fields = ParseFields(request);
  if (!fields || !request.Find("content-type").starts_with("application/json")) {
    plan.reply = BadRequest("The request body could not be read.", "invalid_request");
    return;
  }
  const std::string_view token = Field(*fields, "token");
  Account* account = Field(*fields, "token_type_hint") == "refresh_token"
                         ? accounts_.OwnerOfRefreshToken(token)
                         : accounts_.CheckAccessToken(token, now).account;
  plan.reply.body = "{}";
  // One that nobody knows is as good as ended (RFC 7009 §2.2).
  if (account == nullptr) return;
  plan.entry->account_id = account->id;
  accounts_.Rotate(*account, now);
  ++account->revocations;
}

}  // namespace patchbay::sim
