// What asks to change the models, of which there are none to change here: answers that clients accept (client-protocols
// §F.8). Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/error.h"
#include "lib/base/result.h"

namespace patchbay::ollama {

// {"model" | "name", "stream"?} of pull, push, create, delete and show.
struct AskedModel {
  std::string model;
  bool stream = true;
};
Result<AskedModel> DecodeModel(std::string_view body);
// {"source", "destination"}: the source.
Result<std::string> DecodeCopy(std::string_view body);

// The lines of a pull: everything is here already, or there is no such model.
std::string EncodePull(bool known);
// The one object of a pull with "stream": false.
std::string EncodePulled();

// What the real server says of a model that its registry has not.
Error NotInRegistry();
Error CannotDelete(std::string_view asked);
// "push is not supported": the gateway's operator decides which models there are.
Error NotSupported(std::string_view what);

// The body of GET /api/status.
std::string EncodeCloudStatus();

}  // namespace patchbay::ollama
