#include "workers/ollama/dialect/embed.h"

#include <charconv>

#include "lib/wire/json_writer.h"
#include "workers/ollama/dialect/fields.h"

namespace patchbay::ollama {
namespace {

namespace json = boost::json;

Result<void> AddInput(const json::value& value, std::string_view place, gateway::v1::EmbedCall& call) {
  if (!value.is_string()) return Wrong(place, "invalid input type");
  if (value.get_string().empty()) return Wrong(place, "an input is empty");
  call.add_inputs(std::string(value.get_string()));
  return {};
}

Result<void> ReadInput(const json::object& body, gateway::v1::EmbedCall& call) {
  const json::value* input = Find(body, "input");
  if (input == nullptr || (input->is_string() && input->get_string().empty())) return {};
  if (!input->is_array()) return AddInput(*input, "input", call);
  const json::array& inputs = input->get_array();
  if (inputs.size() > kInputsMax) return Wrong("input", "at most " + std::to_string(kInputsMax) + " texts at once");
  for (std::size_t i = 0; i < inputs.size(); ++i) RETURN_IF_ERROR(AddInput(inputs[i], Element("input", i), call));
  return {};
}

Result<AskedVectors> ReadCommon(const json::object& body) {
  AskedVectors asked;
  ASSIGN_OR_RETURN(asked.model, ReadModel(body));
  ASSIGN_OR_RETURN(asked.keep_alive, ReadKeepAlive(body));
  ASSIGN_OR_RETURN(const json::object* options, Object(body, "options"));
  for (std::size_t i = 0; options != nullptr && i < options->size(); ++i) {
    Note(asked.ignored, Below("options", std::string_view((options->begin() + static_cast<std::ptrdiff_t>(i))->key())));
  }
  return asked;
}

void WriteVector(wire::JsonWriter& out, const gateway::v1::Embedding& embedding) {
  out.BeginArray();
  for (const float value : embedding.values()) {
    // As short as a float allows: as a double, 0.1f would have seventeen digits.
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    const std::string_view text(digits, static_cast<std::size_t>(end - digits));
    // What JSON cannot say: "inf", "nan".
    out.Raw(text.find_first_of("in") == std::string_view::npos ? text : std::string_view("null"));
  }
  out.EndArray();
}

}  // namespace

Result<AskedVectors> DecodeEmbed(std::string_view body) {
  ASSIGN_OR_RETURN(const wire::JsonDocument document, ParseBody(body));
  const json::object& object = document.root().get_object();
  ASSIGN_OR_RETURN(AskedVectors asked, ReadCommon(object));
  ASSIGN_OR_RETURN(const bool truncate, Flag(object, "truncate", true));
  // The real server shortens unless it is told not to, and no provider can: only who asks for it in so many words is
  // told.
  asked.call.set_truncate(truncate && Find(object, "truncate") != nullptr);
  if (const json::value* dimensions = Find(object, "dimensions")) {
    boost::system::error_code error;
    const auto count = dimensions->to_number<std::int32_t>(error);
    if (error || count < 0) return Wrong("dimensions", "expected a whole number");
    if (count > 0) asked.call.set_dimensions(count);
  }
  RETURN_IF_ERROR(ReadInput(object, asked.call));
  return asked;
}

Result<AskedVectors> DecodeEmbeddings(std::string_view body) {
  ASSIGN_OR_RETURN(const wire::JsonDocument document, ParseBody(body));
  const json::object& object = document.root().get_object();
  ASSIGN_OR_RETURN(AskedVectors asked, ReadCommon(object));
  ASSIGN_OR_RETURN(const std::string_view prompt, Text(object, "prompt"));
  if (!prompt.empty()) asked.call.add_inputs(std::string(prompt));
  return asked;
}

std::string EncodeEmbed(const std::string& model, const gateway::v1::EmbedReply& reply, std::chrono::nanoseconds total,
                        std::chrono::nanoseconds load) {
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("model").String(model).Key("embeddings").BeginArray();
  for (const auto& embedding : reply.embeddings()) WriteVector(json, embedding);
  json.EndArray();
  json.Key("total_duration").Int(total.count()).Key("load_duration").Int(load.count());
  if (reply.usage().input_tokens() > 0) json.Key("prompt_eval_count").Int(reply.usage().input_tokens());
  json.EndObject();
  return out;
}

std::string EncodeEmbeddings(const gateway::v1::EmbedReply& reply) {
  std::string out;
  wire::JsonWriter json(out);
  json.BeginObject().Key("embedding");
  if (reply.embeddings_size() > 0) {
    WriteVector(json, reply.embeddings(0));
  } else {
    json.BeginArray().EndArray();
  }
  json.EndObject();
  return out;
}

}  // namespace patchbay::ollama
