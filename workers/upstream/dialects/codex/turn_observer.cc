#include "workers/upstream/dialects/codex/turn_observer.h"

#include <string>
#include <utility>

#include "lib/base/text.h"
#include "lib/wire/json_reader.h"
#include "workers/upstream/dialects/codex/error_decoder.h"
#include "workers/upstream/dialects/codex/rate_limits.h"

namespace patchbay::upstream::codex {
namespace {

namespace inf = inference::v1;

// Scalars only; live frames write header values as strings, numbers or booleans.
Headers HeadersIn(std::string_view object) {
  Headers headers;
  wire::JsonReader reader(object);
  reader.ForEachMember([&](std::string_view name, wire::JsonValue value) {
    std::string_view raw = value.Raw();
    if (raw.size() >= 2 && raw.front() == '"') raw = raw.substr(1, raw.size() - 2);
    if (!raw.starts_with('{') && !raw.starts_with('[')) headers.push_back({LowerCase(name), std::string(raw)});
  });
  return headers;
}

}  // namespace

bool CodexTurnObserver::Feed(std::string_view frame) {
  if (summary_.ended) return true;
  responses::EventType type = responses::EventType::kUnknown;
  wire::JsonReader reader(frame);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "type") type = responses::EventTypeOf(value.Text(), BackendExtras().type_of);
  });
  if (type == responses::EventType::kError) {
    TakeError(frame);
    return false;
  }
  if (!responses::TellsSummary(type)) return true;
  const auto decoded = decoder_.Decode({.event = {}, .data = frame}, scratch_);
  scratch_.Clear();
  summary_ = decoder_.summary();
  if (!decoded.ok()) {
    summary_.ended = summary_.failed = true;
    summary_.failure.set_stage(inf::FAILURE_STAGE_STREAM);
    summary_.failure.set_message(decoded.error().message);
  }
  return true;
}

void CodexTurnObserver::TakeError(std::string_view frame) {
  std::string_view error, headers;
  std::int64_t status = 0;
  wire::JsonReader reader(frame);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "status" || key == "status_code") status = value.Int();
    if (key == "error") error = value.RawObject();
    if (key == "headers") headers = value.RawObject();
  });
  ResponseHead head;
  head.status = status >= 300 && status <= 599 ? static_cast<int>(status) : 0;
  head.headers = HeadersIn(headers);
  head.headers.push_back({"content-type", "application/json"});
  // The same document as an HTTP error's body. The public form is flat: then the frame itself is the error.
  const std::string body = "{\"error\":" + std::string(error.empty() ? frame : error) + "}";
  summary_.failure = DecodeError(head, body, now_);
  if (head.status == 0) summary_.failure.set_stage(inf::FAILURE_STAGE_REPORTED);
  inf::RateLimits limits;
  if (!headers.empty() && DecodeRateLimitHeaders(head.headers, now_, limits)) {
    summary_.rate_limits = std::move(limits);
    summary_.has_rate_limits = true;
  }
  summary_.ended = summary_.failed = true;
}

}  // namespace patchbay::upstream::codex
