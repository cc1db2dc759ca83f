// One request while the server handles it. Included by the server's own files only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "workers/frontend/http/server.h"

namespace patchbay::frontend {

// And what the access log will say of it.
struct Server::Request {
  std::shared_ptr<net::HttpExchange> exchange;
  std::string id;
  Route route;
  HeaderList headers;  // of every answer
  ClientKey key;
  SteadyTime started;

  int status = 0;
  std::string problem;
  std::string model, account, affinity, ending;
  int attempts = 0;
  std::int64_t first_output_ms = -1;
  std::size_t bytes = 0;
  RecordingPtr recording;  // null while nobody records

  std::string_view Header(std::string_view name) const { return exchange->request().Find(name).value_or(""); }
};

}  // namespace patchbay::frontend
