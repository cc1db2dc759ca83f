#include "workers/frontend/dialects/anthropic/request_content.h"

#include "lib/base/encoding.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/shared_fields.h"

namespace patchbay::frontend::anthropic {
namespace {

using Parts = ToolHistory::Parts;

void AddText(std::string_view text, Parts& parts) {
  if (!text.empty()) parts.Add()->set_text(std::string(text));
}

// {"type":"base64","media_type","data"} → a data: URL.
Result<std::string> DataUrl(const JsonNode& source) {
  ASSIGN_OR_RETURN(const std::string_view media_type, source.RequiredString("media_type"));
  ASSIGN_OR_RETURN(const std::string_view data, source.RequiredString("data"));
  if (!IsBase64(data)) return source.Find("data")->Wrong("expected base64");
  return std::string("data:").append(media_type).append(";base64,").append(data);
}

// {"type":"url","url"}; passed on, never fetched here.
Result<std::string> HttpsUrl(const JsonNode& source) {
  ASSIGN_OR_RETURN(const std::string_view url, source.RequiredString("url"));
  if (!url.starts_with("https:")) return source.Find("url")->Wrong("expected an https: URL");
  return std::string(url);
}

Result<JsonNode> SourceOf(const JsonNode& block, DecodedRequest& out) {
  const auto source = block.Find("source");
  if (!source) return block.Wrong("a block of this type needs source");
  RETURN_IF_ERROR(source->RequiredString("type"));
  NoteOthers(out.ignored, *source, {"type", "media_type", "data", "url", "content", "file_id"});
  return *source;
}

Error NoFiles(const JsonNode& source) {
  return source.Find("type")->Unsupported("uploaded files are not supported; send the content itself");
}

// Nothing is cited but web searches.
Result<void> IgnoreCitations(const JsonNode& block, DecodedRequest& out) {
  const auto citations = block.Find("citations");
  const auto wanted = citations ? citations->Find("enabled") : std::nullopt;
  if (!wanted) return {};
  ASSIGN_OR_RETURN(const bool enabled, wanted->Bool());
  if (enabled) NoteIgnored(out.ignored, citations->Path());
  return {};
}

Result<void> DecodeImage(const JsonNode& block, Parts& parts, DecodedRequest& out) {
  NoteOthers(out.ignored, block, {"type", "source", "cache_control"});
  ASSIGN_OR_RETURN(const JsonNode source, SourceOf(block, out));
  ASSIGN_OR_RETURN(const std::string_view type, source.RequiredString("type"));
  if (type == "file") return NoFiles(source);
  RETURN_IF_ERROR(source.Find("type")->OneOf({"base64", "url"}));
  std::string url;
  if (type == "base64") {
    RETURN_IF_ERROR(source.RequiredString("media_type"));
    RETURN_IF_ERROR(source.Find("media_type")->OneOf({"image/jpeg", "image/png", "image/gif", "image/webp"}));
    ASSIGN_OR_RETURN(url, DataUrl(source));
  } else {
    ASSIGN_OR_RETURN(url, HttpsUrl(source));
  }
  parts.Add()->mutable_image()->set_url(std::move(url));
  return {};
}

// A PDF becomes a file; everything else in a document is text.
Result<void> DecodeDocument(const JsonNode& block, Parts& parts, DecodedRequest& out) {
  ASSIGN_OR_RETURN(const JsonNode source, SourceOf(block, out));
  ASSIGN_OR_RETURN(const std::string_view type, source.RequiredString("type"));
  ASSIGN_OR_RETURN(const std::string_view title, block.OptionalString("title"));
  ASSIGN_OR_RETURN(const std::string_view context, block.OptionalString("context"));
  RETURN_IF_ERROR(IgnoreCitations(block, out));
  NoteOthers(out.ignored, block, {"type", "source", "title", "context", "citations", "cache_control"});
  if (type == "file") return NoFiles(source);
  RETURN_IF_ERROR(source.Find("type")->OneOf({"base64", "url", "text", "content"}));
  AddText(context, parts);
  if (type == "base64" || type == "url") {
    ASSIGN_OR_RETURN(std::string url, type == "base64" ? DataUrl(source) : HttpsUrl(source));
    auto& file = *parts.Add()->mutable_file();
    file.set_url(std::move(url));
    if (!title.empty()) file.set_filename(std::string(title) + (title.ends_with(".pdf") ? "" : ".pdf"));
    return {};
  }
  AddText(title, parts);
  if (type == "content") {
    const auto content = source.Find("content");
    if (!content) return source.Wrong("a source of type 'content' needs content");
    return DecodeContent(*content, parts, out);
  }
  ASSIGN_OR_RETURN(const std::string_view text, source.RequiredString("data"));
  AddText(text, parts);
  return {};
}

Result<void> DecodeSearchResult(const JsonNode& block, Parts& parts, DecodedRequest& out) {
  RETURN_IF_ERROR(IgnoreCitations(block, out));
  NoteOthers(out.ignored, block, {"type", "source", "title", "content", "citations", "cache_control"});
  ASSIGN_OR_RETURN(const std::string_view source, block.RequiredString("source"));
  ASSIGN_OR_RETURN(const std::string_view title, block.RequiredString("title"));
  AddText(std::string(title).append("\n").append(source), parts);
  const auto content = block.Find("content");
  if (!content) return block.Wrong("a search result needs content");
  return DecodeContent(*content, parts, out);
}

Result<void> DecodeThing(const JsonNode& block, std::string_view type, Parts& parts, DecodedRequest& out) {
  if (type == "text") {
    ASSIGN_OR_RETURN(const std::string_view text, block.RequiredString("text"));
    NoteOthers(out.ignored, block, {"type", "text", "cache_control"});
    AddText(text, parts);
    return {};
  }
  if (type == "image") return DecodeImage(block, parts, out);
  if (type == "document") return DecodeDocument(block, parts, out);
  if (type == "search_result") return DecodeSearchResult(block, parts, out);
  if (type == "tool_reference") {
    ASSIGN_OR_RETURN(const std::string_view name, block.RequiredString("tool_name"));
    NoteOthers(out.ignored, block, {"type", "tool_name", "cache_control"});
    const bool offered = out.tools.Refer(name);
    AddText("The tool '" + std::string(name) + (offered ? "' is available." : "' is not available."), parts);
    return {};
  }
  return block.Find("type")->Wrong("a block of this type is not possible here");
}

}  // namespace

Result<void> DecodeContentBlock(const JsonNode& block, std::string_view type, Parts& parts, DecodedRequest& out) {
  const int before = parts.size();
  RETURN_IF_ERROR(DecodeThing(block, type, parts, out));
  const auto control = block.Find("cache_control");
  if (!control || parts.size() == before) return {};
  return ReadCacheControl(*control, *parts[parts.size() - 1].mutable_cache_breakpoint());
}

Result<void> DecodeContent(const JsonNode& content, Parts& parts, DecodedRequest& out) {
  if (content.IsString()) {
    ASSIGN_OR_RETURN(const std::string_view text, content.String());
    AddText(text, parts);
    return {};
  }
  if (!content.IsArray()) return content.Wrong("expected a string or an array of blocks");
  for (std::size_t i = 0; i < content.size(); ++i) {
    const JsonNode block = content.At(i);
    ASSIGN_OR_RETURN(const std::string_view type, block.RequiredString("type"));
    RETURN_IF_ERROR(DecodeContentBlock(block, type, parts, out));
  }
  return {};
}

}  // namespace patchbay::frontend::anthropic
