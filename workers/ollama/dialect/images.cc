#include "workers/ollama/dialect/images.h"

#include <string>
#include <utility>

#include "lib/base/encoding.h"
#include "workers/ollama/dialect/fields.h"

namespace patchbay::ollama {
namespace {

// The first characters of a picture's base64 → its media type.
constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
    {"iVBOR", "image/png"}, {"/9j/", "image/jpeg"}, {"UklGR", "image/webp"}, {"R0lGOD", "image/gif"}};

// Some clients send the whole URL where its base64 is wanted.
std::string_view WithoutPrefix(std::string_view text) {
  constexpr std::string_view kMark = ";base64,";
  if (!text.starts_with("data:")) return text;
  const std::size_t at = text.find(kMark);
  return at == std::string_view::npos ? text : text.substr(at + kMark.size());
}

Result<std::string> UrlOf(std::string_view base64, std::string_view place) {
  if (base64.size() > kImageBytesMax) {
    return Error(ErrorCode::kTooLarge,
                 std::string(place) + ": an image may have " + std::to_string(kImageBytesMax >> 20) + " MiB of base64")
        .From(Origin::kClient);
  }
  if (!IsBase64(base64)) return Wrong(place, "illegal base64 data");
  for (const auto& [start, type] : kKinds) {
    if (base64.starts_with(start)) return std::string("data:").append(type).append(";base64,").append(base64);
  }
  return Wrong(place, "unknown kind of image: expected PNG, JPEG, WEBP or GIF");
}

}  // namespace

Result<void> ReadImages(const boost::json::array& images, std::string_view place, std::size_t& counted,
                        google::protobuf::RepeatedPtrField<inference::v1::Part>& parts) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::string here = Element(place, i);
    if (!images[i].is_string()) return Wrong(here, "expected a string");
    if (++counted > kImagesMax) return Wrong(here, "at most " + std::to_string(kImagesMax) + " images in a request");
    ASSIGN_OR_RETURN(std::string url, UrlOf(WithoutPrefix(images[i].get_string()), here));
    parts.Add()->mutable_image()->set_url(std::move(url));
  }
  return {};
}

}  // namespace patchbay::ollama
