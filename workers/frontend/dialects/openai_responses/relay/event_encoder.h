// The provider's Responses stream → the client's: the same bytes.
//
//   native clients     get every byte as it came, cut at event boundaries so that a stream that breaks
//                      never leaves half an event behind.
//   all other clients  get every event but the provider's private ones, and `output` filled in where
//                      the ChatGPT backend leaves it empty: OpenAI's own SDK needs both (client-protocols C.4);
//                      and in each Response object what ResponseAdditions adds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/wire/sse.h"
#include "workers/frontend/call/problem.h"
#include "workers/frontend/call/quota_sight.h"
#include "workers/frontend/dialects/openai_responses/relay/stream_state.h"
#include "workers/frontend/dialects/openai_responses/response_additions.h"

namespace patchbay::frontend::openai_responses {

class EventEncoder {
 public:
  // Who gets the answer, and whose it is.
  struct Audience {
    bool every_byte = false;   // the provider's own client: nothing is looked at twice
    bool public_only = false;  // of a provider that says more than the API has
    // What every_byte reads in place of the provider's events about quota: ours, or nothing where that is null.
    QuotaSight quota = {};
  };

  // `fallback_id`, `model` and `asked_at`, in seconds since the epoch, tell of a response that breaks before it was
  // created.
  EventEncoder(Audience audience, std::string fallback_id, std::string model, ResponseAdditions additions = {},
               std::int64_t asked_at = 0)
      : audience_(audience),
        fallback_id_(std::move(fallback_id)),
        model_(std::move(model)),
        additions_(std::move(additions)),
        asked_at_(asked_at) {}

  // Whether output was carried by now.
  Result<bool> Relay(std::string_view bytes, std::string& out);
  // `response.failed`, unless the provider has ended the stream itself.
  void EncodeBreak(const Problem& problem, std::string& out);

 private:
  Result<void> SeeEvent(const wire::SseEvent& event, std::string& out);
  Result<void> Pass(const wire::SseEvent& event, StreamState::Kind kind, std::string& out);
  // The `response` of an event as our clients get it; empty when the event has none.
  Result<std::string> WholeResponse(const wire::SseEvent& event, StreamState::Kind kind) const;
  Result<void> PassWholeEvents(std::string_view bytes, std::string& out);
  // Whole events, one of which at least tells of quota.
  void PassWithOurQuota(std::string_view events, std::string& out) const;

  const Audience audience_;
  const std::string fallback_id_, model_;
  const ResponseAdditions additions_;
  const std::int64_t asked_at_;
  wire::SseParser parser_;
  StreamState state_;
  std::string carry_;  // bytes of an event that is not whole yet, where every byte passes
  bool ended_ = false;
  bool saw_quota_ = false;  // in the bytes that are being passed
};

}  // namespace patchbay::frontend::openai_responses
