// The life of a client's WebSocket, as decisions: which turn is next, how long to wait, when and how to close.
// Pure: no I/O, no clock of its own.
//
//   between two turns:  Next ──▶ kTurn    run it, then TurnOver
//                            ──▶ kWait    until something is told here, or until then
//                            ──▶ kClose   say goodbye with this code
//                            ──▶ kGone    nobody is left
//
// A turn is never cut by a limit or a drain: both take effect between turns.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/net/byte_budget.h"

namespace patchbay::frontend {

// RFC 6455 §7.4.1, and the registry that it made.
namespace close_code {
inline constexpr int kNormal = 1000;
inline constexpr int kGoingAway = 1001;
inline constexpr int kNoStatus = 1005;  // never on the wire
inline constexpr int kAbnormal = 1006;  // never on the wire
inline constexpr int kPolicy = 1008;
inline constexpr int kInternal = 1011;
inline constexpr int kServiceRestart = 1012;
}  // namespace close_code

// The code to close a client's socket with when its provider's socket was closed with `code`.
int RelayedCloseCode(int code);

class SocketLife {
 public:
  // Turns waiting for the one that runs. The Codex CLI never sends ahead.
  static constexpr std::size_t kMaxQueuedTurns = 16;

  struct Limits {
    std::chrono::milliseconds idle_timeout{1'800'000};
    std::chrono::milliseconds lifetime{3'600'000};
  };
  struct Frame {
    std::string text;
    net::ByteBudget::Share held;
  };
  struct Step {
    enum class Kind { kTurn, kWait, kClose, kGone };
    Kind kind = Kind::kWait;
    Frame frame;         // of kTurn
    SteadyTime until{};  // of kWait
    int code = 0;        // of kClose
    std::string reason;
  };

  SocketLife(Limits limits, SteadyTime now) : limits_(limits), opened_at_(now), idle_since_(now) {}

  // A frame of the client. False: too many are waiting already.
  bool Add(Frame frame);
  void TurnOver(SteadyTime now) { idle_since_ = now; }
  void ClientGone() { gone_ = true; }
  void Drain() { draining_ = true; }
  // Closes between turns; the first reason counts.
  void CloseWith(int code, std::string reason);

  Step Next(SteadyTime now);

 private:
  const Limits limits_;
  const SteadyTime opened_at_;
  SteadyTime idle_since_;
  std::deque<Frame> queue_;
  int code_ = 0;
  std::string reason_;
  bool draining_ = false;
  bool gone_ = false;
};

}  // namespace patchbay::frontend
