#include "workers/frontend/dialects/openai_images/wire_format.h"

#include "lib/wire/boost_json.h"

namespace patchbay::frontend::openai_images {
namespace {

Image ImageOf(const boost::json::value& value, std::string_view base64_member) {
  Image image;
  image.base64 = wire::FindString(value, base64_member);
  image.revised_prompt = wire::FindString(value, "revised_prompt");
  image.size = wire::FindString(value, "size");
  image.quality = wire::FindString(value, "quality");
  image.background = wire::FindString(value, "background");
  image.output_format = wire::FindString(value, "output_format");
  return image;
}

}  // namespace

Image ImageOfItem(std::string_view item_json) {
  const auto item = wire::ParseJson(item_json);
  return item.ok() ? ImageOf(*item, "result") : Image();
}

Image ImageOfPartial(std::string_view event_json, std::int64_t& index) {
  const auto event = wire::ParseJson(event_json);
  if (!event.ok()) return {};
  const auto* number = wire::FindMember(*event, "partial_image_index");
  index = number != nullptr && number->is_int64() ? number->get_int64() : 0;
  return ImageOf(*event, "partial_image_b64");
}

void AppendProperties(wire::JsonWriter& json, const Image& image) {
  if (!image.size.empty()) json.Key("size").String(image.size);
  if (!image.quality.empty()) json.Key("quality").String(image.quality);
  if (!image.background.empty()) json.Key("background").String(image.background);
  if (!image.output_format.empty()) json.Key("output_format").String(image.output_format);
}

void AppendUsage(std::string& out, const inference::v1::Usage& usage) {
  wire::JsonWriter json(out);
  json.BeginObject();
  json.Key("input_tokens").Int(usage.input_tokens()).Key("output_tokens").Int(usage.output_tokens());
  json.Key("total_tokens").Int(usage.input_tokens() + usage.output_tokens());
  json.Key("input_tokens_details").BeginObject();
  json.Key("text_tokens").Int(usage.input_tokens()).Key("image_tokens").Int(0).EndObject().EndObject();
}

}  // namespace patchbay::frontend::openai_images
