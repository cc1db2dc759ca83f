#include "workers/frontend/dialects/common/request/shared_fields.h"

#include <utility>

namespace patchbay::frontend {
namespace {

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
