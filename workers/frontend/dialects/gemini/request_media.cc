#include "workers/frontend/dialects/gemini/request_media.h"

#include <algorithm>
#include <string>

#include "lib/base/encoding.h"
#include "lib/wire/utf8.h"
#include "workers/frontend/dialects/gemini/fields.h"

namespace patchbay::frontend::gemini {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

Result<std::string_view> RequiredEither(const JsonNode& node, std::string_view name) {
  RETURN_IF_ERROR(node.MustBeObject());
  const auto member = FindEither(node, name);
  if (!member) return node.Wrong("'" + std::string(name) + "' is required here");
  return member->String();
}

// Google takes both alphabets of base64; a data: URL has the first.
Result<std::string> StandardBase64(const JsonNode& node, std::string_view text) {
  if (Base64Decode(text).ok()) return std::string(text);
  const auto bytes = Base64UrlDecode(text);
  if (!bytes.ok()) return node.Wrong("expected base64");
  return Base64Encode(*bytes);
}

Result<void> CheckMedia(const JsonNode& node, std::string_view mime_type) {
  if (StartsWith(mime_type, "audio/")) return node.Unsupported("audio input is not supported");
  if (StartsWith(mime_type, "video/")) return node.Unsupported("video input is not supported");
  if (mime_type.find('/') == std::string_view::npos) return node.Wrong("expected a media type such as 'image/png'");
  return {};
}

}  // namespace

Result<void> DecodeInlineData(const JsonNode& blob, DecodedRequest& out, ToolHistory::Parts& parts) {
  ASSIGN_OR_RETURN(const std::string_view mime_type, RequiredEither(blob, "mimeType"));
  ASSIGN_OR_RETURN(const std::string_view text, RequiredEither(blob, "data"));
  RETURN_IF_ERROR(CheckMedia(*FindEither(blob, "mimeType"), mime_type));
  IgnoreOthers(blob, {"mimeType", "data", "displayName"}, out);
  const JsonNode data = *blob.Find("data");
  if (text.empty()) return data.Wrong("expected base64 of at least one byte");
  ASSIGN_OR_RETURN(const std::string base64, StandardBase64(data, text));
  const auto name = FindEither(blob, "displayName");
  if (StartsWith(mime_type, "text/")) {
    std::string bytes = *Base64Decode(base64);
    if (!wire::IsValidUtf8(bytes)) return data.Wrong("expected text in UTF-8");
    parts.Add()->set_text(std::move(bytes));
    if (name) out.Ignore(*name);
    return {};
  }
  const std::string url = "data:" + std::string(mime_type) + ";base64," + base64;
  if (StartsWith(mime_type, "image/")) {
    parts.Add()->mutable_image()->set_url(url);
    if (name) out.Ignore(*name);
    return {};
  }
  auto& file = *parts.Add()->mutable_file();
  file.set_url(url);
  if (name) {
    ASSIGN_OR_RETURN(const std::string_view given, name->String());
    file.set_filename(std::string(given));
  }
  return {};
}

Result<void> DecodeFileData(const JsonNode& file, DecodedRequest& out, ToolHistory::Parts& parts) {
  ASSIGN_OR_RETURN(const std::string_view uri, RequiredEither(file, "fileUri"));
  IgnoreOthers(file, {"mimeType", "fileUri", "displayName"}, out);
  std::string_view mime_type;
  if (const auto node = FindEither(file, "mimeType")) {
    ASSIGN_OR_RETURN(mime_type, node->String());
    RETURN_IF_ERROR(CheckMedia(*node, mime_type));
  }
  if (!StartsWith(uri, "https://")) {
    return FindEither(file, "fileUri")
        ->Unsupported("only https: URLs can be passed on; send other files as inlineData");
  }
  if (const auto name = FindEither(file, "displayName")) out.Ignore(*name);
  if (StartsWith(mime_type, "image/")) {
    parts.Add()->mutable_image()->set_url(std::string(uri));
  } else {
    parts.Add()->mutable_file()->set_url(std::string(uri));
  }
  return {};
}

}  // namespace patchbay::frontend::gemini
