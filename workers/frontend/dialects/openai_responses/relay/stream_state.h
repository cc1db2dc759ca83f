// What must be remembered of a Responses event stream while its bytes pass: where it stands, the
// response object it began with, and the items that are done. Both encoders are built on it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/wire/sse.h"

namespace patchbay::frontend::openai_responses {

class StreamState {
 public:
  // Bounds what one answer can make us remember.
  static constexpr std::size_t kMaxRememberedBytes = std::size_t{64} << 20;

  enum class Kind {
    kLifecycle,  // created, in_progress, queued: nothing a client could act on
    kBegan,      // an item or part was added
    kOutput,     // deltas, and whatever we do not know
    kItemDone,
    kCompleted,  // or incomplete: the answer's end
    kFailed,
    kError,    // an `error` event: clients differ in what they make of it
    kForeign,  // not named like this API's, no JSON, and others that OpenAI's own SDK throws on (client-protocols C.4)
  };

  // What kind of event this is; remembers what it says. kTooLarge over the bound.
  Result<Kind> See(const wire::SseEvent& event);

  // The type of the event last seen.
  const std::string& type() const { return type_; }
  bool carried_output() const { return carried_output_; }
  std::int64_t events() const { return events_; }

  // The done items, in the order of their output_index, as one JSON array.
  std::string OutputArray() const;
  // The `response` member of a lifecycle event, with `output` filled in when the provider left it empty
  // (the ChatGPT backend always does, codex-wire §6.1).
  Result<std::string> WithOutput(std::string response) const;
  // The same with the members that the provider told once, in `response.created`, and not again: OpenAI's own service
  // repeats all of them in every Response object (client-protocols C.3).
  std::string WithCreated(std::string response) const;
  // The response object of `response.created`; empty before it.
  const std::string& created() const { return created_; }

 private:
  Result<void> Remember(std::string_view data);

  std::string type_;
  bool carried_output_ = false;
  std::int64_t events_ = 0;
  std::string created_;
  std::map<std::int64_t, std::string> items_;  // output_index → item
  std::size_t remembered_bytes_ = 0;
};

// Empty for what is no event of this API: `[DONE]`, or a line that is not JSON. The Codex CLI skips such lines,
// OpenAI's SDK throws on them. Providers write `type` first; only when this one did not is the event searched for it.
std::string TypeOf(const wire::SseEvent& event);

// The JSON text of a member of an event; empty when there is none.
std::string MemberText(std::string_view data, std::string_view key);

}  // namespace patchbay::frontend::openai_responses
