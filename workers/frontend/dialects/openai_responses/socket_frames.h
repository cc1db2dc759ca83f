// The Responses API over WebSocket (codex-wire §10, client-protocols C.7): a frame of the client → a turn, a problem →
// an error frame, and the provider's frames → the client's. What a turn's body may say is request_decoder's business.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "workers/frontend/dialects/dialect.h"
#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"
#include "workers/frontend/dialects/openai_responses/relay/stream_state.h"
#include "workers/frontend/dialects/openai_responses/response_additions.h"

namespace patchbay::frontend::openai_responses {

// One frame of a client, understood.
struct ClientFrame {
  bool wants_answer = true;          // false: nothing is to be done about it
  bool generate = true;              // false: it warms up, and is answered with an empty response
  DecodedRequest request;            // its body is the frame for the provider
  std::string previous_response_id;  // empty: the turn begins a conversation, or repeats the whole of it
};
Result<ClientFrame> DecodeFrame(std::string text, const ClientTraits& client);

// The same where no provider's socket remembers anything: the request is one that goes over HTTP, with what was said
// before out of `remembered`.
Result<ClientFrame> DecodeFrameForHttp(std::string text, const ClientTraits& client, ClientResponses& remembered);

// {"type":"error","status":…,"error":{…},"headers":{…}}: the same status and object as over HTTP. Without a status the
// Codex CLI would overlook the frame.
std::string ErrorFrame(const Problem& problem);

// What a client is told when the socket that remembers its conversation is gone: the Codex CLI then reconnects and
// sends the whole conversation.
Problem PreviousResponseLost(std::string_view id);

// {"type":"patchbay.ignored","fields":[…]} and {"type":"patchbay.repaired","repairs":[…]}: stand in for the headers
// `x-patchbay-ignored` and `x-patchbay-repaired`. Empty when there are none.
std::string IgnoredFrame(const std::vector<std::string>& fields);
std::string RepairedFrame(const std::vector<std::string>& repairs);

// A frame about quota becomes what the client is shown: ours, or nothing. False: it is left out.
bool ShowQuota(const QuotaSight& sight, std::int64_t now, std::string& frame);

// Whether a frame that the provider sent between two turns is not for its own client only.
bool IsForEverybody(std::string_view frame);

// The provider's frames of one turn. As over HTTP, native clients get every one untouched; for all others the
// provider's private ones are left out and `output` of the last one is filled in.
class FrameEncoder {
 public:
  explicit FrameEncoder(bool native, ResponseAdditions added = {}) : native_(native), additions_(std::move(added)) {}

  // Appends to `out` what the client gets. Whether output was carried by now.
  Result<bool> Relay(std::string_view frame, std::vector<std::string>& out);
  // The provider's own last event has passed, whatever it said.
  bool ended() const { return ended_; }

 private:
  const bool native_;
  const ResponseAdditions
      additions_;  // nothing is kept of answers over sockets: the provider's socket remembers the last
  StreamState state_;
  bool ended_ = false;
};

}  // namespace patchbay::frontend::openai_responses
