#include "workers/frontend/dialects/openai_responses/translated/part_decoder.h"

#include "lib/base/encoding.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/media_url.h"
#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

using Ignored = std::vector<std::string>;

void KeepPart(const JsonNode& part, std::string_view type, Parts& out) {
  auto& opaque = *out.Add()->mutable_opaque();
  opaque.set_dialect(std::string(kDialect));
  opaque.set_type(std::string(type));
  opaque.set_json(part.Text());
}

// {"type":"input_image","image_url":"…","detail"}, or the form of Chat Completions, {"image_url":{"url","detail"}}.
Result<void> DecodeInputImage(const JsonNode& part, Parts& out, Ignored& ignored) {
  const auto image = part.Find("image_url");
  if (!image) {  // a file that an account at OpenAI holds
    KeepPart(part, "input_image", out);
    return {};
  }
  const bool bare = image->IsString();
  if (!bare) RETURN_IF_ERROR(image->RequiredString("url"));
  std::string_view url, detail;
  ASSIGN_OR_RETURN(url, bare ? ReadMediaUrl(*image) : ReadMediaUrl(*image->Find("url")));
  if (const auto node = (bare ? part : *image).Find("detail")) {
    ASSIGN_OR_RETURN(detail, node->OneOf({"auto", "low", "high", "original"}));
  }
  NoteOthers(ignored, part, {"type", "image_url", "detail"});
  auto& decoded = *out.Add()->mutable_image();
  decoded.set_url(std::string(url));
  decoded.set_detail(std::string(detail));
  return {};
}

// {"type":"input_file","file_data"|"file_url"|"file_id","filename"}. Bare base64 gets the data: URL that providers
// want.
Result<void> DecodeInputFile(const JsonNode& part, Parts& out, Ignored& ignored) {
  ASSIGN_OR_RETURN(const std::string_view data, part.OptionalString("file_data"));
  ASSIGN_OR_RETURN(const std::string_view url, part.OptionalString("file_url"));
  ASSIGN_OR_RETURN(const std::string_view id, part.OptionalString("file_id"));
  ASSIGN_OR_RETURN(const std::string_view filename, part.OptionalString("filename"));
  if (data.empty() && url.empty() && id.empty()) {
    return part.Wrong("a part of type 'input_file' needs file_data, file_url or file_id");
  }
  NoteOthers(ignored, part, {"type", "file_data", "file_url", "file_id", "filename"});
  auto& file = *out.Add()->mutable_file();
  file.set_file_id(std::string(id));
  file.set_filename(std::string(filename));
  if (!url.empty()) file.set_url(std::string(url));
  if (data.starts_with("data:")) {
    RETURN_IF_ERROR(ReadMediaUrl(*part.Find("file_data")));
    file.set_url(std::string(data));
  } else if (!data.empty()) {
    if (!IsBase64(data)) return part.Find("file_data")->Wrong("expected base64");
    file.set_url(std::string("data:application/pdf;base64,").append(data));
  }
  return {};
}

// {"type":"input_audio","input_audio":{"data","format"}}; others have {"audio_url":"data:audio/wav;base64,…"}
// (codex-wire §3.2).
Result<void> DecodeInputAudio(const JsonNode& part, Parts& out) {
  constexpr std::string_view kHead = "data:audio/", kBase64 = ";base64,";
  if (const auto url = part.Find("audio_url")) {
    ASSIGN_OR_RETURN(const std::string_view text, url->String());
    const std::size_t data = text.find(kBase64);
    if (!text.starts_with(kHead) || data == std::string_view::npos) return url->Wrong("expected a data: URL of audio");
    auto& decoded = *out.Add()->mutable_audio();
    decoded.set_format(std::string(text.substr(kHead.size(), data - kHead.size())));
    decoded.set_data_base64(std::string(text.substr(data + kBase64.size())));
    return {};
  }
  const auto audio = part.Find("input_audio");
  if (!audio) return part.Wrong("a part of type 'input_audio' needs input_audio");
  ASSIGN_OR_RETURN(const std::string_view data, audio->RequiredString("data"));
  ASSIGN_OR_RETURN(const std::string_view format, audio->RequiredString("format"));
  auto& decoded = *out.Add()->mutable_audio();
  decoded.set_data_base64(std::string(data));
  decoded.set_format(std::string(format));
  return {};
}

// Texts that are there without a type, and pictures by the name of Chat Completions, are taken as on the other route.
std::string TypeOfInputPart(const JsonNode& part, std::string_view type) {
  if (type.empty() && part.Find("text")) return "input_text";
  if (type.empty() && part.Find("image_url")) return "input_image";
  return std::string(type);
}

Result<void> DecodeInputPart(const JsonNode& part, Parts& out, Ignored& ignored) {
  RETURN_IF_ERROR(part.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view said, part.OptionalString("type"));
  const std::string type = TypeOfInputPart(part, said);
  if (type == "input_text" || type == "output_text" || type == "text") {
    ASSIGN_OR_RETURN(const std::string_view text, part.RequiredString("text"));
    // Where a text of the model came from, and how sure it was, it knows itself.
    NoteOthers(ignored, part, {"type", "text", "annotations", "logprobs", "parsed"});
    if (!text.empty()) out.Add()->set_text(std::string(text));
    return {};
  }
  if (type == "refusal") {
    ASSIGN_OR_RETURN(const std::string_view text, part.RequiredString("refusal"));
    out.Add()->set_refusal(std::string(text));
    return {};
  }
  if (type == "input_image" || type == "image_url") return DecodeInputImage(part, out, ignored);
  if (type == "input_file") return DecodeInputFile(part, out, ignored);
  if (type == "input_audio") return DecodeInputAudio(part, out);
  if (type.empty()) return part.Wrong("a part needs a type");
  KeepPart(part, type, out);
  return {};
}

}  // namespace

Result<void> DecodeContent(const JsonNode& content, Parts& out, std::vector<std::string>& ignored) {
  if (content.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view text, content.String());
    if (!text.empty()) out.Add()->set_text(std::string(text));
    return {};
  }
  if (!content.IsArray()) return content.Wrong("expected a string or an array of parts");
  for (std::size_t i = 0; i < content.size(); ++i) RETURN_IF_ERROR(DecodeInputPart(content.At(i), out, ignored));
  return {};
}

}  // namespace patchbay::frontend::openai_responses::translated
