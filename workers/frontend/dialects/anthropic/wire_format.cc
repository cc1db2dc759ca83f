#include "workers/frontend/dialects/anthropic/wire_format.h"

#include <algorithm>
#include <cstdint>

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::anthropic {
namespace {

constexpr std::int64_t kMaxQuotedCharacters = 150;  // as Anthropic's own citations

// The characters [first, last) of UTF-8 text; offsets beyond it mean its end.
std::string_view Characters(std::string_view text, std::int64_t first, std::int64_t last) {
  std::size_t begin = text.size(), end = text.size();
  std::int64_t character = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (character == first) begin = i;
    if (character == last) {
      end = i;
      break;
    }
    ++character;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

}  // namespace

std::string_view StopReasonName(inference::v1::FinishReason reason, bool called_tools, bool refused) {
  switch (reason) {
    case inference::v1::FINISH_REASON_LENGTH: return "max_tokens";
    case inference::v1::FINISH_REASON_CONTENT_FILTER: return "refusal";
    case inference::v1::FINISH_REASON_TOOL_CALLS:
    case inference::v1::FINISH_REASON_STOP:
    case inference::v1::FINISH_REASON_UNSPECIFIED:
    default: break;
  }
  if (called_tools) return "tool_use";
  return refused ? "refusal" : "end_turn";
}

void AppendDeltaUsage(std::string& out, const inference::v1::Usage& usage, int web_searches) {
  const std::int64_t uncached = usage.input_tokens() - usage.cached_input_tokens() - usage.cache_write_tokens();
  wire::JsonWriter json(out);
  json.BeginObject();
  json.Key("input_tokens").Int(std::max<std::int64_t>(uncached, 0));
  json.Key("cache_creation_input_tokens").Int(usage.cache_write_tokens());
  json.Key("cache_read_input_tokens").Int(usage.cached_input_tokens());
  json.Key("output_tokens").Int(usage.output_tokens());
  json.Key("output_tokens_details").BeginObject();
  json.Key("thinking_tokens").Int(usage.reasoning_tokens()).EndObject();
  json.Key("server_tool_use");
  if (web_searches > 0) {
    json.BeginObject().Key("web_search_requests").Int(web_searches).Key("web_fetch_requests").Int(0).EndObject();
  } else {
    json.Null();
  }
  json.EndObject();
}

void AppendUsage(std::string& out, const inference::v1::Usage& usage, int web_searches) {
  AppendDeltaUsage(out, usage, web_searches);
  out.pop_back();
  out.append(R"(,"cache_creation":{"ephemeral_5m_input_tokens":)").append(std::to_string(usage.cache_write_tokens()));
  out.append(R"(,"ephemeral_1h_input_tokens":0},"inference_geo":null,"service_tier":"standard","speed":null})");
}

void AppendStop(std::string& out, const Ending* ending) {
  if (ending == nullptr) {
    out.append(R"("stop_reason":null,"stop_sequence":null,"stop_details":null)");
    return;
  }
  out.append(R"("stop_reason":")").append(ending->stop_reason).append(R"(","stop_sequence":)");
  if (ending->stop_sequence.empty()) {
    out.append("null");
  } else {
    wire::AppendJsonString(out, ending->stop_sequence);
  }
  if (ending->stop_reason != "refusal") {
    out.append(R"(,"stop_details":null)");
    return;
  }
  // No category: at one of its own Claude Code asks another model once more (real-clients §7.2).
  out.append(R"(,"stop_details":{"type":"refusal","category":null,"explanation":)");
  if (ending->explanation.empty()) {
    out.append("null");
  } else {
    wire::AppendJsonString(out, ending->explanation);
  }
  out.push_back('}');
}

std::string ResultsJson(const inference::v1::WebSearchCall& search) {
  std::string out;
  wire::JsonWriter json(out);
  json.BeginArray();
  for (const auto& source : search.sources()) {
    json.BeginObject().Key("type").String("web_search_result").Key("url").String(source.url());
    json.Key("title").String(source.title().empty() ? source.url() : source.title());
    json.Key("encrypted_content").String("").Key("page_age").Null().EndObject();
  }
  json.EndArray();
  return out;
}

std::string CitationJson(const inference::v1::Citation& citation, std::string_view text) {
  if (!citation.has_web()) return {};
  const bool of_all = citation.begin() == 0 && citation.end() == 0;
  const std::int64_t first = citation.begin();
  const std::int64_t last =
      of_all ? kMaxQuotedCharacters : std::min<std::int64_t>(citation.end(), first + kMaxQuotedCharacters);
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("type").String("web_search_result_location");
  json.Key("url").String(citation.web().url()).Key("title").String(citation.web().title());
  json.Key("encrypted_index").String("").Key("cited_text");
  json.String(citation.cited_text().empty() ? Characters(text, first, last) : std::string_view(citation.cited_text()));
  json.EndObject();
  return out;
}

}  // namespace patchbay::frontend::anthropic
