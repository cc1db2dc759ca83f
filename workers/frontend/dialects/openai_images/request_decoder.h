// A body of images/generations or images/edits → the canonical request (client-protocols B.10): a model that can talk
// is asked to call the provider's image tool, and nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend::openai_images {

struct DecodedRequest {
  inference::v1::GenerateRequest request;
  bool stream = false;
  std::vector<std::string> ignored;
};

struct Source {
  bool edit = false;              // images/edits: needs images
  std::string_view content_type;  // JSON, or multipart/form-data
  std::string_view host_model;    // calls the tool for models that are made for images alone
};

// kInvalidArgument and kUnsupported name the place in `where`.
Result<DecodedRequest> DecodeRequest(std::string_view body, const Source& source);

// Every member that has a row of its own; any other is ignored and reported.
std::vector<std::string_view> KnownFields();

}  // namespace patchbay::frontend::openai_images
