// A login by a code that a person enters on another machine: what the provider is asked, and what it says. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "patchbay/catalog/v1/provider.pb.h"
#include "workers/accounts/providers/token_reply.h"
#include "workers/accounts/providers/token_request.h"

namespace patchbay::accounts {

// What a device was given: the person enters `user_code` at `page`; `secret` proves that it is the same device.
struct DeviceCode {
  Secret secret;
  std::string user_code;
  std::string page;  // empty: the row knows it
  std::chrono::seconds interval{5};
  std::chrono::seconds lives{900};
};

struct DeviceReply {
  enum class Kind { kCode, kRefused, kTransient };
  Kind kind = Kind::kTransient;
  DeviceCode code;
  std::string evidence;
};

struct DevicePoll {
  enum class Kind {
    kPending,   // the person has not entered it yet
    kSlowDown,  // the same, and it was asked too often
    kCode,      // an authorization code, to be exchanged with the verifier that comes with it
    kTokens,
    kDenied,   // the person said no
    kExpired,  // the code is too old
    kRefused,  // for another reason
    kTransient,
  };
  Kind kind = Kind::kTransient;
  Secret code, verifier;
  TokenReply tokens;
  std::string evidence;
};

struct DeviceFlow {
  TokenRequest (*ask)(const catalog::v1::OAuth& oauth);
  DeviceReply (*read)(int status, std::string_view body);
  TokenRequest (*poll)(const catalog::v1::OAuth& oauth, const DeviceCode& code);
  DevicePoll (*read_poll)(int status, std::string_view body);
};

}  // namespace patchbay::accounts
