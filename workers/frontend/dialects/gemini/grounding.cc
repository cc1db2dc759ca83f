#include "workers/frontend/dialects/gemini/grounding.h"

#include <algorithm>

#include "lib/wire/boost_json.h"
#include "lib/wire/json_writer.h"

namespace patchbay::frontend::gemini {
namespace {

std::int64_t IntOf(const boost::json::value& object, std::string_view key) {
  const auto* number = wire::FindMember(object, key);
  return number != nullptr && number->is_int64() ? number->get_int64() : 0;
}

// Providers count characters, Gemini bytes.
std::size_t ByteOffset(std::string_view text, std::int64_t characters) {
  std::size_t at = 0;
  while (at < text.size() && characters > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    --characters;
  }
  return at;
}

}  // namespace

void Grounding::AddCitation(std::string_view json, std::int64_t base) {
  const auto parsed = wire::ParseJson(json);
  if (!parsed.ok() || wire::FindString(*parsed, "type") != "url_citation") return;
  const std::string url(wire::FindString(*parsed, "url"));
  auto source = std::find_if(sources_.begin(), sources_.end(), [&](const Source& known) { return known.url == url; });
  const auto index = static_cast<std::size_t>(source - sources_.begin());
  if (source == sources_.end()) sources_.push_back({url, std::string(wire::FindString(*parsed, "title"))});
  supports_.push_back({base + IntOf(*parsed, "start_index"), base + IntOf(*parsed, "end_index"), index});
}

void Grounding::AddSearch(std::string_view json) {
  const auto parsed = wire::ParseJson(json);
  if (!parsed.ok()) return;
  const auto* action = wire::FindMember(*parsed, "action");
  if (action == nullptr) return;
  const auto add = [&](std::string_view query) {
    if (query.empty() || std::find(queries_.begin(), queries_.end(), query) != queries_.end()) return;
    queries_.emplace_back(query);
  };
  add(wire::FindString(*action, "query"));
  const auto* queries = wire::FindMember(*action, "queries");
  if (queries == nullptr || !queries->is_array()) return;
  for (const auto& query : queries->get_array()) {
    if (query.is_string()) add(query.get_string());
  }
}

std::string Grounding::Encode() const {
  if (queries_.empty() && sources_.empty()) return {};
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("webSearchQueries").BeginArray();
  for (const std::string& query : queries_) json.String(query);
  json.EndArray().Key("groundingChunks").BeginArray();
  for (const Source& source : sources_) {
    json.BeginObject().Key("web").BeginObject().Key("uri").String(source.url).Key("title").String(source.title);
    json.EndObject().EndObject();
  }
  json.EndArray().Key("groundingSupports").BeginArray();
  for (const Support& support : supports_) {
    const std::size_t begin = ByteOffset(text_, support.begin);
    const std::size_t end = std::max(ByteOffset(text_, support.end), begin);
    json.BeginObject().Key("segment").BeginObject();
    json.Key("startIndex").Uint(begin).Key("endIndex").Uint(end);
    json.Key("text").String(std::string_view(text_).substr(begin, end - begin)).EndObject();
    json.Key("groundingChunkIndices").BeginArray().Uint(support.source).EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return out;
}

}  // namespace patchbay::frontend::gemini
