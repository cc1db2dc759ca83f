#include "workers/upstream/dialects/common/model_families.h"

#include "lib/base/text.h"

namespace patchbay::upstream {
namespace {

// "openai/gpt-5.5" and "models/gpt-5.5" are gpt-5.5.
std::string_view WithoutVendor(std::string_view model) {
  const std::size_t slash = model.rfind('/');
  return slash == std::string_view::npos ? model : model.substr(slash + 1);
}

// "o1", "o3-mini": a letter and a digit.
bool IsOSeries(std::string_view model) { return model.size() >= 2 && model[0] == 'o' && IsDigit(model[1]); }

bool IsNewGpt(std::string_view model) {
  constexpr std::string_view kPrefix = "gpt-";
  if (!model.starts_with(kPrefix) || model.find("chat") != std::string_view::npos) return false;
  model.remove_prefix(kPrefix.size());
  const bool two_digits = model.size() >= 2 && IsDigit(model[0]) && IsDigit(model[1]);
  return two_digits || (!model.empty() && model[0] >= '5' && model[0] <= '9');
}

bool IsReasoningGrok(std::string_view model) {
  return model.starts_with("grok-") && model.find("non-reasoning") == std::string_view::npos &&
         !model.starts_with("grok-2") && model != "grok-3";
}

}  // namespace

bool TakesSampling(std::string_view model) {
  model = WithoutVendor(model);
  return !IsOSeries(model) && !IsNewGpt(model);
}

bool IsKnownToReason(std::string_view model) { return !TakesSampling(model) || IsReasoningGrok(WithoutVendor(model)); }

bool TakesPenalties(std::string_view model) { return !IsKnownToReason(model); }

}  // namespace patchbay::upstream
