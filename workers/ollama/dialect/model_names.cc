#include "workers/ollama/dialect/model_names.h"

#include <algorithm>

#include "lib/base/encoding.h"
#include "lib/base/sha256.h"

namespace patchbay::ollama {
namespace {

// A colon before the last slash belongs to a host's port.
bool HasTag(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return name.find(':', slash == std::string_view::npos ? 0 : slash) != std::string_view::npos;
}

}  // namespace

std::string TaggedName(std::string_view id) {
  std::string name(id);
  if (!HasTag(id)) name.append(kLatestTag);
  return name;
}

std::string FullName(std::string_view id) {
  const auto slashes = std::count(id.begin(), id.end(), '/');
  std::string name;
  if (slashes < 2) name = slashes == 0 ? "registry.ollama.ai/library/" : "registry.ollama.ai/";
  return name.append(TaggedName(id));
}

std::vector<std::string> NamesFor(std::string_view asked) {
  if (asked.ends_with(kLatestTag)) {
    return {std::string(asked.substr(0, asked.size() - kLatestTag.size())), std::string(asked)};
  }
  if (HasTag(asked)) return {std::string(asked)};
  return {std::string(asked), std::string(asked).append(kLatestTag)};
}

const gateway::v1::Model* FindModel(const gateway::v1::ListModelsReply& models, std::string_view asked) {
  for (const std::string& name : NamesFor(asked)) {
    for (const auto& model : models.models()) {
      if (model.id() == name) return &model;
    }
  }
  return nullptr;
}

std::string DigestOf(std::string_view id) { return HexEncode(Sha256(TaggedName(id))); }

std::string FamilyOf(std::string_view id) {
  const std::size_t slash = id.rfind('/');
  if (slash != std::string_view::npos && slash + 1 < id.size()) id.remove_prefix(slash + 1);
  const std::string family(id.substr(0, id.find_first_of("-:.")));
  return family.empty() ? "model" : family;
}

}  // namespace patchbay::ollama
