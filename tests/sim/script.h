// Writes the provider's event streams (codex-wire §6, §7) as bytes with marks: what is sent, and what happens in
// between. No sockets and no clock: the same facts always give the same script.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "tests/sim/http.h"
#include "tests/sim/json_text.h"
#include "tests/sim/scenario.h"

namespace patchbay::sim {

// What is known about the request that is being answered.
struct Facts {
  const json::object* request = nullptr;
  std::string_view account_id;
  std::string id;  // makes every id of this answer: resp_<id>, msg_<id>, …
  long long created_at = 0;
  long long input_tokens = 0;
  long long cached_tokens = 0;
};

// How the events look on the wire and how fast they come; from a scenario's parameters.
struct Delivery {
  bool crlf = false;                        // lines end in CR LF
  bool comments = false;                    // a comment before every event
  bool event_lines = true;                  // "event: …" before "data: …"
  bool ascii = false;                       // \uXXXX for what is not ASCII
  bool obfuscation = false;                 // random padding in text deltas, as the public API has it
  std::chrono::microseconds first_delay{};  // before the first delta
  std::chrono::microseconds interval{};     // between deltas
  std::size_t split_bytes = 0;
  std::chrono::microseconds split_pause{};
};
Delivery DeliveryFrom(const Scenario& scenario);

// What goes wrong (or strange) once `after` deltas have been written; with 0 before the first output item.
struct Interruption {
  enum class Kind { kNone, kFailed, kErrorEvent, kCut, kReset, kStall, kHold, kEof, kUnknown, kBadJson };
  Kind kind = Kind::kNone;
  long long after = 0;
  bool mid_line = false;  // kCut and kReset: half of the next event is sent before
  std::string code;       // kFailed and kErrorEvent
  std::string message;
  std::string key;  // kHold
};
Interruption InterruptionFrom(const Scenario& scenario);

// The writer every kind of answer is made with. After an interruption that ends the stream it swallows what follows, so
// that the renderers need not know about interruptions.
class ScriptWriter {
 public:
  ScriptWriter(const Facts& facts, Delivery delivery, Interruption interruption);

  // Opens an event: type and sequence number are written; the caller appends ,"member":value and calls End.
  std::string& Begin(std::string_view type);
  void End();
  // A delta has been written: paces, and interrupts when it is time.
  void Delta();
  // response.created and response.in_progress; interrupts when that is due before any output.
  void Start();
  // response.completed, or response.incomplete with its reason.
  void Complete(long long output_tokens, long long reasoning_tokens, bool end_turn, std::string_view extra = {});
  void Incomplete(std::string_view reason, long long output_tokens);
  // Sixteen digits in the event being written that will be the time of sending.
  void Stamp(std::string& out);

  const Facts& facts() const { return facts_; }
  const Delivery& delivery() const { return delivery_; }
  bool stopped() const { return stopped_; }
  Script Finish() &&;

  // Gives a played script's buffer back, so that the next one need not allocate and fault in fresh pages.
  static void Recycle(Script&& script);

 private:
  static std::string& SpareBuffer();
  void MarkHere(Act act, std::chrono::microseconds pause = {}, std::string key = {});
  void Interrupt();
  void Stop(Act act);
  void Fail();
  void UsageInto(std::string& out, long long output_tokens, long long reasoning_tokens);
  void ResponseHead(std::string& out, std::string_view status);
  void WholeResponse(std::string& out);
  // An event without a sequence number, or one that is not even JSON.
  void RawEvent(std::string_view type, std::string_view data);

  const Facts& facts_;
  Delivery delivery_;
  Interruption interruption_;
  std::string_view eol_;
  Script script_;
  std::string scratch_;  // takes what is written after the stream has ended
  std::size_t event_start_ = 0;
  long long sequence_ = 0;
  long long deltas_ = 0;
  bool stopped_ = false;
  bool cut_next_ = false;  // the next event is to be cut in its middle
};

}  // namespace patchbay::sim
