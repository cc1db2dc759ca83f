#include "tests/sim/chat/chunk_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/sim/json_text.h"

namespace patchbay::sim {
namespace {

constexpr std::size_t kMistralIdChars = 9;

ReasoningForm FormOf(const ApiModel& model, std::string_view asked) {
  static constexpr std::array<std::pair<std::string_view, ReasoningForm>, 6> kForms = {
      {{"none", ReasoningForm::kNone},
       {"content", ReasoningForm::kContent},
       {"reasoning", ReasoningForm::kReasoning},
       {"details", ReasoningForm::kDetails},
       {"parts", ReasoningForm::kParts},
       {"think", ReasoningForm::kThink}}};
  const auto found = std::find_if(kForms.begin(), kForms.end(), [&](const auto& row) { return row.first == asked; });
  return found == kForms.end() ? model.form : found->second;
}

std::string_view TypeOf(std::string_view code) {
  if (code == "rate_limit_exceeded") return "tokens";
  if (code == "insufficient_quota") return "insufficient_quota";
  if (code == "server_is_overloaded" || code == "slow_down") return "service_unavailable_error";
  return code == "server_error" ? "server_error" : "invalid_request_error";
}

bool WantsUsage(const json::object& request) {
  const json::object* options = ObjectAt(request, "stream_options");
  return options != nullptr && TrueAt(*options, "include_usage");
}

}  // namespace

ChunkWriter::ChunkWriter(const Facts& facts, const ApiModel& model, const Scenario& scenario)
    : PacedScript(DeliveryFrom(scenario), InterruptionFrom(scenario)),
      facts_(facts),
      model_(model),
      form_(FormOf(model, scenario.Text("form"))),
      // Who does not stream is told what it cost in any case.
      usage_asked_((WantsUsage(*facts.request) || !TrueAt(*facts.request, "stream")) &&
                   scenario.Text("usage") != "none"),
      usage_in_last_(!model.stream_options || scenario.Text("usage") == "last"),
      tier_(scenario.Text("tier", "default")),
      logprobs_(TrueAt(*facts.request, "logprobs")),
      done_(!scenario.Flag("no_done")) {}

std::string& ChunkWriter::Open() {
  std::string& out = OpenEvent({});
  out.append("{\"id\":\"chatcmpl-").append(facts_.id).append("\",\"object\":\"chat.completion.chunk\",\"created\":");
  AppendNumber(out, facts_.created_at);
  out += ",\"model\":";
  AppendJsonString(out, model_.id);
  out += ",\"service_tier\":";
  AppendJsonString(out, tier_);
  out += ",\"system_fingerprint\":null,\"choices\":[{\"index\":0,\"delta\":{";
  return out;
}

void ChunkWriter::Close(std::string_view finish_reason) {
  std::string end = "},\"logprobs\":";
  if (logprobs_ && !token_.empty()) {
    AppendLogprobs(end, token_);
  } else {
    end += "null";
  }
  token_.clear();
  end += ",\"finish_reason\":";
  finish_reason.empty() ? end += "null" : end.append("\"").append(finish_reason).append("\"");
  end += "}]";
  if (!finish_reason.empty() && usage_in_last_) {
    AppendUsage(end);
  } else if (usage_asked_) {
    end += ",\"usage\":null";
  }
  CloseEvent(end += '}');
}

void ChunkWriter::Quote(std::string& out, std::string_view text) const {
  AppendJsonString(out, text, delivery().ascii);
}

void ChunkWriter::AppendLogprobs(std::string& out, std::string_view token) const {
  const auto entry = [&](std::string_view text, std::string_view logprob) {
    out += "{\"token\":";
    Quote(out, text);
    out.append(",\"logprob\":").append(logprob).append(",\"bytes\":[");
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i > 0) out += ',';
      AppendNumber(out, static_cast<int>(static_cast<unsigned char>(text[i])));
    }
    out += ']';
  };
  out += "{\"content\":[";
  entry(token, "-0.25");
  out += ",\"top_logprobs\":[";
  if (!IsAbsent(*facts_.request, "top_logprobs")) {
    entry(token, "-0.25");
    out += '}';
  }
  out += "]}],\"refusal\":null}";
}

void ChunkWriter::AppendUsage(std::string& out) const {
  out += ",\"usage\":{\"prompt_tokens\":";
  AppendNumber(out, facts_.input_tokens);
  out += ",\"completion_tokens\":";
  AppendNumber(out, output_tokens_ + reasoning_tokens_);
  out += ",\"total_tokens\":";
  AppendNumber(out, facts_.input_tokens + output_tokens_ + reasoning_tokens_);
  out += ",\"prompt_tokens_details\":{\"cached_tokens\":";
  AppendNumber(out, facts_.cached_tokens);
  out += ",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":";
  AppendNumber(out, reasoning_tokens_);
  out += ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
}

void ChunkWriter::Start() {
  Open() += "\"role\":\"assistant\",\"content\":\"\"";
  Close();
  BeginDeltas();
}

void ChunkWriter::Text(const std::vector<std::string>& deltas, bool stamp) {
  for (const std::string& delta : deltas) {
    std::string& out = Open() += "\"content\":";
    if (stamp) {
      out += '"';
      Stamp(out);
      out += " \"";
    } else {
      Quote(out, delta);
      if (logprobs_) token_ = delta;
    }
    Close();
    Delta();
    if (stopped()) return;
  }
}

void ChunkWriter::Refusal(const std::vector<std::string>& deltas) {
  for (const std::string& delta : deltas) {
    Quote(Open() += "\"refusal\":", delta);
    Close();
    Delta();
  }
}

void ChunkWriter::Reasoning(const std::vector<std::string>& deltas) {
  // A tag may be cut anywhere.
  if (form_ == ReasoningForm::kThink) Text({"<thi", "nk>\n"});
  for (const std::string& delta : deltas) {
    switch (form_) {
      case ReasoningForm::kNone: return;
      case ReasoningForm::kThink: Text({delta}); continue;
      case ReasoningForm::kContent: Quote(Open() += "\"content\":null,\"reasoning_content\":", delta); break;
      case ReasoningForm::kReasoning: Quote(Open() += "\"reasoning\":", delta); break;
      case ReasoningForm::kDetails: {
        std::string& out = Open();
        Quote(out += "\"content\":\"\",\"reasoning\":", delta);
        Quote(out += ",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":", delta);
        out += ",\"format\":\"unknown\",\"index\":0}]";
        break;
      }
      case ReasoningForm::kParts: {
        std::string& out = Open();
        Quote(out += "\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":", delta);
        out += "}]}]";
        break;
      }
    }
    Close();
    Delta();
  }
  if (form_ == ReasoningForm::kThink) Text({"\n</thin", "k>\n\n"});
}

std::string ChunkWriter::CallId() const {
  if (!model_.short_ids) return "call_" + facts_.id + "_" + std::to_string(calls_);
  const std::string number = std::to_string(calls_);
  return facts_.id.substr(facts_.id.size() - (kMistralIdChars - number.size())) + number;
}

void ChunkWriter::Call(const OfferedTool& tool, std::string_view input, std::size_t piece) {
  const bool custom = tool.type == "custom";
  std::string& out = Open() += "\"tool_calls\":[{\"index\":";
  AppendNumber(out, calls_);
  Quote(out += ",\"id\":", CallId());
  out.append(",\"type\":\"").append(tool.type).append("\",\"").append(tool.type).append("\":{\"name\":");
  Quote(out, tool.name);
  out += custom ? ",\"input\":\"\"}}]" : ",\"arguments\":\"\"}}]";
  Close();
  for (const std::string& delta : Pieces(input, piece)) {
    std::string& more = Open() += "\"tool_calls\":[{\"index\":";
    AppendNumber(more, calls_);
    more.append(",\"").append(tool.type).append(custom ? "\":{\"input\":" : "\":{\"arguments\":");
    Quote(more, delta);
    more += "}}]";
    Close();
    Delta();
  }
  ++calls_;
}

void ChunkWriter::End(std::string_view reason, long long output_tokens, long long reasoning_tokens) {
  output_tokens_ = output_tokens;
  reasoning_tokens_ = reasoning_tokens;
  Open();
  Close(reason);
  if (usage_asked_ && !usage_in_last_) {
    std::string& out = OpenEvent({});
    out.append("{\"id\":\"chatcmpl-").append(facts_.id).append("\",\"object\":\"chat.completion.chunk\",\"created\":");
    AppendNumber(out, facts_.created_at);
    AppendJsonString(out += ",\"model\":", model_.id);
    out += ",\"choices\":[]";
    AppendUsage(out);
    CloseEvent("}");
  }
  if (done_) RawEvent({}, "[DONE]");
}

// OpenAI's form: an error object by itself; as an `error_event` that of OpenRouter, a chunk with one.
void ChunkWriter::WriteFailure() {
  if (interruption().kind == Interruption::Kind::kErrorEvent) {
    std::string error = "},\"logprobs\":null,\"finish_reason\":\"error\"}],\"error\":{\"code\":502,\"message\":";
    AppendJsonString(error, interruption().message);
    error += ",\"metadata\":{\"provider_name\":\"sim\",\"raw\":";
    AppendJsonString(error, interruption().code);
    Open() += "\"content\":\"\"";
    CloseEvent(error += "}}}");
    RawEvent({}, "[DONE]");
  } else {
    std::string error = "{\"error\":{\"message\":";
    AppendJsonString(error, interruption().message);
    error.append(",\"type\":\"").append(TypeOf(interruption().code)).append("\",\"param\":null,\"code\":");
    AppendJsonString(error, interruption().code);
    RawEvent({}, error += "}}");
  }
  StopHere();
}

void ChunkWriter::WriteUnknown() {
  RawEvent("ping", R"({"type":"ping"})");
  RawEvent({}, R"({"object":"moderation.chunk","moderation":{"flagged":false},"choices":null})");
  Open() += "\"hologram\":{\"voxels\":[1,2,3]}";
  Close();
}

void ChunkWriter::WriteBroken() { RawEvent({}, R"({"id":"chatcmpl-1","choices":[{"index":0,"del)"); }

}  // namespace patchbay::sim
