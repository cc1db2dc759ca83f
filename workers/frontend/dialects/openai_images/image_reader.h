// Canonical events → the pictures of one answer. A stream and a whole answer both read by it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "workers/frontend/dialects/common/reply/flat_reader.h"
#include "workers/frontend/dialects/openai_images/wire_format.h"

namespace patchbay::frontend::openai_images {

class ImageReader final : private FlatListener {
 public:
  using OnPartial = std::function<void(const GeneratedImage&, std::int64_t index)>;

  explicit ImageReader(OnPartial on_partial = nullptr) : on_partial_(std::move(on_partial)) {}

  // kProtocol as FlatReader::Read.
  Result<void> Read(const inference::v1::GenerateEvent& event) { return reader_.Read(event); }

  bool finished() const { return finished_; }
  const std::vector<GeneratedImage>& images() const { return images_; }
  const inference::v1::Usage& usage() const { return usage_; }
  // Why there is no image, when the answer came to its end without one: in the model's own words, bounded.
  Error NoImage() const;

 private:
  static constexpr std::size_t kMaxWordsBytes = 500;

  void OnStarted(const inference::v1::Started&) override {}
  void OnText(std::string_view text) override;
  void OnRefusal(std::string_view text) override { OnText(text); }
  void OnReasoning(std::string_view) override {}
  void OnCall(int, const inference::v1::ToolCall&) override {}
  void OnCallInput(int, inference::v1::ToolKind, std::string_view) override {}
  void OnCitation(const inference::v1::Citation&) override {}
  void OnHostedProgress(const inference::v1::HostedToolProgress& progress) override;
  void OnItemDone(const inference::v1::Item& item) override;
  void OnUsage(const inference::v1::Usage& usage) override { usage_ = usage; }
  void OnFinished(inference::v1::FinishReason) override { finished_ = true; }

  const OnPartial on_partial_;
  std::vector<GeneratedImage> images_;
  std::string words_;
  inference::v1::Usage usage_;
  bool finished_ = false;
  FlatReader reader_{*this};
};

}  // namespace patchbay::frontend::openai_images
