#include "workers/frontend/dialects/gemini/grounding.h"

#include <algorithm>

#include "lib/wire/json_writer.h"

namespace patchbay::frontend::gemini {
namespace {

// The canonical form counts characters, Gemini bytes.
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

void Grounding::AddCitation(const inference::v1::Citation& citation) {
  if (!citation.has_web()) return;
  const std::string& url = citation.web().url();
  auto source = std::find_if(sources_.begin(), sources_.end(), [&](const Source& known) { return known.url == url; });
  const auto index = static_cast<std::size_t>(source - sources_.begin());
  if (source == sources_.end()) sources_.push_back({url, citation.web().title()});
  supports_.push_back({citation.begin(), citation.end(), index});
}

void Grounding::AddSearch(const inference::v1::WebSearchCall& search) {
  for (const std::string& query : search.queries()) {
    if (std::find(queries_.begin(), queries_.end(), query) == queries_.end()) queries_.push_back(query);
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
