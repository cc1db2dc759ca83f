// One HTTP request while the server handles it, and what the record of it will say.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/net/http_exchange.h"
#include "workers/frontend/call/call_spec.h"
#include "workers/frontend/http/client_auth.h"
#include "workers/frontend/http/router.h"
#include "workers/frontend/recorder/recorder.h"

namespace patchbay::frontend {

// The status of an upgrade to a WebSocket that is open.
inline constexpr int kSwitchingProtocols = 101;

struct Request {
  std::shared_ptr<net::HttpExchange> exchange;
  std::string id;
  Route route;
  HeaderList headers;                // of every answer
  std::optional<ClientKey> keyless;  // whose it is without a key, where that is not the listener's affair
  std::string source;                // the client's address, as Acquire has it
  ClientKey key;
  CallerLogin caller_login;
  SteadyTime started;
  RecordingPtr recording;  // null while nobody records

  // For the record.
  int status = 0;
  std::string problem;
  std::string model;     // of calls
  std::string affinity;  // of calls: where their key came from
  CallOutcome outcome;   // of calls that reached the engine
  bool called = false;   // they did
  std::size_t bytes = 0;

  std::string_view Header(std::string_view name) const { return exchange->request().Find(name).value_or(""); }
};

}  // namespace patchbay::frontend
