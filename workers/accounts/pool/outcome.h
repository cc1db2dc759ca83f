// What the pool is told about the world, in plain values: the outcome of calls, quota, and time.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"

namespace patchbay::accounts {

// Now, by both clocks. Provider times (resets, expiries) are compared with `wall`; waiting, graces and
// schedules of our own with `steady`, so that a jump of the calendar moves none of them.
struct Moment {
  WallTime wall{};
  SteadyTime steady{};
};

// Where on the way a call stopped; mirrors inference.v1.FailureStage.
enum class Stage {
  kUnknown,
  kCredential,
  kResolve,
  kConnect,
  kTls,
  kSend,
  kFirstByte,
  kStatus,
  kStream,
  kReported,
  kGateway,
};

// What the provider's words mean, as its dialect understood them; mirrors inference.v1.Cause.
enum class Cause {
  kUnknown,
  kBadRequest,
  kContextTooLong,
  kPolicy,
  kBadMedia,
  kSealedReasoning,
  kPreviousResponse,
  kNoEndpoint,
  kModel,
  kDeactivated,
  kNotIncluded,
  kCredential,
  kExhausted,
  kRateLimited,
  kOverloaded,
  kServerError,
  kRegion,
  kTimedOut,
};

enum class Body { kUnknown, kEmpty, kJson, kHtml, kOther };

// A call that did not go well: facts, no judgement.
struct FailureFacts {
  Stage stage = Stage::kUnknown;
  int http_status = 0;  // 0: there was none
  Cause cause = Cause::kUnknown;
  std::string code;  // the provider's own words: compared with each other and shown to people, never understood
  std::string type;
  std::string message;  // bounded; read only where an operator's row asks for it
  Body body = Body::kUnknown;
  bool challenge = false;
  std::optional<std::chrono::milliseconds> retry_after;
  std::optional<WallTime> resets_at;
};

// One quota period as a provider reports it.
struct WindowFacts {
  std::string name;  // "primary", "secondary", or an extra limit's id
  double used_percent = 0;
  std::chrono::seconds length{0};
  std::optional<WallTime> resets_at;
};

// Of the account as a whole, not of a family of models.
inline bool IsGeneral(const WindowFacts& window) {
  return window.name.empty() || window.name == "primary" || window.name == "secondary";
}

// What an account may use beyond its windows.
struct CreditFacts {
  bool has = false;
  bool unlimited = false;
  std::string balance;  // as the provider wrote it
  friend bool operator==(const CreditFacts&, const CreditFacts&) = default;
};

struct QuotaFacts {
  std::string plan;
  std::vector<WindowFacts> windows;
  // The provider's own word that the account's quota is used up.
  bool limit_reached = false;
  std::string active_limit = {};  // of which extra limit the call was; empty: of none that we know
  std::optional<CreditFacts> credits = {};
  std::optional<int> reset_credits = {};
  std::map<std::string, std::string> limit_names = {};  // of extra limits, by id
  // Every window that there is stands here: what its provider answers when it is asked for the account's usage.
  bool whole = false;
};

}  // namespace patchbay::accounts
