// A call as the engine runs it, and what it says of it afterwards.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/call/affinity.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/call/caller_login.h"
#include "workers/frontend/call/problem.h"

namespace patchbay::frontend {

struct CallSpec {
  std::string request_id;  // unique among the calls in flight
  std::string client_key_id;
  std::string source;          // the client's address; empty: a Unix socket
  bool counts_tokens = false;  // the key has limits of tokens or money: accounts wants to know what to expect
  std::string dialect;         // the client's, for usage rows
  Call call;
  Affinity affinity;
  std::string traceparent;
  CallerLogin caller_login;  // for a provider that wants it
  // Only this account will do; empty for any.
  std::string pinned_account;
  // The call opens a socket and nothing else: no model yet, and no usage row.
  bool opens_socket = false;
  // The call is a turn on a provider's socket: only providers that have them will do.
  bool on_socket = false;
  // From the configuration, which has the defaults.
  std::chrono::milliseconds queue_wait{0};
  std::chrono::milliseconds total_timeout{0};  // of all attempts together
  // How long a provider that has accepted the call may stay silent before the client is told that it is being served.
  std::chrono::milliseconds quiet_commit{0};
};

struct CallOutcome {
  enum class Ending {
    kCompleted,
    kRefused,     // nothing was committed: `problem` is the whole answer
    kBroken,      // committed, then it broke: `problem` ends the stream
    kClientGone,  // nobody is left to tell
  };
  Ending ending = Ending::kRefused;
  std::optional<Problem> problem;
  // Refused on a socket; over HTTP a provider that has no sockets may serve it.
  bool without_socket = false;
  // For the record of the call.
  std::string account_label;
  int attempts = 0;
  std::string fallback_model;  // that served instead, since the key's budget has no room for the one asked for
  std::optional<std::chrono::milliseconds> first_output;
  inference::v1::Usage usage;
  bool usage_estimated = false;
  // Who answered last, and what it said of the account's quota.
  std::string provider;
  inference::v1::RateLimits rate_limits;
};

// "completed", … for logs.
std::string_view ToString(CallOutcome::Ending ending);

}  // namespace patchbay::frontend
