// A login under way, as it is written down: whoever finds it after a crash can go on with it. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "workers/accounts/pool/ids.h"
#include "workers/accounts/providers/device.h"

namespace patchbay::accounts {

enum class LoginPhase {
  kBeginning,   // a device's code is asked for; there is nothing to lose yet
  kWaiting,     // for the person
  kExchanging,  // the person is done: their code becomes tokens
  kKeeping,     // tokens are there, the account is being written
  kDone,
  kFailed,
};

struct LoginRecord {
  LoginId id;
  std::string provider;
  std::string label;
  bool by_device = false;
  AccountId account = {};  // LoginWish
  LoginPhase phase = LoginPhase::kBeginning;
  WallTime ends_at{};  // until when the person may finish it
  // In a browser: what only this login knows (RFC 7636, RFC 6749 §10.12).
  Secret verifier;
  Secret state;
  // By a device.
  DeviceCode device;
  // Exchanging.
  Secret code;
  std::string redirect_uri;
};

// Phases kWaiting and kExchanging; the others are never written.
Secret WriteLoginRecord(const LoginRecord& record);
// Nothing for what no version of ours has written.
std::optional<LoginRecord> ReadLoginRecord(std::string_view text);

}  // namespace patchbay::accounts
