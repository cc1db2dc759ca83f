// The answers of a dialect that translates, as the server sees them: thin wrappers of the dialect's two encoders.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "lib/wire/sse.h"
#include "workers/frontend/call/reply_plan.h"

namespace patchbay::frontend {

// A stream. EventEncoder has Encode(event, out) and EncodeBreak(problem, out).
template <class EventEncoder>
class TranslatedStream : public TranslatedReply {
 public:
  template <class... Args>
  explicit TranslatedStream(Args&&... args) : encoder_(std::forward<Args>(args)...) {}
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string& out) override {
    const std::size_t before = out.size();
    RETURN_IF_ERROR(encoder_.Encode(event, out));
    wire::EscapeLineSeparators(out, before);
    return {};
  }
  Result<void> End(std::string&) override { return {}; }  // the Finished event wrote it
  void Break(const Problem& problem, std::string& out) override {
    const std::size_t before = out.size();
    encoder_.EncodeBreak(problem, out);
    wire::EscapeLineSeparators(out, before);
  }

 protected:
  EventEncoder encoder_;
};

// A whole answer. ResponseEncoder has Add(event) and Encode().
template <class ResponseEncoder>
class TranslatedWhole final : public TranslatedReply {
 public:
  template <class... Args>
  explicit TranslatedWhole(Args&&... args) : encoder_(std::forward<Args>(args)...) {}
  Result<void> Event(const inference::v1::GenerateEvent& event, std::string&) override { return encoder_.Add(event); }
  Result<void> End(std::string& out) override {
    ASSIGN_OR_RETURN(out, encoder_.Encode());
    return {};
  }
  void Break(const Problem&, std::string&) override {}  // nothing was sent: the caller answers with an error

 private:
  ResponseEncoder encoder_;
};

// Makes one of the two, as often as it is asked. `more` is what only a stream has to be told.
template <class EventEncoder, class ResponseEncoder, class Identity, class... More>
auto StreamOrWhole(bool stream, Identity identity, More... more) {
  return [stream, identity = std::move(identity), more...]() -> std::unique_ptr<TranslatedReply> {
    if (stream) return std::make_unique<TranslatedStream<EventEncoder>>(identity, more...);
    return std::make_unique<TranslatedWhole<ResponseEncoder>>(identity);
  };
}

}  // namespace patchbay::frontend
