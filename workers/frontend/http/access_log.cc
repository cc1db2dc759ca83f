#include "workers/frontend/http/access_log.h"

#include "lib/log/log.h"
#include "workers/frontend/engine/call_log.h"

namespace patchbay::frontend {

void LogRequest(const Request& request, std::chrono::milliseconds took) {
  const bool upgrade = request.route.action == Action::kSocket;
  if (upgrade && request.status == kSwitchingProtocols) return;
  if (upgrade || request.route.action == Action::kCall) {
    return LogCall({.request_id = request.id,
                    .client_key_id = request.key.id,
                    .dialect = request.route.dialect->name(),
                    .model = request.model,
                    .affinity = request.affinity,
                    .status = request.status,
                    .problem = request.problem,
                    .took = took,
                    .bytes = request.bytes},
                   request.outcome);
  }
  const net::HttpRequest& head = request.exchange->request();
  log::Debug("http.request", {{"request", request.id},
                              {"method", head.method},
                              {"path", head.path},
                              {"status", request.status},
                              {"key", request.key.id},
                              {"ms", took.count()}});
}

}  // namespace patchbay::frontend
