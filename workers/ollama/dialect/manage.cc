#include "workers/ollama/dialect/manage.h"

#include <algorithm>

#include "lib/wire/json_writer.h"
#include "workers/ollama/dialect/asked.h"
#include "workers/ollama/dialect/errors.h"
#include "workers/ollama/dialect/fields.h"

namespace patchbay::ollama {
namespace {

std::string StatusLine(std::string_view status) {
  std::string out;
  wire::JsonWriter(out).BeginObject().Key("status").String(status).EndObject();
  return out;
}

}  // namespace

Result<AskedModel> DecodeModel(std::string_view body) {
  ASSIGN_OR_RETURN(const wire::JsonDocument document, ParseBody(body));
  AskedModel asked;
  ASSIGN_OR_RETURN(asked.model, ReadModel(document.root().get_object()));
  ASSIGN_OR_RETURN(asked.stream, Flag(document.root().get_object(), "stream", true));
  return asked;
}

Result<std::string> DecodeCopy(std::string_view body) {
  ASSIGN_OR_RETURN(const wire::JsonDocument document, ParseBody(body));
  ASSIGN_OR_RETURN(const std::string_view source, Text(document.root().get_object(), "source"));
  ASSIGN_OR_RETURN(const std::string_view destination, Text(document.root().get_object(), "destination"));
  if (source.empty() || destination.empty()) return Wrong("", "source and destination are required");
  if (std::max(source.size(), destination.size()) > kModelNameBytesMax) return Wrong("", "invalid model name");
  return std::string(source);
}

std::string EncodePull(bool known) {
  const std::string end = known ? StatusLine("success") : EncodeError(NotInRegistry().message);
  return StatusLine("pulling manifest") + "\n" + end + "\n";
}

std::string EncodePulled() { return StatusLine("success"); }

Error NotInRegistry() { return Error(ErrorCode::kInternal, "pull model manifest: file does not exist"); }

Error CannotDelete(std::string_view asked) {
  return Error(ErrorCode::kPermissionDenied,
               std::string("model '").append(asked).append("' is served by patchbay and cannot be deleted here"));
}

Error NotSupported(std::string_view what) {
  return Error(ErrorCode::kUnsupported,
               std::string(what).append(" is not supported: patchbay's operator decides which models there are"));
}

std::string EncodeCloudStatus() {
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("cloud").BeginObject();
  json.Key("disabled").Bool(true).Key("source").String("patchbay");
  json.EndObject().EndObject();
  return out;
}

}  // namespace patchbay::ollama
