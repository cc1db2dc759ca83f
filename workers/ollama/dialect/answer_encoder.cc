#include "workers/ollama/dialect/answer_encoder.h"

#include <algorithm>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_text.h"
#include "lib/wire/json_writer.h"

namespace patchbay::ollama {
namespace {

using Logprobs = google::protobuf::RepeatedPtrField<inference::v1::TokenLogprob>;

// The raw thoughts and their summary are counted apart by providers.
constexpr int kSummaryParts = 1 << 16;
constexpr std::string_view kBlankLine = "\n\n";

// Arguments are an object here; what a model wrote in their place that is none is lost on every client (§G.5). Anew,
// for a line must not have another line's end in it.
std::string ArgumentsOf(const inference::v1::ToolCall& call) {
  if (call.kind() == inference::v1::TOOL_KIND_CUSTOM) {
    std::string out;
    wire::JsonWriter(out).BeginObject().Key("input").String(call.input()).EndObject();
    return out;
  }
  const auto document = wire::JsonDocument::Parse(call.input());
  if (!document.ok() || !document->root().is_object() || !wire::IsFinite(document->root())) return "{}";
  return wire::JsonText(document->root().get_object());
}

void WriteLogprob(wire::JsonWriter& json, const inference::v1::TokenLogprob& token) {
  json.Key("token").String(token.token());
  json.Key("logprob").Double(token.logprob());
  if (token.bytes().empty()) return;
  json.Key("bytes").BeginArray();
  for (const char byte : token.bytes()) json.Int(static_cast<unsigned char>(byte));
  json.EndArray();
}

// The elements of the array, with commas between them.
std::string LogprobsOf(const Logprobs& tokens) {
  std::string out;
  wire::JsonWriter json(out);
  for (const auto& token : tokens) {
    json.BeginObject();
    WriteLogprob(json, token);
    if (!token.top().empty()) {
      json.Key("top_logprobs").BeginArray();
      for (const auto& other : token.top()) {
        json.BeginObject();
        WriteLogprob(json, other);
        json.EndObject();
      }
      json.EndArray();
    }
    json.EndObject();
  }
  return out;
}

std::string_view ReasonOf(inference::v1::FinishReason reason) {
  return reason == inference::v1::FINISH_REASON_LENGTH ? "length" : "stop";  // tools and refusals too: §G.1
}

void AppendMember(std::string& out, std::string_view name, std::int64_t number) {
  out.append(",\"").append(name).append("\":").append(std::to_string(number));
}

std::string HeadOf(std::string_view model) {
  std::string head = R"({"model":)";
  wire::AppendJsonString(head, model);
  return head.append(R"(,"created_at":")");
}

}  // namespace

std::string EncodeLoadAnswer(Endpoint endpoint, std::string_view model, bool unloads, WallNanos now) {
  std::string out = HeadOf(model);
  Timestamp stamp;
  out.append(stamp.Of(now));
  out.append(endpoint == Endpoint::kChat ? R"(","message":{"role":"assistant","content":""})" : R"(","response":"")");
  return out.append(R"(,"done":true,"done_reason":)").append(unloads ? R"("unload"})" : R"("load"})");
}

AnswerEncoder::AnswerEncoder(Endpoint endpoint, const Asked& asked)
    : endpoint_(endpoint),
      stream_(asked.stream),
      show_thinking_(asked.thinking),
      keeps_context_(asked.keeps_context),
      turns_(asked.turns),
      head_(HeadOf(asked.model)) {}

Result<void> AnswerEncoder::Encode(const inference::v1::GenerateEvent& event, WallNanos now, std::string& out) {
  using Event = inference::v1::GenerateEvent;
  if (phase_ != Phase::kOpen) return Error(ErrorCode::kProtocol, "an event after the end of the answer");
  now_ = now;
  switch (event.kind_case()) {
    case Event::kTextDelta: {
      const auto& delta = event.text_delta();
      NoteTold(delta.index(), delta.part());
      OnText(delta.index(), delta.part(), delta.text(), &delta.logprobs(), out);
      break;
    }
    case Event::kRefusalDelta: {
      const auto& delta = event.refusal_delta();
      NoteTold(delta.index(), delta.part());
      OnText(delta.index(), delta.part(), delta.text(), nullptr, out);
      break;
    }
    case Event::kReasoningDelta: {
      const auto& delta = event.reasoning_delta();
      NoteTold(delta.index(), -1);
      OnThinking(delta.index(), delta.part() + (delta.summary() ? kSummaryParts : 0), delta.text(), out);
      break;
    }
    case Event::kItemDone: OnItemDone(event.item_done(), out); break;
    case Event::kUsageReported: usage_ = event.usage_reported().usage(); break;
    case Event::kFinished:
      done_reason_ = ReasonOf(event.finished().reason());
      phase_ = Phase::kFinished;
      break;
    case Event::kFailed: {
      const auto& failure = event.failed().failure();
      failure_ = !failure.message().empty() ? failure.message()
                 : !failure.code().empty()  ? failure.code()
                                            : "the provider broke off its answer";
      phase_ = Phase::kFailed;
      break;
    }
    // A call is told whole, at its ItemDone: its arguments are an object. The rest has no place here.
    case Event::kToolInputDelta: has_output_ = true; break;
    case Event::kStarted:
    case Event::kItemBegan:
    case Event::kHostedToolProgress:
    case Event::kAnnotationAdded:
    case Event::kRateLimitReported:
    case Event::kOpaque:
    case Event::KIND_NOT_SET: break;
  }
  return {};
}

bool AnswerEncoder::Told(int item, int part) const {
  return std::find(told_.rbegin(), told_.rend(), std::pair(item, part)) != told_.rend();
}

void AnswerEncoder::NoteTold(int item, int part) {
  if (!told_.empty() && told_.back() == std::pair(item, part)) return;
  if (!Told(item, part)) told_.emplace_back(item, part);
}

void AnswerEncoder::OnText(int item, int /*part*/, std::string_view text, const Logprobs* logprobs, std::string& out) {
  if (text.empty() && (logprobs == nullptr || logprobs->empty())) return;
  has_output_ = true;
  // Two texts in one answer would run into each other.
  std::string joined;
  if (text_item_ >= 0 && text_item_ != item) text = joined = std::string(kBlankLine).append(text);
  text_item_ = item;
  const std::string tokens = logprobs == nullptr || logprobs->empty() ? std::string() : LogprobsOf(*logprobs);
  const bool wanted = !stream_ || (keeps_context_ && content_.size() <= kContextBytesMax);
  if (wanted) content_.append(text);
  if (stream_) return Line(text, {}, tokens, out);
  if (!tokens.empty()) logprobs_.append(logprobs_.empty() ? "" : ",").append(tokens);
}

void AnswerEncoder::OnThinking(int item, int part, std::string_view text, std::string& out) {
  if (text.empty()) return;
  has_output_ = true;
  if (!show_thinking_) return;
  const std::pair<int, int> here(item, part);
  std::string joined;
  if (thinking_part_.first >= 0 && thinking_part_ != here) text = joined = std::string(kBlankLine).append(text);
  thinking_part_ = here;
  if (stream_) return Line({}, text, {}, out);
  thinking_.append(text);
}

void AnswerEncoder::OnItemDone(const inference::v1::ItemDone& done, std::string& out) {
  const inference::v1::Item& item = done.item();
  const int index = done.index();
  if (item.has_tool_call()) return OnCall(item.tool_call(), out);
  // Deltas may be absent; the whole item is the truth (§G.5).
  for (int part = 0; item.has_message() && part < item.message().parts_size(); ++part) {
    const inference::v1::Part& whole = item.message().parts(part);
    if (Told(index, part)) continue;
    OnText(index, part, whole.has_refusal() ? whole.refusal() : whole.text(), nullptr, out);
  }
  if (!item.has_reasoning() || Told(index, -1)) return;
  for (int part = 0; part < item.reasoning().summary_size(); ++part) {
    OnThinking(index, part + kSummaryParts, item.reasoning().summary(part), out);
  }
  OnThinking(index, 0, item.reasoning().text(), out);
}

void AnswerEncoder::OnCall(const inference::v1::ToolCall& call, std::string& out) {
  has_output_ = true;
  std::string json = R"({"id":)";
  wire::AppendJsonString(json, call.call_id());
  json.append(R"(,"function":{"index":)").append(std::to_string(calls_++)).append(R"(,"name":)");
  wire::AppendJsonString(json, call.name());
  json.append(R"(,"arguments":)").append(ArgumentsOf(call)).append("}}");
  // /api/generate takes no tools, so a model behind it calls none.
  if (endpoint_ != Endpoint::kChat) return;
  if (!stream_) {
    calls_json_.append(calls_json_.empty() ? "" : ",").append(json);
    return;
  }
  Begin(out);
  out.append(R"(","message":{"role":"assistant","content":"","tool_calls":[)").append(json);
  out.append("]},\"done\":false}\n");
}

void AnswerEncoder::Begin(std::string& out) { out.append(head_).append(stamp_.Of(now_)); }

void AnswerEncoder::Line(std::string_view content, std::string_view thinking, std::string_view logprobs_json,
                         std::string& out) {
  const bool chat = endpoint_ == Endpoint::kChat;
  Begin(out);
  out.append(chat ? R"(","message":{"role":"assistant","content":)" : R"(","response":)");
  wire::AppendJsonString(out, content);
  if (!thinking.empty()) {
    out.append(R"(,"thinking":)");
    wire::AppendJsonString(out, thinking);
  }
  out.append(chat ? R"(},"done":false)" : R"(,"done":false)");
  if (!logprobs_json.empty()) out.append(R"(,"logprobs":[)").append(logprobs_json).append("]");
  out.append("}\n");
}

void AnswerEncoder::Finish(const Durations& durations, WallNanos now, std::string& out) {
  phase_ = Phase::kEnded;
  now_ = now;
  const bool chat = endpoint_ == Endpoint::kChat;
  Begin(out);
  out.append(chat ? R"(","message":{"role":"assistant","content":)" : R"(","response":)");
  // A stream has told everything: clients that join the lines would read it twice.
  wire::AppendJsonString(out, stream_ ? std::string_view() : std::string_view(content_));
  if (!thinking_.empty()) {
    out.append(R"(,"thinking":)");
    wire::AppendJsonString(out, thinking_);
  }
  if (!calls_json_.empty()) out.append(R"(,"tool_calls":[)").append(calls_json_).append("]");
  out.append(chat ? "}" : "").append(R"(,"done":true,"done_reason":")").append(done_reason_).append("\"");
  if (!logprobs_.empty()) out.append(R"(,"logprobs":[)").append(logprobs_).append("]");
  if (keeps_context_) {
    turns_.push_back({false, std::move(content_)});
    out.append(R"(,"context":)").append(EncodeContext(turns_));
  }
  AppendMember(out, "total_duration", durations.total.count());
  AppendMember(out, "load_duration", durations.load.count());
  // A count that the provider did not tell is left out, as the real server leaves out a count of none.
  if (usage_.input_tokens() > 0) AppendMember(out, "prompt_eval_count", usage_.input_tokens());
  AppendMember(out, "prompt_eval_duration", durations.prompt_eval.count());
  if (usage_.output_tokens() > 0) AppendMember(out, "eval_count", usage_.output_tokens());
  AppendMember(out, "eval_duration", durations.eval.count());
  out.append(stream_ ? "}\n" : "}");
}

}  // namespace patchbay::ollama
