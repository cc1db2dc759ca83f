#include "workers/accounts/providers/providers.h"

#include <algorithm>

#include "lib/catalog/words.h"
#include "workers/accounts/models/pattern.h"

namespace patchbay::accounts {
namespace {

Credential CredentialOf(const catalog::v1::Auth& auth) {
  if (auth.mode() == "oauth") return Credential::kLogin;
  if (auth.mode() == "none") return Credential::kNothing;
  if (auth.mode() == "forward") return Credential::kCallers;
  return auth.key_optional() ? Credential::kMaybeKey : Credential::kKey;
}

}  // namespace

bool Provider::sockets() const {
  const catalog::Dialect* dialect = catalog::FindDialect(row.dialect());
  return dialect != nullptr && dialect->sockets;
}

bool Provider::Takes(std::string_view client_dialect) const {
  return row.quirks().empty() && catalog::Takes(row.dialect(), client_dialect);
}

bool Provider::NamesLike(std::string_view model) const {
  return std::any_of(
      row.models().named_like().begin(), row.models().named_like().end(),
      [&](const std::string& pattern) { return model.size() >= pattern.size() && Matches(pattern, model); });
}

void Providers::Configure(const config::v1::Config& config) {
  providers_.clear();
  default_.clear();
  for (const auto& [id, row] : config.providers()) {
    if (row.default_provider()) default_ = id;
    if (!row.base_url().empty()) providers_[id] = {id, row, CredentialOf(row.auth())};
  }
}

const Provider* Providers::Find(std::string_view id) const {
  const auto found = providers_.find(id);
  return found == providers_.end() ? nullptr : &found->second;
}

std::vector<const Provider*> Providers::Called(std::string_view prefix) const {
  std::vector<const Provider*> called;
  if (const Provider* own = Find(prefix)) called.push_back(own);
  for (const auto& [id, provider] : providers_) {
    const auto& names = provider.row.also_named();
    if (id != prefix && std::find(names.begin(), names.end(), prefix) != names.end()) called.push_back(&provider);
  }
  return called;
}

}  // namespace patchbay::accounts
