// What the frames of one WebSocket mean for its turns. Pure: no sockets, no clock.
//
//   kIdle ──Begin──▶ kTurn ──last frame──▶ kIdle
//   kIdle | kTurn ──Break──▶ kOver
//
// One turn at a time: frames carry no id that would tell two of them apart.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "patchbay/upstream/v1/upstream.pb.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream {

class TurnTracker {
 public:
  explicit TurnTracker(const Dialect& dialect) : dialect_(dialect) {}

  // False: a turn is running, or the socket is over.
  bool Begin(WallTime now);

  struct Seen {
    bool pass = true;            // the frame is for the client
    std::optional<v1::End> end;  // and it was the turn's last
  };
  Seen See(std::string_view frame, WallTime now);

  // The socket ended. The end of the turn that was running, if one was.
  std::optional<v1::End> Break(inference::v1::Failure why);

  bool in_turn() const { return observer_ != nullptr; }
  bool over() const { return over_; }

 private:
  const Dialect& dialect_;
  std::unique_ptr<TurnObserver> observer_;  // of the turn that is running
  std::string given_up_;                    // the response of the last one, if an error ended it
  bool over_ = false;
};

}  // namespace patchbay::upstream
