#include "workers/accounts/providers/providers.h"

#include <algorithm>

#include "lib/base/pattern.h"
#include "lib/base/text.h"
#include "lib/catalog/words.h"

namespace patchbay::accounts {
namespace {

Credential CredentialOf(const catalog::v1::Auth& auth) {
  if (auth.mode() == "oauth") return Credential::kLogin;
  if (auth.mode() == "none") return Credential::kNothing;
  if (auth.mode() == "forward") return Credential::kCallers;
  return auth.key_optional() ? Credential::kMaybeKey : Credential::kKey;
}

// "gpt-5.4" of "gpt-5.4-2026-03-05" and of "gpt-5.4-20260305"; another name as it is.
std::string_view WithoutDay(std::string_view name) {
  for (const std::string_view shape : {"-0000-00-00", "-00000000"}) {
    if (name.size() <= shape.size()) continue;
    const std::string_view end = name.substr(name.size() - shape.size());
    const bool same = std::equal(end.begin(), end.end(), shape.begin(),
                                 [](char c, char of) { return of == '0' ? IsDigit(c) : c == of; });
    if (same) return name.substr(0, name.size() - shape.size());
  }
  return name;
}

// The entry of that name, else of the name without its day, else of the longest pattern that it is like.
const catalog::v1::Prices* FindPrices(const catalog::v1::Provider& row, std::string_view model) {
  for (const std::string_view name : {model, WithoutDay(model)}) {
    if (const auto found = row.prices().find(std::string(name)); found != row.prices().end()) return &found->second;
  }
  const catalog::v1::Prices* best = nullptr;
  std::string_view of;
  for (const auto& [pattern, prices] : row.prices()) {
    if (pattern.find('*') == std::string::npos || !MatchesPattern(pattern, model)) continue;
    if (best != nullptr && std::pair(pattern.size(), std::string_view(pattern)) <= std::pair(of.size(), of)) continue;
    best = &prices;
    of = pattern;
  }
  return best;
}

}  // namespace

bool Provider::sockets() const {
  const catalog::Dialect* dialect = catalog::FindDialect(row.dialect());
  return dialect != nullptr && dialect->sockets;
}

bool Provider::CanBeCalled() const { return !row.dialect().empty(); }

bool Provider::Takes(std::string_view client_dialect) const {
  if (!catalog::Takes(row.dialect(), client_dialect)) return false;
  // How hosts of one protocol differ is about conversations; which of them make embeddings their rows say.
  if (client_dialect == catalog::kEmbeddings) return row.models().embeddings_size() > 0;
  return row.quirks().empty();
}

bool Provider::MakesEmbeddings(std::string_view model) const {
  const auto& patterns = row.models().embeddings();
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return MatchesPattern(pattern, model); });
}

bool Provider::NamesLike(std::string_view model) const {
  return std::any_of(
      row.models().named_like().begin(), row.models().named_like().end(),
      [&](const std::string& pattern) { return model.size() >= pattern.size() && MatchesPattern(pattern, model); });
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
  if (const Provider* own = Find(prefix); own != nullptr && own->CanBeCalled()) called.push_back(own);
  for (const auto& [id, provider] : providers_) {
    const auto& names = provider.row.also_named();
    if (id != prefix && provider.CanBeCalled() && std::find(names.begin(), names.end(), prefix) != names.end())
      called.push_back(&provider);
  }
  return called;
}

const catalog::v1::Prices* Providers::PricesOf(const Provider& provider, std::string_view model) const {
  if (const auto* own = FindPrices(provider.row, model)) return own;
  const Provider* as = provider.row.priced_as().empty() ? nullptr : Find(provider.row.priced_as());
  return as == nullptr ? nullptr : FindPrices(as->row, model);
}

}  // namespace patchbay::accounts
