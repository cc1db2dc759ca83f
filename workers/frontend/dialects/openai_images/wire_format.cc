#include "workers/frontend/dialects/openai_images/wire_format.h"

namespace patchbay::frontend::openai_images {

void AppendProperties(wire::JsonWriter& json, const GeneratedImage& image) {
  if (!image.size().empty()) json.Key("size").String(image.size());
  if (!image.quality().empty()) json.Key("quality").String(image.quality());
  if (!image.background().empty()) json.Key("background").String(image.background());
  constexpr std::string_view kImage = "image/";
  const std::string_view type = image.media_type();
  if (type.starts_with(kImage)) json.Key("output_format").String(type.substr(kImage.size()));
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
