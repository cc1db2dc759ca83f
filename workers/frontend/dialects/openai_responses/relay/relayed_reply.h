// The answers of the byte-transparent route, as the server sees them: thin wrappers of its encoders.
#pragma once

#include <string>
#include <utility>

#include "workers/frontend/call/reply_plan.h"
#include "workers/frontend/dialects/openai_responses/relay/event_encoder.h"

namespace patchbay::frontend::openai_responses {

class RelayedStream final : public RelayedReply {
 public:
  template <class... Args>
  explicit RelayedStream(Args&&... args) : encoder_(std::forward<Args>(args)...) {}
  Result<bool> Bytes(std::string_view bytes, std::string& out) override { return encoder_.Relay(bytes, out); }
  Result<void> End(std::string&) override { return {}; }  // the provider's own last event has passed
  void Break(const Problem& problem, std::string& out) override { encoder_.EncodeBreak(problem, out); }

 private:
  EventEncoder encoder_;
};

// ResponseEncoder or CompactionEncoder.
template <class Encoder>
class RelayedWhole final : public RelayedReply {
 public:
  template <class Argument>
  explicit RelayedWhole(Argument argument) : encoder_(std::move(argument)) {}
  Result<bool> Bytes(std::string_view bytes, std::string&) override { return encoder_.Add(bytes); }
  Result<void> End(std::string& out) override {
    ASSIGN_OR_RETURN(out, encoder_.Encode());
    return {};
  }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  Encoder encoder_;
};

}  // namespace patchbay::frontend::openai_responses
