// The provider's Responses stream → one Response object, for clients that did not ask for a stream.
#pragma once

#include <string>
#include <string_view>

#include "lib/wire/sse.h"
#include "workers/frontend/dialects/openai_responses/relay/stream_state.h"
#include "workers/frontend/dialects/openai_responses/response_additions.h"

namespace patchbay::frontend::openai_responses {

class ResponseEncoder {
 public:
  explicit ResponseEncoder(ResponseAdditions additions = {}) : additions_(std::move(additions)) {}

  // Whether output was carried by now.
  Result<bool> Add(std::string_view bytes);
  // The object of `response.completed` or `response.incomplete`, its output made of the items that were
  // done. kProtocol when the stream had no such end.
  Result<std::string> Encode() const;
  const StreamState& state() const { return state_; }

 private:
  const ResponseAdditions additions_;
  wire::SseParser parser_;
  StreamState state_;
  std::string final_;
  bool ended_ = false;
};

}  // namespace patchbay::frontend::openai_responses
