#include "workers/frontend/dialects/openai_images/response_encoder.h"

namespace patchbay::frontend::openai_images {

Result<std::string> ResponseEncoder::Encode() const {
  if (!reader_.finished()) return Error(ErrorCode::kProtocol, "the answer has no end").From(Origin::kUpstream);
  if (reader_.images().empty()) return reader_.NoImage();
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("created").Int(identity_.created).Key("data").BeginArray();
  for (const GeneratedImage& image : reader_.images()) {
    json.BeginObject().Key("b64_json").String(image.data_base64());
    if (!image.revised_prompt().empty()) json.Key("revised_prompt").String(image.revised_prompt());
    json.EndObject();
  }
  json.EndArray();
  AppendProperties(json, reader_.images().front());
  std::string usage;
  AppendUsage(usage, reader_.usage());
  json.Key("usage").Raw(usage).EndObject();
  return out;
}

}  // namespace patchbay::frontend::openai_images
