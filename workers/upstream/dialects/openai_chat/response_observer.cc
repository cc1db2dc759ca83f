#include "workers/upstream/dialects/openai_chat/response_observer.h"

#include <algorithm>
#include <iterator>

#include "lib/base/text.h"

namespace patchbay::upstream::openai_chat {
namespace {

// Whether a member of that name, quotes included, has a value: every chunk names a finish reason, nearly all say null.
// Inside a string the quotes would be escaped.
bool HasValue(std::string_view json, std::string_view quoted_name) {
  for (std::size_t at = json.find(quoted_name); at != std::string_view::npos; at = json.find(quoted_name, at)) {
    at += quoted_name.size();
    std::string_view rest = TrimStart(json.substr(at));
    if (!rest.starts_with(':')) continue;
    rest = TrimStart(rest.substr(1));
    if (!rest.starts_with("null")) return true;
  }
  return false;
}

bool TellsSummary(std::string_view data) {
  constexpr std::string_view kNames[] = {"\"finish_reason\"", "\"usage\"", "\"error\""};
  return !data.starts_with('{') ||
         std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view name) { return HasValue(data, name); });
}

}  // namespace

Result<void> ChatResponseObserver::Feed(std::string_view bytes) {
  if (form_.IsStream(bytes)) return FeedStream(bytes);
  ASSIGN_OR_RETURN(const std::string_view document, document_.Feed(bytes));
  Result<void> result;
  if (!document.empty()) result = decoder_.DecodeDocument(document, scratch_);
  scratch_.Clear();
  return result;
}

Result<void> ChatResponseObserver::FeedStream(std::string_view bytes) {
  unfinished_.Feed(bytes);
  Result<void> result;
  RETURN_IF_ERROR(parser_.Feed(bytes, [&](const wire::SseEvent& event) {
    const bool began = !decoder_.summary().response_id.empty() || !decoder_.summary().model.empty();
    if (result.ok() && (!began || TellsSummary(event.data))) result = decoder_.Decode(event.data, scratch_);
    scratch_.Clear();
  }));
  return result;
}

Result<void> ChatResponseObserver::End() {
  Result<void> result = decoder_.End(scratch_);
  scratch_.Clear();
  return result;
}

}  // namespace patchbay::upstream::openai_chat
