// A call as the engine runs it, and what it says of it afterwards.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/call/affinity.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/call/problem.h"

namespace patchbay::frontend {

struct CallSpec {
  std::string request_id;  // unique among the calls in flight
  std::string client_key_id;
  std::string dialect;  // the client's, for usage rows
  Call call;
  Affinity affinity;
  std::string traceparent;
  // Only this account will do; empty for any.
  std::string pinned_account;
  // The call opens a socket and nothing else: no model yet, and no usage row.
  bool opens_socket = false;
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
  // Refused because no provider can do what the call needs of one.
  bool lacks_capability = false;
  // For the record of the call.
  std::string account_label;
  int attempts = 0;
  std::optional<std::chrono::milliseconds> first_output;
  inference::v1::Usage usage;
  bool usage_estimated = false;
};

// "completed", … for logs.
std::string_view ToString(CallOutcome::Ending ending);

}  // namespace patchbay::frontend
