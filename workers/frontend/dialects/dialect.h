// What the server knows of a client dialect: how to read a request and how to write its answer.
//
// Every folder beside this file is one dialect, with the same files in each: request_decoder,
// event_encoder (a stream), response_encoder (a whole answer), error_encoder and dialect.cc, which
// ties them to the interfaces here. All of it is pure: no I/O, no clock and no randomness but what a
// DialectRequest brings along.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/wire/sse.h"
#include "patchbay/inference/v1/event.pb.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/frontend/call/problem.h"
#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

namespace patchbay::frontend {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// One HTTP request as a dialect sees it. The body is the dialect's to keep.
struct DialectRequest {
  std::string body;
  std::string_view method = "POST";
  // What the path says: the model of "/v1beta/models/gpt-5.5:generateContent", and ":generateContent".
  std::string argument;
  std::string_view suffix;
  std::string query;  // "alt=sse", still percent-encoded
  // Value of a header field by its lower-case name; empty when the client sent none.
  std::function<std::string_view(std::string_view)> header = [](std::string_view) { return std::string_view(); };
  WallTime now{};
  // The random part of the ids that the answer will carry.
  std::string unique;
  // Makes pictures for clients that name a model which makes nothing else.
  std::string_view image_model = "gpt-5.5";
  // What is kept of earlier answers for this client; null: nothing is.
  std::shared_ptr<ClientResponses> responses = nullptr;
};

// The byte-transparent route: the client's own bytes, in the dialect that the provider speaks too.
struct RawRequest {
  std::string dialect;  // "openai_responses"
  std::string body;     // a JSON object with a member "model"
};

// A wish that not every provider fulfils. Upstream reports what it left out by the canonical field's
// name; the client knows it by its own.
struct WishedFor {
  std::string_view canonical;  // "max_output_tokens"
  std::string field;           // "max_completion_tokens"
};

// Writes one attempt's answer. A new attempt gets a new encoder, so nothing of a failed one remains.
class ReplyEncoder {
 public:
  virtual ~ReplyEncoder() = default;

  // One canonical event, on the translating route. Never sees Failed: that becomes Break or an error.
  virtual Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) = 0;
  // Some bytes of the provider's answer, on the byte-transparent route. The value says whether the
  // answer has carried output by now.
  virtual Result<bool> Bytes(std::string_view bytes, std::string& out) = 0;
  // The call succeeded. An encoder of whole answers writes now.
  virtual Result<void> End(std::string& out) = 0;
  // The stream broke after output had gone out: the dialect's own error, and nothing after it.
  virtual void Break(const Problem& problem, std::string& out) = 0;
  // What a silent stream says so that nobody takes it for dead. It stands between events.
  virtual std::string_view Heartbeat() const { return wire::kSseHeartbeat; }
};

// A request, understood.
struct Conversation {
  std::string model;  // the client's name for it
  bool stream = false;
  std::string stream_content_type = "text/event-stream; charset=utf-8";
  std::variant<inference::v1::GenerateRequest, RawRequest> payload;
  // The encoders outlive this object.
  std::function<std::unique_ptr<ReplyEncoder>()> new_encoder;

  // What accounts must look for in an account.
  bool needs_tools = false;
  bool needs_vision = false;
  bool needs_json_schema = false;

  // Affinity: the client's own key of the conversation, and text that stays the same over its turns.
  std::string cache_key;
  std::string first_turn;

  // Client headers that the provider may see.
  HeaderList forwarded_headers;
  // Fields that changed nothing, for `x-patchbay-ignored`, and repairs, for `x-patchbay-repaired`.
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  std::vector<WishedFor> wishes;
};

// An HTTP answer that is not a stream.
struct Answer {
  int status = 200;
  HeaderList headers;
  std::string body;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  // "openai_chat": for logs and usage rows.
  virtual std::string_view name() const = 0;
  virtual Result<Conversation> Decode(DialectRequest request) const = 0;
  // A request that needs no provider (Action::kLocal).
  virtual Answer AnswerLocally(const DialectRequest&) const {
    return EncodeError(Problem(Problem::Kind::kNotFound, "there is nothing at this path"));
  }
  virtual Answer EncodeError(const Problem& problem) const = 0;
  // The same for a request whose route ends in `suffix`, where that and its query decide what the answer looks like.
  virtual Answer EncodeErrorOf(std::string_view /*suffix*/, std::string_view /*query*/, const Problem& problem) const {
    return EncodeError(problem);
  }
  // How many tokens a request would cost, as an answer in the dialect's shape. Estimated here: no provider is asked.
  virtual Result<Answer> CountTokens(DialectRequest) const {
    return Error(ErrorCode::kUnsupported, "tokens cannot be counted in this protocol").From(Origin::kClient);
  }
  // The header in which the dialect's clients look for the request id, besides `x-request-id`; empty for none.
  virtual std::string_view request_id_header() const { return {}; }
};

}  // namespace patchbay::frontend
