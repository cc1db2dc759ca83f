// What the provider's WebSocket transport says, free of sockets (codex-wire §10): frames made of event streams and of
// refusals, and what one connection remembers.
#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/http.h"

namespace patchbay::sim {

// One connection's memory: its last response, which the next turn may continue. Nothing of it outlives the connection.
struct SocketMemory {
  std::string account_id;
  std::string response_id;   // empty: nothing to continue
  boost::json::array items;  // the conversation up to and including that response
};

// The value of the beta header without which the transport is not offered.
inline constexpr std::string_view kSocketBeta = "responses_websockets=2026-02-06";

// The `data` of each whole event, in order.
std::vector<std::string_view> FramesOf(std::string_view events);

// A refusal as an error frame: status, headers in Title-Case, the body's error object.
std::string ErrorFrame(const Reply& reply);

// What the connection remembers after `events` have answered `input`; nothing when they end badly.
void Remember(std::string_view events, boost::json::array input, SocketMemory& memory);

}  // namespace patchbay::sim
