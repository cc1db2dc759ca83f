#include "workers/upstream/dialects/common/responses/hosted_decoder.h"

#include <algorithm>
#include <string>

#include "lib/wire/json_reader.h"
#include "workers/upstream/dialects/common/responses/item_encoder.h"

namespace patchbay::upstream::responses {
namespace {

namespace inf = inference::v1;

void AddQuery(std::string_view query, inf::WebSearchCall& search) {
  const auto& known = search.queries();
  if (!query.empty() && std::find(known.begin(), known.end(), query) == known.end()) {
    search.add_queries(std::string(query));
  }
}

void DecodeSources(std::string_view sources, inf::WebSearchCall& search) {
  wire::JsonReader reader(sources);
  reader.ForEachElement([&](wire::JsonValue element) {
    std::string_view url, title;
    wire::JsonReader source(element.RawObject());
    source.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "url") url = value.Text();
      if (key == "title") title = value.Text();
    });
    if (url.empty()) return;
    inf::WebSource& added = *search.add_sources();
    added.set_url(std::string(url));
    added.set_title(std::string(title));
  });
}

// {"type":"search","query","queries","sources"}, {"type":"open_page","url"}, {"type":"find_in_page","url","pattern"}
void DecodeAction(std::string_view action, inf::WebSearchCall& search) {
  std::string_view type, query, url, pattern;
  std::string_view queries, sources;  // JSON arrays
  wire::JsonReader reader(action);
  reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == "type")
      type = value.Text();
    else if (key == "query")
      query = value.Text();
    else if (key == "url")
      url = value.Text();
    else if (key == "pattern")
      pattern = value.Text();
    else if (key == "queries")
      queries = value.RawArray();
    else if (key == "sources")
      sources = value.RawArray();
  });
  if (type == "open_page" || type == "find_in_page") {
    search.set_opened_url(std::string(url));
    search.set_pattern(std::string(pattern));
    return;
  }
  if (type != "search") return;
  AddQuery(query, search);
  wire::JsonReader more(queries);
  more.ForEachElement([&](wire::JsonValue element) { AddQuery(element.Text(), search); });
  if (!sources.empty()) DecodeSources(sources, search);
}

// The members of an image, which items and events have alike, but for the name of its bytes.
template <class Other>
bool DecodeImage(std::string_view json, std::string_view data, inf::GeneratedImage& image, Other other) {
  wire::JsonReader reader(json);
  return reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
    if (key == data) {
      image.set_data_base64(std::string(value.Text()));
    } else if (key == "output_format") {
      const std::string_view format = value.Text();
      if (!format.empty()) image.set_media_type("image/" + std::string(format));
    } else if (key == "revised_prompt") {
      image.set_revised_prompt(std::string(value.Text()));
    } else if (key == "size") {
      image.set_size(std::string(value.Text()));
    } else if (key == "quality") {
      image.set_quality(std::string(value.Text()));
    } else if (key == "background") {
      image.set_background(std::string(value.Text()));
    } else {
      other(key, value);
    }
  });
}

}  // namespace

bool DecodeHostedItem(std::string_view type, std::string_view json, inf::HostedToolItem& item) {
  if (type == "web_search_call") {
    inf::WebSearchCall& search = *item.mutable_web_search();
    wire::JsonReader reader(json);
    reader.ForEachMember([&](std::string_view key, wire::JsonValue value) {
      if (key == "status") item.set_status(std::string(value.Text()));
      if (key == "action") DecodeAction(value.RawObject(), search);
    });
    return true;
  }
  if (type == "image_generation_call") {
    DecodeImage(json, "result", *item.mutable_image(), [&](std::string_view key, wire::JsonValue& value) {
      if (key == "status") item.set_status(std::string(value.Text()));
    });
    return true;
  }
  if (type != "file_search_call" && type != "code_interpreter_call" && type != "mcp_call") return false;
  inf::Opaque& other = *item.mutable_other();
  other.set_dialect(std::string(kRawDialect));
  other.set_type(std::string(type));
  other.set_json(std::string(json));
  return true;
}

void DecodePartialImage(std::string_view json, inf::HostedToolProgress& progress) {
  DecodeImage(json, "partial_image_b64", *progress.mutable_partial_image(),
              [&](std::string_view key, wire::JsonValue& value) {
                if (key != "partial_image_index") return;
                progress.set_partial_image_index(
                    static_cast<std::int32_t>(std::clamp<std::int64_t>(value.Int(), 0, 1'000'000)));
              });
}

}  // namespace patchbay::upstream::responses
