#include "workers/ollama/dialect/relayed_model.h"

#include "lib/wire/json.h"
#include "workers/ollama/dialect/model_names.h"

namespace patchbay::ollama {

std::optional<TaggedModel> FindTaggedModel(std::string& body) {
  const auto value = wire::FindTopLevel(body, "model");
  if (!value.ok()) return std::nullopt;
  const std::string_view quoted = value->In(body);
  if (quoted.size() < 2 || quoted.front() != '"') return std::nullopt;
  const std::string_view name = quoted.substr(1, quoted.size() - 2);
  if (name.size() <= kLatestTag.size() || !name.ends_with(kLatestTag)) return std::nullopt;
  return TaggedModel{name, value->offset + 1 + name.size() - kLatestTag.size(), kLatestTag.size()};
}

}  // namespace patchbay::ollama
