#include "tests/sim/pace.h"

#include <algorithm>
#include <array>

namespace patchbay::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kScriptReserve = 16 * 1024;
constexpr std::size_t kSpareBytesMax = 256 * 1024;
constexpr std::string_view kServerError =
    "An error occurred while processing your request. You can retry your request, or contact us through our help "
    "center if "
    "the error persists. Please include the request ID in your message.";

std::string_view MessageFor(std::string_view code) {
  if (code == "rate_limit_exceeded") {
    return "Rate limit reached for gpt-5.5 in organization org-x on tokens per min (TPM): Limit 30000, Used 22999, "
           "Requested 12528. Please try again in 11.054s. Visit the rate limits page to learn more.";
  }
  if (code == "server_is_overloaded" || code == "slow_down")
    return "Our servers are currently overloaded. Please try again later.";
  if (code == "context_length_exceeded") {
    return "Your input exceeds the context window of this model. Please adjust your input and try again.";
  }
  if (code == "insufficient_quota")
    return "You exceeded your current quota, please check your plan and billing details.";
  if (code == "usage_not_included") return "To use Codex with your ChatGPT plan, upgrade to Plus.";
  return kServerError;
}

}  // namespace

Delivery DeliveryFrom(const Scenario& scenario) {
  Delivery delivery;
  const std::string& name = scenario.name;
  delivery.crlf = name == "crlf" || scenario.Flag("crlf");
  delivery.comments = name == "comments" || scenario.Flag("comments");
  delivery.event_lines = name != "missing_event_lines" && scenario.Number("event_lines", 1) != 0;
  delivery.ascii = scenario.Flag("escapes");
  delivery.obfuscation = scenario.Flag("obfuscation");
  delivery.first_delay = milliseconds(std::max(0LL, scenario.Number("first_ms", name == "slow" ? 1000 : 0)));
  delivery.interval =
      microseconds(std::max(0LL, scenario.Number("interval_us", scenario.Number("interval_ms") * 1000)));
  const long long split = scenario.Number("split_bytes", name == "split" ? scenario.Number("bytes", 1) : 0);
  delivery.split_bytes = static_cast<std::size_t>(std::max(0LL, split));
  delivery.split_pause = microseconds(std::max(0LL, scenario.Number("split_us")));
  return delivery;
}

Interruption InterruptionFrom(const Scenario& scenario) {
  using Kind = Interruption::Kind;
  static constexpr std::array<std::pair<std::string_view, Kind>, 11> kKinds = {{{"failed", Kind::kFailed},
                                                                                {"rate_limited", Kind::kFailed},
                                                                                {"error_event", Kind::kErrorEvent},
                                                                                {"cut", Kind::kCut},
                                                                                {"ws_close", Kind::kCut},
                                                                                {"rst", Kind::kReset},
                                                                                {"stall", Kind::kStall},
                                                                                {"hold", Kind::kHold},
                                                                                {"eof", Kind::kEof},
                                                                                {"unknown_event", Kind::kUnknown},
                                                                                {"bad_json", Kind::kBadJson}}};
  Interruption interruption;
  const auto it =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& row) { return row.first == scenario.name; });
  if (it == kKinds.end()) return interruption;
  interruption.kind = it->second;
  interruption.after = std::max(0LL, scenario.Number("after"));
  interruption.mid_line = scenario.Flag("mid");
  std::string_view code = "server_error";
  if (scenario.name == "rate_limited") code = "rate_limit_exceeded";
  if (scenario.name == "error_event") code = "server_is_overloaded";
  interruption.code = scenario.Text("code", code);
  interruption.message = scenario.Text("message", MessageFor(interruption.code));
  interruption.key = scenario.Text("key", "default");
  return interruption;
}

PacedScript::PacedScript(Delivery delivery, Interruption interruption)
    : delivery_(delivery), interruption_(std::move(interruption)), eol_(delivery.crlf ? "\r\n" : "\n") {
  script_.bytes = std::move(SpareBuffer());
  script_.bytes.reserve(kScriptReserve);
  script_.split_bytes = delivery.split_bytes;
  script_.split_pause = delivery.split_pause;
}

std::string& PacedScript::OpenEvent(std::string_view name) {
  if (stopped_) {
    scratch_.clear();
    return scratch_;
  }
  std::string& out = script_.bytes;
  event_start_ = out.size();
  if (delivery_.comments) out.append(": keep-alive").append(eol_).append(eol_);
  if (delivery_.event_lines && !name.empty()) out.append("event: ").append(name).append(eol_);
  return out += "data: ";
}

void PacedScript::CloseEvent(std::string_view text) {
  if (stopped_) return;
  std::string& out = script_.bytes;
  out.append(text).append(eol_).append(eol_);
  if (cut_next_) {
    out.resize(event_start_ + (out.size() - event_start_) / 2);
    Stop(interruption_.kind == Interruption::Kind::kReset ? Act::kReset : Act::kCut);
  }
}

void PacedScript::RawEvent(std::string_view name, std::string_view data) {
  OpenEvent(name);
  CloseEvent(data);
}

void PacedScript::Stamp(std::string& out) {
  if (!stopped_) script_.stamps.push_back(out.size());
  out.append(kStampDigits, '0');
}

void PacedScript::MarkHere(Act act, microseconds pause, std::string key) {
  script_.marks.push_back(Mark{script_.bytes.size(), act, pause, std::move(key)});
}

void PacedScript::Stop(Act act) {
  MarkHere(act);
  stopped_ = true;
}

void PacedScript::BeginDeltas() {
  if (delivery_.first_delay.count() > 0) MarkHere(Act::kPause, delivery_.first_delay);
  if (interruption_.after == 0) Interrupt();
}

void PacedScript::Delta() {
  if (stopped_) return;
  ++deltas_;
  if (interruption_.kind != Interruption::Kind::kNone && deltas_ == interruption_.after) Interrupt();
  if (!stopped_ && delivery_.interval.count() > 0) MarkHere(Act::kPause, delivery_.interval);
}

void PacedScript::Interrupt() {
  using Kind = Interruption::Kind;
  switch (interruption_.kind) {
    case Kind::kNone: return;
    case Kind::kFailed:
    case Kind::kErrorEvent: return WriteFailure();
    case Kind::kCut:
    case Kind::kReset:
      if (interruption_.mid_line) {
        cut_next_ = true;
        return;
      }
      return Stop(interruption_.kind == Kind::kReset ? Act::kReset : Act::kCut);
    case Kind::kStall: return Stop(Act::kStall);
    case Kind::kHold: return MarkHere(Act::kHold, {}, interruption_.key);
    case Kind::kEof: stopped_ = true; return;
    case Kind::kUnknown: return WriteUnknown();
    case Kind::kBadJson: return WriteBroken();
  }
}

std::string& PacedScript::SpareBuffer() {
  static thread_local std::string spare;
  spare.clear();
  return spare;
}

void PacedScript::Recycle(Script&& script) {
  if (script.bytes.capacity() <= kSpareBytesMax) SpareBuffer() = std::move(script.bytes);
}

Script PacedScript::Finish() && { return std::move(script_); }

}  // namespace patchbay::sim
