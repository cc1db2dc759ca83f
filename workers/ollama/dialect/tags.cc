#include "workers/ollama/dialect/tags.h"

#include <google/protobuf/util/time_util.h>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"
#include "lib/wire/json_writer.h"

namespace patchbay::ollama {
namespace {

std::string Digest(std::string_view name) { return HexEncode(Sha256(name)); }

// The part of a name that says what it is a kind of: "gpt" of "gpt-5.5".
std::string Family(const std::string& id) { return id.substr(0, id.find_first_of("-:/")); }

void WriteModel(wire::JsonWriter& json, const gateway::v1::Model& model) {
  const std::string name = model.id().find(':') == std::string::npos ? model.id() + ":latest" : model.id();
  json.BeginObject();
  json.Key("name").String(name);
  json.Key("model").String(name);
  json.Key("modified_at").String(google::protobuf::util::TimeUtil::ToString(model.created_at()));
  json.Key("size").Int(1);  // nothing is stored here, and clients divide by it
  json.Key("digest").String(Digest(name));
  json.Key("details").BeginObject();
  json.Key("parent_model").String("");
  json.Key("format").String("gguf");
  json.Key("family").String(Family(model.id()));
  json.Key("families").BeginArray().String(Family(model.id())).EndArray();
  json.Key("parameter_size").String("unknown");
  json.Key("quantization_level").String("unknown");
  if (model.context_window() > 0) json.Key("context_length").Int(model.context_window());
  json.EndObject();
  json.Key("capabilities").BeginArray().String("completion");
  if (model.tools()) json.String("tools");
  if (model.vision()) json.String("vision");
  if (model.reasoning_efforts_size() > 0) json.String("thinking");
  json.EndArray();
  json.EndObject();
}

}  // namespace

std::string EncodeTags(const gateway::v1::ListModelsReply& models) {
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("models").BeginArray();
  for (const auto& model : models.models()) WriteModel(json, model);
  json.EndArray().EndObject();
  return out;
}

std::string EncodeVersion(std::string_view version) {
  std::string out;
  wire::JsonWriter(out).BeginObject().Key("version").String(version).EndObject();
  return out;
}

std::string EncodeError(std::string_view message) {
  std::string out;
  wire::JsonWriter(out).BeginObject().Key("error").String(message).EndObject();
  return out;
}

}  // namespace patchbay::ollama
