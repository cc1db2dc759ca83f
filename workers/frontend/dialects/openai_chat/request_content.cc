#include "workers/frontend/dialects/openai_chat/request_content.h"

#include <utility>

#include "lib/base/encoding.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/media_url.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"

namespace patchbay::frontend::openai_chat {
namespace {

using Ignored = std::vector<std::string>;

// Anthropic's and OpenAI's word for the same, on any part.
constexpr std::string_view kCacheControl = "cache_control", kCacheBreakpoint = "prompt_cache_breakpoint";

// {"type":"image_url","image_url":{"url","detail"}}, or a bare string; in the Responses API a part of type
// "input_image" with a string, and `detail` beside it.
Result<void> DecodeImage(const JsonNode& part, Parts& out, Ignored& ignored) {
  const auto image = part.Find("image_url");
  if (!image) return part.Wrong("an image part needs image_url");
  const bool bare = image->IsString();
  std::string_view url, detail;
  if (!bare) RETURN_IF_ERROR(image->RequiredString("url"));
  ASSIGN_OR_RETURN(url, bare ? ReadMediaUrl(*image) : ReadMediaUrl(*image->Find("url")));
  if (const auto node = (bare ? part : *image).Find("detail")) {
    ASSIGN_OR_RETURN(detail, node->OneOf({"auto", "low", "high", "original"}));
  }
  NoteOthers(ignored, part, {"type", "image_url", bare ? "detail" : "type", kCacheControl, kCacheBreakpoint});
  NoteOthers(ignored, *image, {"url", "detail"});
  auto& decoded = *out.Add()->mutable_image();
  decoded.set_url(std::string(url));
  decoded.set_detail(std::string(detail));
  return {};
}

// {"type":"image","source":{"type":"base64","media_type","data"}}, or a source of type "url".
Result<void> DecodeAnthropicImage(const JsonNode& part, Parts& out, Ignored& ignored) {
  const auto source = part.Find("source");
  if (!source) return part.Wrong("a part of type 'image' needs source");
  RETURN_IF_ERROR(source->RequiredString("type"));
  ASSIGN_OR_RETURN(const std::string_view type, source->Find("type")->OneOf({"base64", "url"}));
  NoteOthers(ignored, part, {"type", "source", kCacheControl, kCacheBreakpoint});
  if (type == "url") {
    RETURN_IF_ERROR(source->RequiredString("url"));
    ASSIGN_OR_RETURN(const std::string_view url, ReadMediaUrl(*source->Find("url")));
    NoteOthers(ignored, *source, {"type", "url"});
    out.Add()->mutable_image()->set_url(std::string(url));
    return {};
  }
  ASSIGN_OR_RETURN(const std::string_view media_type, source->RequiredString("media_type"));
  ASSIGN_OR_RETURN(const std::string_view data, source->RequiredString("data"));
  if (!IsBase64(data)) return source->Find("data")->Wrong("expected base64");
  NoteOthers(ignored, *source, {"type", "media_type", "data"});
  out.Add()->mutable_image()->set_url(std::string("data:").append(media_type).append(";base64,").append(data));
  return {};
}

// {"file_data"|"file_id","filename"}, inside "file" or, in the Responses API, beside the type. Bare base64 gets the
// data: URL that providers want.
Result<void> DecodeFile(const JsonNode& part, const JsonNode& file, Parts& out, Ignored& ignored) {
  RETURN_IF_ERROR(file.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view data, file.OptionalString("file_data"));
  ASSIGN_OR_RETURN(const std::string_view id, file.OptionalString("file_id"));
  ASSIGN_OR_RETURN(const std::string_view filename, file.OptionalString("filename"));
  if (data.empty() == id.empty()) return file.Wrong("expected exactly one of file_data and file_id");
  const bool flat = &file == &part;
  if (flat) {
    NoteOthers(ignored, part, {"type", "file_data", "file_id", "filename", kCacheControl, kCacheBreakpoint});
  } else {
    NoteOthers(ignored, part, {"type", "file", kCacheControl, kCacheBreakpoint});
    NoteOthers(ignored, file, {"file_data", "file_id", "filename"});
  }
  auto& decoded = *out.Add()->mutable_file();
  decoded.set_file_id(std::string(id));
  decoded.set_filename(std::string(filename));
  if (data.empty()) return {};
  if (data.starts_with("data:")) {
    RETURN_IF_ERROR(ReadMediaUrl(*file.Find("file_data")));
    decoded.set_url(std::string(data));
    return {};
  }
  if (!IsBase64(data)) return file.Find("file_data")->Wrong("expected base64");
  decoded.set_url(std::string("data:application/pdf;base64,").append(data));
  return {};
}

// {"type":"input_audio","input_audio":{"data","format"}}
Result<void> DecodeAudio(const JsonNode& part, Parts& out, Ignored& ignored) {
  const auto audio = part.Find("input_audio");
  if (!audio) return part.Wrong("an audio part needs input_audio");
  ASSIGN_OR_RETURN(const std::string_view data, audio->RequiredString("data"));
  if (!IsBase64(data)) return audio->Find("data")->Wrong("expected base64");
  RETURN_IF_ERROR(audio->RequiredString("format"));
  ASSIGN_OR_RETURN(const std::string_view format, audio->Find("format")->OneOf({"wav", "mp3"}));
  NoteOthers(ignored, part, {"type", "input_audio"});
  NoteOthers(ignored, *audio, {"data", "format"});
  auto& decoded = *out.Add()->mutable_audio();
  decoded.set_data_base64(std::string(data));
  decoded.set_format(std::string(format));
  return {};
}

Result<void> DecodeThing(const JsonNode& part, Speaker speaker, Parts& out, Ignored& ignored) {
  ASSIGN_OR_RETURN(const std::string_view type, TypeOfPart(part));
  if (type == "text" || type == "input_text" || type == "output_text") {
    ASSIGN_OR_RETURN(const std::string_view text, part.RequiredString("text"));
    NoteOthers(ignored, part, {"type", "text", kCacheControl, kCacheBreakpoint});
    if (!text.empty()) out.Add()->set_text(std::string(text));
    return {};
  }
  if (type == "refusal" && speaker == Speaker::kAssistant) {
    ASSIGN_OR_RETURN(const std::string_view text, part.RequiredString("refusal"));
    NoteOthers(ignored, part, {"type", "refusal"});
    out.Add()->set_refusal(std::string(text));
    return {};
  }
  const bool takes_media = speaker == Speaker::kUser || speaker == Speaker::kTool;
  if (takes_media) {
    if (type == "image_url" || type == "input_image") return DecodeImage(part, out, ignored);
    if (type == "image") return DecodeAnthropicImage(part, out, ignored);
    if (type == "input_audio") return DecodeAudio(part, out, ignored);
    if (type == "input_file") return DecodeFile(part, part, out, ignored);
    if (type == "file") {
      const auto file = part.Find("file");
      if (!file) return part.Wrong("a file part needs file");
      return DecodeFile(part, *file, out, ignored);
    }
  }
  return part.Find("type")->Wrong("a part of this type is not possible here");
}

}  // namespace

Result<std::string_view> TypeOfPart(const JsonNode& part) {
  RETURN_IF_ERROR(part.MustBeObject());
  if (!part.Find("type")) {
    if (part.Find("text")) return std::string_view("text");
    if (part.Find("image_url")) return std::string_view("image_url");
  }
  return part.RequiredString("type");
}

Result<void> DecodePart(const JsonNode& part, Speaker speaker, Parts& out, Ignored& ignored) {
  const int before = out.size();
  RETURN_IF_ERROR(DecodeThing(part, speaker, out, ignored));
  for (const std::string_view member : {kCacheControl, kCacheBreakpoint}) {
    const auto control = part.Find(member);
    if (control && out.size() > before) {
      RETURN_IF_ERROR(ReadCacheControl(*control, *out[out.size() - 1].mutable_cache_breakpoint()));
    }
  }
  return {};
}

Result<void> DecodeContent(const JsonNode& content, Speaker speaker, Parts& out, Ignored& ignored) {
  if (content.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view text, content.String());
    if (!text.empty()) out.Add()->set_text(std::string(text));
    return {};
  }
  if (!content.IsArray()) return content.Wrong("expected a string or an array of parts");
  for (std::size_t i = 0; i < content.size(); ++i) {
    RETURN_IF_ERROR(DecodePart(content.At(i), speaker, out, ignored));
  }
  return {};
}

}  // namespace patchbay::frontend::openai_chat
