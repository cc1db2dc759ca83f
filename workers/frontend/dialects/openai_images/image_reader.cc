#include "workers/frontend/dialects/openai_images/image_reader.h"

#include <algorithm>

namespace patchbay::frontend::openai_images {

void ImageReader::OnText(std::string_view text) {
  words_.append(text.substr(0, kMaxWordsBytes - std::min(words_.size(), kMaxWordsBytes)));
}

void ImageReader::OnHostedProgress(const inference::v1::HostedToolProgress& progress) {
  if (!on_partial_ || progress.partial_image().data_base64().empty()) return;
  on_partial_(progress.partial_image(), progress.partial_image_index());
}

void ImageReader::OnItemDone(const inference::v1::Item& item) {
  const GeneratedImage& image = item.hosted_tool().image();
  if (!image.data_base64().empty()) images_.push_back(image);
}

Error ImageReader::NoImage() const {
  if (words_.empty()) return Error(ErrorCode::kProtocol, "the provider made no image").From(Origin::kUpstream);
  return Error(ErrorCode::kInvalidArgument, "no image was made; the model said: " + words_).From(Origin::kClient);
}

}  // namespace patchbay::frontend::openai_images
