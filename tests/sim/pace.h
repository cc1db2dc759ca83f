// What every event stream of the simulated provider has in common, whatever it says: how its events are framed, how
// fast they come, and what goes wrong on the way. The dialects' writers stand on it. No sockets and no clock.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tests/sim/http.h"
#include "tests/sim/scenario.h"

namespace patchbay::sim {

// How the events look on the wire and how fast they come; from a scenario's parameters.
struct Delivery {
  bool crlf = false;                        // lines end in CR LF
  bool comments = false;                    // a comment before every event
  bool event_lines = true;                  // "event: …" before "data: …", in dialects that name their events
  bool ascii = false;                       // \uXXXX for what is not ASCII
  bool obfuscation = false;                 // random padding in text deltas, as the public API has it
  std::chrono::microseconds first_delay{};  // before the first delta
  std::chrono::microseconds interval{};     // between deltas
  std::size_t split_bytes = 0;
  std::chrono::microseconds split_pause{};
};
Delivery DeliveryFrom(const Scenario& scenario);

// What goes wrong (or strange) once `after` deltas have been written; with 0 before the first output.
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

// A script that paces itself. After an interruption that ends the stream it swallows what follows, so that the
// renderers need not know about interruptions.
class PacedScript {
 public:
  virtual ~PacedScript() = default;

  // A delta has been written: paces, and interrupts when it is time.
  void Delta();
  // Sixteen digits in the event being written that will be the time of sending.
  void Stamp(std::string& out);

  const Delivery& delivery() const { return delivery_; }
  bool stopped() const { return stopped_; }
  Script Finish() &&;

  // Gives a played script's buffer back, so that the next one need not allocate and fault in fresh pages.
  static void Recycle(Script&& script);

 protected:
  PacedScript(Delivery delivery, Interruption interruption);

  // Where the next event goes, with its comment and, unless `name` is empty, its event line written. CloseEvent ends
  // it behind the caller's text.
  std::string& OpenEvent(std::string_view name);
  void CloseEvent(std::string_view text);
  // One whole event, which need not be JSON.
  void RawEvent(std::string_view name, std::string_view data);
  // The stream's beginning is out: waits for the first delta, and interrupts when that is due before any output.
  void BeginDeltas();
  void StopHere() { stopped_ = true; }

  const Interruption& interruption() const { return interruption_; }

 private:
  // In the dialect's own words: the end of a stream that fails, what nobody expects, an event that is no JSON.
  virtual void WriteFailure() = 0;
  virtual void WriteUnknown() = 0;
  virtual void WriteBroken() = 0;

  static std::string& SpareBuffer();
  void MarkHere(Act act, std::chrono::microseconds pause = {}, std::string key = {});
  void Interrupt();
  void Stop(Act act);

  Delivery delivery_;
  Interruption interruption_;
  std::string_view eol_;
  Script script_;
  std::string scratch_;  // takes what is written after the stream has ended
  std::size_t event_start_ = 0;
  long long deltas_ = 0;
  bool stopped_ = false;
  bool cut_next_ = false;  // the next event is to be cut in its middle
};

}  // namespace patchbay::sim
