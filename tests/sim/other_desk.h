// Where people log in at other providers (opencodex §4), each under a path of its own: /grok, /anthropic, /kimi,
// /github. As strict as the real ones: client ids, addresses, scopes, PKCE, nonce, forms of bodies, one use of a code
// and of a refresh token, pauses between a device's questions. An access token is the account's key at the public API;
// the next one takes its place. Pure: the caller brings the time.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tests/sim/accounts.h"
#include "tests/sim/form.h"
#include "tests/sim/http.h"

namespace patchbay::sim {

// Who sits there, and what they do.
struct OtherPerson {
  std::string account_id = {};
  bool denies = false;
  bool sleeps = false;       // until the device's code has expired
  int slow = 0;              // so many of a device's questions are said to come too soon
  bool other_nonce = false;  // the id token repeats another login's
  bool no_copilot = false;   // the account may not use Copilot
};

class OtherDesk {
 public:
  static constexpr std::size_t kKeptMax = 256;

  explicit OtherDesk(Accounts& accounts) : accounts_(accounts) {}

  void Seat(std::optional<OtherPerson> person) { person_ = std::move(person); }
  void Clear();
  // False: it is none of these paths.
  bool Handle(const Request& request, Plan& plan, long long now);

 private:
  struct Style;
  struct Code {
    std::string text, style, account_id, redirect_uri, challenge, state, nonce;
    bool used = false;
  };
  struct Device {
    std::string text, style, account_id;
    bool denied = false, expired = false;
    int slow = 0;
    long long interval = 1, asked_at = 0;
  };
  struct Refresh {
    std::string text, style, account_id;
    bool spent = false;
  };

  void Authorize(const Style& style, const Request& request, Plan& plan);
  void AskDevice(const Style& style, const Request& request, Plan& plan);
  void Token(const Style& style, const Request& request, Plan& plan, long long now);
  void Exchange(const Style& style, const Request& request, const Fields& fields, Plan& plan, long long now);
  void Poll(const Style& style, const Fields& fields, Plan& plan, long long now);
  void Renew(const Style& style, const Request& request, const Fields& fields, Plan& plan, long long now);
  void Session(const Request& request, Plan& plan);
  void GiveTokens(const Style& style, Account& account, std::string_view nonce, Plan& plan, long long now);

  static std::span<const Style> Styles();

  Accounts& accounts_;
  std::optional<OtherPerson> person_;
  std::deque<Code> codes_;
  std::deque<Device> devices_;
  std::deque<Refresh> refreshes_;
};

}  // namespace patchbay::sim
