#include "supervisor/events/event_json.h"

#include <nlohmann/json.hpp>

#include "lib/events/kinds.h"
#include "lib/time/proto_time.h"
#include "lib/time/time_text.h"

namespace patchbay::supervisor {

std::string EventJson(const SeenEvent& seen, const std::string& run) {
  const events::v1::Event& event = seen.event;
  nlohmann::ordered_json document = {{"text", events::TextOf(event)},
                                     {"kind", events::NameOf(event.kind())},
                                     {"severity", events::ToString(events::FactsOf(event.kind()).severity())},
                                     {"at", Rfc3339(ToWallTime(event.at()))}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) document[name] = value;
  };
  add("account", event.account());
  add("account_label", event.account_label());
  add("provider", event.provider());
  add("client_key", event.client_key());
  add("part", event.part());
  if (event.threshold() > 0) document["threshold"] = event.threshold();
  add("evidence", event.evidence());
  if (event.has_until()) document["until"] = Rfc3339(ToWallTime(event.until()));
  add("request_id", event.request_id());
  document["run"] = run;
  document["sequence"] = seen.sequence;
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace patchbay::supervisor
