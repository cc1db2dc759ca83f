#include "workers/frontend/dialects/openai_images/request_decoder.h"

#include <array>
#include <boost/json.hpp>

#include "lib/base/encoding.h"
#include "lib/base/number.h"
#include "lib/wire/boost_json.h"
#include "lib/wire/multipart.h"
#include "lib/wire/utf8.h"
#include "workers/frontend/dialects/common/request/field_reader.h"
#include "workers/frontend/dialects/common/request/ignored_fields.h"
#include "workers/frontend/dialects/common/request/json_node.h"
#include "workers/frontend/dialects/common/request/media_url.h"

namespace patchbay::frontend::openai_images {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPromptBytes = 128 * 1024;  // 32,000 characters, whatever they are
constexpr std::size_t kMaxImages = 16;
constexpr std::int64_t kMaxPartialImages = 3;

constexpr std::string_view kMake =
    "Call the image generation tool exactly once with the user's prompt, unchanged. Do not answer in words.";
constexpr std::string_view kEdit =
    "Call the image generation tool exactly once, to edit the user's images as the user's prompt says. Do not answer "
    "in "
    "words.";

// What is read before the canonical request can be made.
struct Draft {
  DecodedRequest out;
  std::string prompt, model;
  std::vector<std::string> images;  // URLs
  inference::v1::ImageGenerationTool tool;
};

// One row per member of the body. README.md shows the same rows to people.
using Field = KnownField<Draft>;

Result<void> Ignore(const JsonNode& node, Draft& draft) {
  NoteIgnored(draft.out.ignored, node.Path());
  return {};
}

Result<void> ReadModel(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(draft.model, node.String());
  return {};
}

Result<void> ReadPrompt(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(draft.prompt, node.String());
  if (draft.prompt.empty()) return node.Wrong("expected a prompt");
  if (draft.prompt.size() > kMaxPromptBytes) return node.Wrong("the prompt is too long");
  return {};
}

Result<void> ReadCount(const JsonNode& node, Draft&) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1) return node.Wrong("expected 1");
  if (count > 1) return node.Unsupported("only one image per request is supported; send several requests");
  return {};
}

Result<void> ReadStream(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(draft.out.stream, node.Bool());
  return {};
}

Result<void> ReadResponseFormat(const JsonNode& node, Draft&) {
  ASSIGN_OR_RETURN(const std::string_view format, node.String());
  if (format == "b64_json") return {};
  if (format == "url") return node.Unsupported("images are not hosted here: use 'b64_json'");
  return node.Wrong("expected 'b64_json'");
}

Result<void> ReadSize(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::string_view size, node.String());
  draft.tool.set_size(std::string(size));
  return {};
}

Result<void> ReadQuality(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::string_view quality, node.OneOf({"auto", "low", "medium", "high", "standard", "hd"}));
  // dall-e's words.
  draft.tool.set_quality(std::string(quality == "standard" ? "medium" : quality == "hd" ? "high" : quality));
  return {};
}

Result<void> ReadBackground(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::string_view background, node.OneOf({"auto", "opaque", "transparent"}));
  draft.tool.set_background(std::string(background));
  return {};
}

Result<void> ReadOutputFormat(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::string_view format, node.OneOf({"png", "jpeg", "webp"}));
  draft.tool.set_format(std::string(format));
  return {};
}

Result<void> ReadCompression(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::int64_t percent, node.Int());
  if (percent < 0 || percent > 100) return node.Wrong("expected a number from 0 to 100");
  draft.tool.set_compression(static_cast<std::int32_t>(percent));
  return {};
}

Result<void> ReadModeration(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::string_view moderation, node.OneOf({"auto", "low"}));
  draft.tool.set_moderation(std::string(moderation));
  return {};
}

Result<void> ReadFidelity(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::string_view fidelity, node.OneOf({"low", "high"}));
  draft.tool.set_input_fidelity(std::string(fidelity));
  return {};
}

Result<void> ReadPartialImages(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 0 || count > kMaxPartialImages) return node.Wrong("expected a number from 0 to 3");
  draft.tool.set_partial_images(static_cast<std::int32_t>(count));
  return {};
}

Result<std::string> ReadUrl(const JsonNode& node, Draft& draft) {
  NoteOthers(draft.out.ignored, node, {"image_url"});
  const auto member = node.IsObject() ? node.Find("image_url") : std::nullopt;
  if (node.IsObject() && !member) return node.Unsupported("an image needs image_url: uploaded files are not kept here");
  ASSIGN_OR_RETURN(const std::string_view url, ReadMediaUrl(member ? *member : node));
  return std::string(url);
}

// One or several; each a URL or {"image_url"}.
Result<void> ReadImages(const JsonNode& node, Draft& draft) {
  if (!node.IsArray()) {
    ASSIGN_OR_RETURN(std::string url, ReadUrl(node, draft));
    draft.images.push_back(std::move(url));
    return {};
  }
  if (node.size() > kMaxImages) return node.Wrong("at most 16 images");
  for (std::size_t i = 0; i < node.size(); ++i) {
    ASSIGN_OR_RETURN(std::string url, ReadUrl(node.At(i), draft));
    draft.images.push_back(std::move(url));
  }
  return {};
}

Result<void> ReadMask(const JsonNode& node, Draft& draft) {
  ASSIGN_OR_RETURN(std::string url, ReadUrl(node, draft));
  draft.tool.mutable_mask()->set_url(std::move(url));
  return {};
}

// What it draws over the picture is part of the question, and no provider of ours takes it.
Result<void> RefuseMarkup(const JsonNode& node, Draft&) {
  return node.Unsupported("a markup cannot be passed on: draw it into the image, or use a mask");
}

constexpr std::array kFields = {
    Field{"background", ReadBackground},
    Field{"complexity", Ignore},
    Field{"frame_count", Ignore},
    Field{"frame_duration_ms", Ignore},
    Field{"image", ReadImages},
    Field{"images", ReadImages},
    Field{"input_fidelity", ReadFidelity},
    Field{"markup", RefuseMarkup},
    Field{"mask", ReadMask},
    Field{"model", ReadModel},
    Field{"moderation", ReadModeration},
    Field{"n", ReadCount},
    Field{"output_compression", ReadCompression},
    Field{"output_format", ReadOutputFormat},
    Field{"partial_images", ReadPartialImages},
    Field{"prompt", ReadPrompt},
    Field{"quality", ReadQuality},
    Field{"response_format", ReadResponseFormat},
    Field{"safety_identifier", Ignore},
    Field{"size", ReadSize},
    Field{"stream", ReadStream},
    Field{"style", Ignore},
    Field{"svg", Ignore},
    Field{"user", Ignore},
};

Error Wrong(std::string message, std::string where) {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient).At(std::move(where));
}

bool IsNumber(std::string_view name) { return name == "n" || name == "output_compression" || name == "partial_images"; }

// A form's fields as the members that JSON would have: files become data: URLs, numbers and booleans what they say.
Result<json::value> JsonOfForm(std::string_view body, std::string_view boundary) {
  auto parts = wire::ParseForm(body, boundary);
  if (!parts.ok()) return std::move(parts).error().From(Origin::kClient);
  json::object out;
  json::array images;
  for (const wire::FormPart& part : *parts) {
    std::string_view name = part.name;
    if (name.ends_with("[]")) name.remove_suffix(2);
    if (!wire::IsValidUtf8(part.name)) return Wrong("the name of a field is not UTF-8", "");
    const bool file = !part.filename.empty() || part.content_type.starts_with("image/");
    if (file) {
      constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789/+.-";
      const bool named = part.content_type.starts_with("image/") &&
                         part.content_type.find_first_not_of(kPlain) == std::string_view::npos;
      const std::string type(named ? part.content_type : "image/png");
      json::string url(("data:" + type + ";base64," + Base64Encode(part.body)).c_str());
      if (name == "image" || name == "images") {
        images.push_back(std::move(url));
      } else {
        out[name] = std::move(url);
      }
      continue;
    }
    if (!wire::IsValidUtf8(part.body)) return Wrong("the text is not UTF-8", "/" + std::string(name));
    const auto number = ParseNumber<std::int64_t>(part.body);
    if (IsNumber(name) && number) {
      out[name] = *number;
    } else if (name == "stream" && (part.body == "true" || part.body == "false")) {
      out[name] = part.body == "true";
    } else {
      out[name] = part.body;
    }
  }
  if (!images.empty()) out["image"] = std::move(images);
  return json::value(std::move(out));
}

// Models that make images and nothing else are no model that could be asked to call a tool.
bool IsImageModel(std::string_view model) {
  return model.empty() || model.find("image") != std::string_view::npos || model.starts_with("dall-e");
}

}  // namespace

std::vector<std::string_view> KnownFields() { return NamesOf(kFields); }

Result<DecodedRequest> DecodeRequest(std::string_view body, const Source& source) {
  const auto boundary = wire::FormBoundary(source.content_type);
  if (!boundary && source.content_type.starts_with("multipart/form-data")) {
    return Wrong("the form's Content-Type names no boundary", "");
  }
  auto document = boundary ? JsonOfForm(body, *boundary) : wire::ParseJson(body);
  if (!document.ok()) return std::move(document).error().From(Origin::kClient);
  const JsonNode root(*document);
  Draft draft;
  RETURN_IF_ERROR(ReadFields(root, kFields, draft, Ignore));
  if (draft.prompt.empty()) return Wrong("a prompt is required", "/prompt");
  if (source.edit && draft.images.empty()) return Wrong("an image to edit is required", "/image");
  if (!source.edit && !draft.images.empty()) return Wrong("images are edited by images/edits", "/image");

  inference::v1::GenerateRequest& request = draft.out.request;
  request.set_model(IsImageModel(draft.model) ? std::string(source.host_model) : draft.model);
  request.set_instructions(std::string(source.edit ? kEdit : kMake));
  auto& message = *request.add_items()->mutable_message();
  message.set_role(inference::v1::ROLE_USER);
  message.add_parts()->set_text(draft.prompt);
  for (std::string& url : draft.images) message.add_parts()->mutable_image()->set_url(std::move(url));
  *request.add_tools()->mutable_image_generation() = std::move(draft.tool);
  // The one tool there is must be called.
  request.mutable_tool_choice()->set_mode(inference::v1::ToolChoice::MODE_REQUIRED);
  request.mutable_reasoning()->set_effort("low");
  return std::move(draft.out);
}

}  // namespace patchbay::frontend::openai_images
