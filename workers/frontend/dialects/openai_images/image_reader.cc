#include "workers/frontend/dialects/openai_images/image_reader.h"

#include <algorithm>

namespace patchbay::frontend::openai_images {
namespace {

constexpr std::string_view kTool = "image_generation";

}  // namespace

void ImageReader::OnText(std::string_view text) {
  words_.append(text.substr(0, kMaxWordsBytes - std::min(words_.size(), kMaxWordsBytes)));
}

void ImageReader::OnHostedProgress(const inference::v1::HostedToolProgress& progress) {
  if (!on_partial_ || progress.tool() != kTool || progress.stage() != "partial_image") return;
  std::int64_t index = 0;
  const Image image = ImageOfPartial(progress.json(), index);
  if (!image.base64.empty()) on_partial_(image, index);
}

void ImageReader::OnItemDone(const inference::v1::Item& item) {
  if (!item.has_hosted_tool() || item.hosted_tool().tool() != kTool) return;
  Image image = ImageOfItem(item.hosted_tool().json());
  if (!image.base64.empty()) images_.push_back(std::move(image));
}

Error ImageReader::NoImage() const {
  if (words_.empty()) return Error(ErrorCode::kProtocol, "the provider made no image").From(Origin::kUpstream);
  return Error(ErrorCode::kInvalidArgument, "no image was made; the model said: " + words_).From(Origin::kClient);
}

}  // namespace patchbay::frontend::openai_images
