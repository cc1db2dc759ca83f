// Where people log in (codex-wire §14.1, §14.2, §14.5): the page that a browser is sent to, codes for devices, the
// exchange of codes, and the end of a login. It is as strict as the real one: a code works once, with the verifier and
// the address that it was made for. Who sits in front of the page the control API says. Pure: the caller brings the
// time.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/accounts.h"
#include "tests/sim/form.h"
#include "tests/sim/http.h"

namespace patchbay::sim {

// Who sits there, and what they do.
struct Person {
  std::string account_id;
  bool denies = false;
  bool later = false;  // only when Finish says so
};

class LoginDesk {
 public:
  static constexpr std::size_t kKeptMax = 256;  // of pages, devices and codes each; the oldest are forgotten

  explicit LoginDesk(Accounts& accounts) : accounts_(accounts) {}

  void Seat(std::optional<Person> person) { person_ = std::move(person); }
  // The person does it now: the addresses that the waiting pages send their browsers to, oldest first.
  std::vector<std::string> Finish();
  void Clear();

  // GET /oauth/authorize
  void Authorize(const Request& request, Plan& plan);
  // POST /api/accounts/deviceauth/usercode, …/token
  void DeviceCode(const Request& request, Plan& plan);
  void DeviceToken(const Request& request, Plan& plan);
  // POST /oauth/token of a code
  void Exchange(const Request& request, const Fields& fields, Plan& plan, long long now);
  // POST /oauth/revoke
  void Revoke(const Request& request, Plan& plan, long long now);

 private:
  struct Page {
    std::string redirect_uri, state, challenge;
  };
  struct Device {
    std::string id, user_code;
    bool entered = false, denied = false;
    std::string account_id;
  };
  struct Code {
    std::string text, account_id, redirect_uri, challenge;
    bool used = false;
  };

  std::string RedirectOf(const Page& page);
  std::string NewCode(std::string redirect_uri, std::string challenge);
  Device* FindDevice(std::string_view id);

  Accounts& accounts_;
  std::optional<Person> person_;
  std::deque<Page> pages_;  // that wait for their person
  std::deque<Device> devices_;
  std::deque<Code> codes_;
};

// Of the token endpoint (oauth.cc).
Reply InvalidGrant(std::string_view description);
Reply TokenReply(const Account& account);
// True when the scenario has decided the answer, and the tokens stay as they are.
bool PlayRefreshScenario(const Scenario& scenario, Account& account, Plan& plan, long long now);

}  // namespace patchbay::sim
