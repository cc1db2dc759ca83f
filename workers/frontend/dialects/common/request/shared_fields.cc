#include "workers/frontend/dialects/common/request/shared_fields.h"

#include <boost/json/object.hpp>
#include <cstdint>
#include <utility>

namespace patchbay::frontend {
namespace {

constexpr std::int64_t kMaxChoices = 128;  // OpenAI's own

Result<void> ReadOneStop(const JsonNode& node, const StopRules& rules, inference::v1::GenerateRequest& request) {
  ASSIGN_OR_RETURN(const std::string_view stop, node.String());
  const std::string most = std::to_string(rules.bytes_max);
  if (stop.empty() && !rules.may_be_empty) return node.Wrong("expected 1 to " + most + " bytes");
  if (stop.size() > rules.bytes_max) return node.Wrong("expected at most " + most + " bytes");
  if (!stop.empty()) request.mutable_sampling()->add_stop(std::string(stop));
  return {};
}

}  // namespace

Result<std::string> ReadModelName(const JsonNode& node) {
  ASSIGN_OR_RETURN(const std::string_view model, node.String());
  if (model.empty()) return node.Wrong("expected the name of a model");
  return std::string(model);
}

Result<double> ReadNumber(const JsonNode& node, int min, int max) {
  ASSIGN_OR_RETURN(const double value, node.Number());
  if (value < min || value > max) {
    return node.Wrong("expected a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value;
}

Result<void> ReadKnob(const JsonNode& node, const Knob& knob, inference::v1::GenerateRequest& request) {
  ASSIGN_OR_RETURN(const double value, ReadNumber(node, knob.min, knob.max));
  (request.mutable_sampling()->*knob.set)(value);
  return {};
}

Result<void> ReadLogitBias(const JsonNode& node, inference::v1::GenerateRequest& request) {
  RETURN_IF_ERROR(node.MustBeObject());
  auto& biases = *request.mutable_sampling()->mutable_logit_bias();
  for (const auto& member : node.value().get_object()) {
    const auto bias = node.Find(member.key());
    if (!bias) continue;
    ASSIGN_OR_RETURN(biases[std::string(member.key())], ReadNumber(*bias, -100, 100));
  }
  return {};
}

Result<void> ReadChoices(const JsonNode& node, inference::v1::GenerateRequest& request) {
  ASSIGN_OR_RETURN(const std::int64_t count, node.Int());
  if (count < 1 || count > kMaxChoices) return node.Wrong("expected 1 to " + std::to_string(kMaxChoices));
  if (count > 1) request.mutable_sampling()->set_n(static_cast<std::int32_t>(count));
  return {};
}

Result<void> ReadLabels(const JsonNode& node, inference::v1::GenerateRequest& request) {
  RETURN_IF_ERROR(node.MustBeObject());
  for (const auto& member : node.value().get_object()) {
    const auto label = node.Find(member.key());
    if (!label) continue;
    std::string text;
    if (label->IsString()) {
      ASSIGN_OR_RETURN(text, label->String());
    } else {
      text = label->Text();
    }
    (*request.mutable_metadata())[std::string(member.key())] = std::move(text);
  }
  return {};
}

void KeepOpaque(const JsonNode& node, std::string_view dialect, std::string_view field,
                inference::v1::GenerateRequest& request) {
  inference::v1::Opaque& opaque = *request.add_opaque();
  opaque.set_dialect(std::string(dialect));
  opaque.set_type(std::string(field));
  opaque.set_json(node.Text());
}

Result<void> ReadCacheControl(const JsonNode& node, inference::v1::CacheBreakpoint& breakpoint) {
  RETURN_IF_ERROR(node.MustBeObject());
  ASSIGN_OR_RETURN(const std::string_view ttl, node.OptionalString("ttl"));
  breakpoint.set_ttl(std::string(ttl));
  return {};
}

Result<void> ReadStops(const JsonNode& node, const StopRules& rules, inference::v1::GenerateRequest& request) {
  if (rules.one_string && node.IsString()) return ReadOneStop(node, rules, request);
  RETURN_IF_ERROR(node.MustBeArray());
  if (node.size() > rules.count_max) {
    return node.Wrong("at most " + std::to_string(rules.count_max) + " stop sequences");
  }
  for (std::size_t i = 0; i < node.size(); ++i) RETURN_IF_ERROR(ReadOneStop(node.At(i), rules, request));
  return {};
}

Error MissingField(std::string_view field, std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).From(Origin::kClient).At("/" + std::string(field));
}

}  // namespace patchbay::frontend
