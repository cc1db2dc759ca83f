// What the service needs of a provider's wire protocol. One folder per dialect implements it; all
// of it is pure: no sockets, no clock, no randomness, so the same input always gives the same output.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "patchbay/inference/v1/event.pb.h"
#include "patchbay/inference/v1/failure.pb.h"
#include "patchbay/inference/v1/request.pb.h"
#include "workers/upstream/dialects/common/answer_kind.h"
#include "workers/upstream/dialects/common/limits.h"
#include "workers/upstream/transport/http_types.h"

namespace patchbay::upstream {

using GenerateEvents = google::protobuf::RepeatedPtrField<inference::v1::GenerateEvent>;

// An error body is kept this far and no further.
inline constexpr std::size_t kMaxErrorBodyBytes = std::size_t{64} << 10;

struct EncodedRequest {
  std::string body;
  // Canonical fields that the provider has no place for, by name, and what had to be changed; the client is told.
  std::vector<std::string> ignored;
  std::vector<std::string> repaired = {};
};

// What was seen of a response, for End. Filled as its bytes pass.
struct ResponseSummary {
  std::string response_id;
  std::string model;
  inference::v1::Usage usage;
  bool has_usage = false;
  inference::v1::RateLimits rate_limits;
  bool has_rate_limits = false;
  inference::v1::FinishReason finish_reason = inference::v1::FINISH_REASON_UNSPECIFIED;
  // Set by the provider's own error event; its stage is REPORTED.
  inference::v1::Failure failure;
  bool failed = false;
  // The terminal event, whichever it was, has been seen. A body that ends before is a cut stream.
  bool ended = false;
};

// The body of one successful response: bytes in, any split, canonical events out.
class ResponseDecoder {
 public:
  virtual ~ResponseDecoder() = default;
  // Events are appended. An error means that the provider broke its protocol; the decoder is spent.
  virtual Result<void> Feed(std::string_view bytes, GenerateEvents& events) = 0;
  // The body has ended as it should, and the terminal event was not among its bytes: some providers end so. Who needs
  // an end that is said says nothing here.
  virtual Result<void> End(GenerateEvents&) { return {}; }
  virtual const ResponseSummary& summary() const = 0;
};

// The same bytes on the byte-transparent route: only what End needs is read, and nothing is built.
class ResponseObserver {
 public:
  virtual ~ResponseObserver() = default;
  virtual Result<void> Feed(std::string_view bytes) = 0;
  // As ResponseDecoder's.
  virtual Result<void> End() { return {}; }
  // How many of the last bytes belong to an event that is not whole yet and may be an error: nearly always 0.
  virtual std::size_t may_be_error() const = 0;
  virtual const ResponseSummary& summary() const = 0;
};

// The messages of one turn on a WebSocket: the same events, each a JSON text of its own.
class TurnObserver {
 public:
  virtual ~TurnObserver() = default;
  // Whether the message is for the client. An error frame is not: it is the end, and summary().failure says what it
  // said, with the status it named.
  virtual bool Feed(std::string_view frame) = 0;
  virtual const ResponseSummary& summary() const = 0;
};

// Where raw bodies of one dialect go, and what comes back.
struct RawRoute {
  std::string_view dialect;  // "openai_responses"
  std::string_view path;     // below the provider's base URL
  // kEither: whichever the client asked for.
  enum class Answer { kEvents, kDocument, kEither } answer;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  // The route of raw bodies in that dialect; null: they may not pass. Lives as long as the process.
  virtual const RawRoute* FindRawRoute(std::string_view dialect) const = 0;
  // Below the provider's base URL: "/responses". Requests that are encoded here go there, and sockets.
  virtual std::string_view generate_path() const = 0;

  // The provider's word for a tier; empty for what absence means.
  virtual std::string_view TierName(inference::v1::Tier tier) const = 0;
  // What its provider takes in requests for that model. Whoever encodes has made the request fit (translation.h).
  virtual RequestLimits limits(std::string_view model) const = 0;
  // `session` stands in for the prompt cache key that the client did not choose.
  virtual Result<EncodedRequest> EncodeRequest(const inference::v1::GenerateRequest& request,
                                               std::string_view session) const = 0;
  // What its provider's answers are; an answer that begins as one of another kind is none. kUnknown: whatever comes.
  virtual AnswerKind answer_kind() const { return AnswerKind::kUnknown; }
  virtual std::unique_ptr<ResponseDecoder> NewDecoder(WallTime now) const = 0;
  virtual std::unique_ptr<ResponseObserver> NewObserver(WallTime now) const = 0;
  // Of an answer on a route whose answers are documents; null: nothing in it concerns End but its own end.
  virtual std::unique_ptr<ResponseObserver> NewDocumentObserver(std::string_view /*raw_dialect*/) const {
    return nullptr;
  }
  // Whether its decoder also understands one JSON document, from a provider that does not stream though it was asked
  // to.
  virtual bool ReadsDocuments() const { return false; }
  virtual std::unique_ptr<TurnObserver> NewTurnObserver(WallTime now) const = 0;

  // The facts of an error reply; `body` may be cut at kMaxErrorBodyBytes.
  virtual inference::v1::Failure DecodeError(const ResponseHead& head, std::string_view body, WallTime now) const = 0;
  // Quota facts in a head. False when there are none.
  virtual bool DecodeRateLimits(const Headers& headers, WallTime now, inference::v1::RateLimits& limits) const = 0;
  // Whether a client may see this response header (name in lower case).
  virtual bool IsVisibleHeader(std::string_view name) const = 0;
  // Whether such a one tells of the account's quota: who may see that, the client's key says.
  virtual bool IsQuotaHeader(std::string_view /*name*/) const { return false; }
};

}  // namespace patchbay::upstream
