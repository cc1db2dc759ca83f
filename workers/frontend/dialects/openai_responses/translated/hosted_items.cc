#include "workers/frontend/dialects/openai_responses/translated/hosted_items.h"

#include <utility>

#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

namespace inf = inference::v1;

constexpr std::string_view kSearch = "web_search_call", kImage = "image_generation_call", kMedia = "image/";

// {"type":"search","query","queries","sources":[{"type":"url","url"}]}, {"type":"open_page","url"},
// {"type":"find_in_page","url","pattern"}.
Result<void> DecodeAction(const JsonNode& action, inf::WebSearchCall& out) {
  RETURN_IF_ERROR(action.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view url, action.OptionalString("url"));
  ASSIGN_OR_RETURN(const std::string_view pattern, action.OptionalString("pattern"));
  out.set_opened_url(std::string(url));
  out.set_pattern(std::string(pattern));
  if (const auto queries = action.Find("queries")) {
    RETURN_IF_ERROR(queries->MustBeArray());
    for (std::size_t i = 0; i < queries->size(); ++i) {
      ASSIGN_OR_RETURN(const std::string_view query, queries->At(i).String());
      out.add_queries(std::string(query));
    }
  }
  ASSIGN_OR_RETURN(const std::string_view query, action.OptionalString("query"));
  if (!query.empty() && out.queries_size() == 0) out.add_queries(std::string(query));
  if (const auto sources = action.Find("sources")) {
    RETURN_IF_ERROR(sources->MustBeArray());
    for (std::size_t i = 0; i < sources->size(); ++i) {
      ASSIGN_OR_RETURN(const std::string_view source, sources->At(i).OptionalString("url"));
      if (!source.empty()) out.add_sources()->set_url(std::string(source));
    }
  }
  return {};
}

Result<void> DecodeImageCall(const JsonNode& item, inf::GeneratedImage& out) {
  ASSIGN_OR_RETURN(const std::string_view result, item.OptionalString("result"));
  ASSIGN_OR_RETURN(const std::string_view prompt, item.OptionalString("revised_prompt"));
  ASSIGN_OR_RETURN(const std::string_view format, item.OptionalString("output_format"));
  out.set_data_base64(std::string(result));
  out.set_revised_prompt(std::string(prompt));
  out.set_media_type(std::string(kMedia).append(format.empty() ? "png" : format));
  return {};
}

void WriteAction(const inf::WebSearchCall& call, wire::JsonWriter& json) {
  json.Key("action").BeginObject();
  if (!call.opened_url().empty()) {
    json.Key("type").String(call.pattern().empty() ? "open_page" : "find_in_page").Key("url").String(call.opened_url());
    if (!call.pattern().empty()) json.Key("pattern").String(call.pattern());
    json.EndObject();
    return;
  }
  json.Key("type").String("search").Key("query").String(call.queries_size() == 0 ? "" : call.queries(0));
  json.Key("queries").BeginArray();
  for (const std::string& query : call.queries()) json.String(query);
  json.EndArray();
  if (call.sources_size() > 0) {
    json.Key("sources").BeginArray();
    for (const auto& source : call.sources()) {
      json.BeginObject().Key("type").String("url").Key("url").String(source.url()).EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
}

void WriteImage(const inf::GeneratedImage& image, wire::JsonWriter& json) {
  json.Key("result");
  image.data_base64().empty() ? json.Null() : json.String(image.data_base64());
  const auto put = [&](std::string_view key, std::string_view text) {
    if (!text.empty()) json.Key(key).String(text);
  };
  put("revised_prompt", image.revised_prompt());
  put("size", image.size());
  put("quality", image.quality());
  put("background", image.background());
  if (image.media_type().starts_with(kMedia)) put("output_format", image.media_type().substr(kMedia.size()));
}

const inf::Opaque* OwnForm(const inf::HostedToolItem& tool) {
  if (tool.has_other() && tool.other().dialect() == kDialect) return &tool.other();
  return nullptr;
}

}  // namespace

Result<bool> DecodeHostedItem(const JsonNode& item, std::string_view type, inf::Item& out) {
  if (type != kSearch && type != kImage) return false;
  auto& tool = *out.mutable_hosted_tool();
  ASSIGN_OR_RETURN(const std::string_view status, item.OptionalString("status"));
  tool.set_status(std::string(status));
  if (type == kSearch) {
    auto& search = *tool.mutable_web_search();
    if (const auto action = item.Find("action")) RETURN_IF_ERROR(DecodeAction(*action, search));
  } else {
    RETURN_IF_ERROR(DecodeImageCall(item, *tool.mutable_image()));
  }
  return true;
}

std::string TypeOfHosted(const inf::HostedToolItem& tool) {
  if (tool.has_web_search()) return std::string(kSearch);
  if (tool.has_image()) return std::string(kImage);
  const inf::Opaque* own = OwnForm(tool);
  return own == nullptr ? std::string() : own->type();
}

std::string HostedItemJson(const inf::HostedToolItem& tool, std::string_view id, bool done) {
  if (const inf::Opaque* own = OwnForm(tool)) return WithId(own->json(), id);
  std::string text;
  wire::JsonWriter json(text);
  json.BeginObject().Key("id").String(id).Key("type").String(TypeOfHosted(tool));
  const std::string_view said = tool.status().empty() ? std::string_view("completed") : tool.status();
  json.Key("status").String(done ? said : "in_progress");
  if (tool.has_web_search()) WriteAction(tool.web_search(), json);
  if (tool.has_image()) WriteImage(tool.image(), json);
  json.EndObject();
  return text;
}

std::string WithId(std::string json, std::string_view id) {
  std::string quoted;
  wire::AppendJsonString(quoted, id);
  std::string copy = json;
  auto edited = wire::SpliceTopLevel(std::move(json), "id", quoted, wire::IfMissing::kInsert);
  return edited.ok() ? std::move(*edited) : copy;
}

}  // namespace patchbay::frontend::openai_responses::translated
