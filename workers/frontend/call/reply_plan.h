// How the answer to a call is written for the client that asked: decided when its request was understood, whoever
// serves it in the end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/wire/sse.h"
#include "patchbay/inference/v1/event.pb.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/call/problem.h"

namespace patchbay::frontend {

// Writes one attempt's answer. A new attempt gets a new encoder, so nothing of a failed one remains. Each is one of the
// two below, as its way wants it.
class ReplyEncoder {
 public:
  virtual ~ReplyEncoder() = default;

  // The call succeeded. An encoder of whole answers writes now.
  virtual Result<void> End(std::string& out) = 0;
  // The stream broke after output had gone out: the dialect's own error, and nothing after it.
  virtual void Break(const Problem& problem, std::string& out) = 0;
  // What a silent stream says so that nobody takes it for dead. It stands between events.
  virtual std::string_view Heartbeat() const { return wire::kSseHeartbeat; }
};

// Of an answer that comes in canonical events.
class TranslatedReply : public ReplyEncoder {
 public:
  // Never sees Failed: that becomes Break or an error.
  virtual Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) = 0;
};

// Of one that comes in the provider's own bytes.
class RelayedReply : public ReplyEncoder {
 public:
  // The value says whether the answer has carried output by now.
  virtual Result<bool> Bytes(std::string_view bytes, std::string& out) = 0;
};

// A wish that not every provider fulfils. Upstream reports what it left out by the canonical field's
// name; the client knows it by its own.
struct WishedFor {
  std::string_view canonical;  // "max_output_tokens"
  std::string field;           // "max_completion_tokens"
};

struct ReplyPlan {
  bool stream = false;
  std::string stream_content_type = "text/event-stream; charset=utf-8";
  // One for each way that the call can take; the other is empty. The encoders outlive this object.
  std::function<std::unique_ptr<TranslatedReply>()> translated;
  std::function<std::unique_ptr<RelayedReply>(const CallRoute&)> relayed;

  // What the canonical form lost: fields that changed nothing, for `x-patchbay-ignored`, and repairs, for
  // `x-patchbay-repaired`. A relay says its own.
  std::vector<std::string> ignored;
  std::vector<std::string> repaired;
  std::vector<WishedFor> wishes;
};

}  // namespace patchbay::frontend
