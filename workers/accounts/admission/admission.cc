#include "workers/accounts/admission/admission.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "lib/base/text.h"
#include "lib/catalog/thinking.h"
#include "lib/catalog/words.h"
#include "lib/keyterms/network.h"
#include "lib/keyterms/terms.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {
namespace {

constexpr std::size_t kToldBytes = 100;  // of what the client sent

Denied Refuse(const CallWish& wish, DenyCode code, std::string message) {
  Denied denied;
  denied.frontend = wish.frontend;
  denied.request = wish.request;
  denied.model = wish.model;
  denied.code = code;
  denied.message = std::move(message);
  return denied;
}

// What is missing, for the client; empty when nothing is. A model that the provider did not tell us about may do
// anything: the provider knows, and what its row says of it may be old.
std::string Lacks(Need need, const Model* model) {
  switch (need) {
    case Need::kVision:
      return model == nullptr || model->vision.value_or(true) ? "" : "model " + model->id + " takes no images";
    case Need::kTools:
      return model == nullptr || model->tools.value_or(true) ? "" : "model " + model->id + " has no tools";
    case Need::kJsonSchema: return {};  // no provider's list tells it
  }
  return {};
}

// The provider's own entry; null for a model that it did not tell us about.
const Model* ToldOf(const ModelChoice& choice, const ModelCatalog& models) {
  const Model* model = models.Find(choice.provider, choice.wire_model);
  return model != nullptr && model->live() ? model : nullptr;
}

// Its row may say what none of its models can.
std::string Lacks(Need need, const Provider& provider) {
  const auto& has = provider.row.capabilities();
  const std::string_view word = need == Need::kTools ? "tools" : need == Need::kVision ? "vision" : "json_schema";
  if (has.empty() || std::find(has.begin(), has.end(), word) != has.end()) return {};
  return "provider " + provider.id + " does not offer " + std::string(word);
}

std::string LacksAny(const CallWish& wish, const ModelChoice& choice, const ModelCatalog& models) {
  const Provider* provider = models.providers().Find(choice.provider);
  if (provider == nullptr) return "provider " + choice.provider + " is not configured";
  if (wish.needs_relay && !provider->Takes(wish.dialect)) {
    if (wish.dialect == catalog::kEmbeddings) return "provider " + choice.provider + " makes no embeddings";
    return "provider " + choice.provider + " does not take requests of " + wish.dialect + " as they are";
  }
  if (wish.on_socket && !provider->sockets()) return "provider " + choice.provider + " has no sockets";
  if (wish.dialect != catalog::kEmbeddings && provider->MakesEmbeddings(choice.wire_model)) {
    return "model " + choice.wire_model + " makes embeddings and nothing else";
  }
  const Model* told = ToldOf(choice, models);
  for (const Need need : wish.needs) {
    // What the list tells of the model is newer than what the row says of all; no list tells of schemas.
    const bool listed = told != nullptr && need != Need::kJsonSchema;
    std::string lack = listed ? Lacks(need, told) : Lacks(need, *provider);
    if (!lack.empty()) return lack;
  }
  return {};
}

// A turn that would be on a socket is then a call by itself, which anybody's route will do for.
bool MayServeWithoutSocket(CallWish wish, const ModelChoice& choice, const ModelCatalog& models) {
  const Provider* provider = models.providers().Find(choice.provider);
  if (!wish.on_socket || provider == nullptr || provider->sockets() || !models.HasAccounts(choice.provider))
    return false;
  wish.on_socket = wish.needs_relay = false;
  return LacksAny(wish, choice, models).empty();
}

// Where a socket is opened that has not named a model yet. `others` says that somebody may serve its turns all the
// same, without one.
ModelChoices SocketChoices(const ModelCatalog& models, bool& others) {
  std::vector<const Provider*> providers;
  others = false;
  for (const auto& [id, provider] : models.providers().all()) {
    if (provider.sockets()) providers.push_back(&provider);
    others = others || (!provider.sockets() && models.HasAccounts(id));
  }
  models.Sort(providers);
  ModelChoices choices;
  for (const Provider* provider : providers) {
    const bool first = choices.empty() && !others;
    if (first || models.HasAccounts(provider->id)) choices.push_back({provider->id, {}, {}, {}});
  }
  return choices;
}

// What the client key may not be used for, for the client; empty when it may. First what is the same for all models.
std::string KeyForbids(const CallWish& wish, const v1::KeyTerms& terms) {
  if (!keyterms::AllowsSource(terms, wish.source)) {
    return "the client key may not be used from " + Printable(wish.source, kToldBytes);
  }
  if (!wish.dialect.empty() && !keyterms::Allows(terms.dialects(), wish.dialect)) {
    return "the client key may not be used for requests of " + Printable(wish.dialect, kToldBytes);
  }
  return {};
}

// A model that cannot think as little as the key may have it think is none of the key's.
std::string KeyForbidsEfforts(const ModelChoice& choice, const v1::KeyTerms& terms, const ModelCatalog& models) {
  const Model* model = models.Find(choice.provider, choice.wire_model);
  if (model == nullptr || keyterms::AllowsSomeEffort(terms, model->efforts)) return {};
  return "the client key may not be used for model " + choice.wire_model + ": its highest effort is " +
         terms.highest_effort() + ", and the model has none that low";
}

std::string KeyForbids(const CallWish& wish, const ModelChoice& choice, const v1::KeyTerms& terms,
                       const ModelCatalog& models) {
  if (!keyterms::Allows(terms.providers(), choice.provider)) {
    return "the client key may not be used for provider " + choice.provider;
  }
  // Its fallback its operator has named.
  if (terms.models_size() > 0 && !choice.wire_model.empty() && wish.fallback_for.empty()) {
    const std::string whole = choice.provider + "/" + choice.wire_model;
    const std::array<std::string_view, 3> called = {wish.model, whole, choice.wire_model};
    if (!keyterms::AllowsModel(terms, called)) {
      return "the client key may not be used for model " + Printable(wish.model, kToldBytes);
    }
  }
  const std::string_view tier = choice.service_tier.empty() ? wish.service_tier : choice.service_tier;
  const std::string_view word = tier.empty() ? keyterms::kStandardTier : tier;
  if (!keyterms::Allows(terms.tiers(), word)) {
    return "the client key may not be used for the tier " + Printable(word, kToldBytes);
  }
  return KeyForbidsEfforts(choice, terms, models);
}

// What the call asks for where it goes: by the name of the model, in words, by the tokens that it may think, or by
// saying nothing, which means the model's own.
std::string AskedEffort(const CallWish& wish, const ModelChoice& choice, const ModelCatalog& models) {
  if (!choice.effort.empty()) return choice.effort;
  if (!wish.effort.empty()) return wish.effort;
  if (wish.thinking_budget) return std::string(catalog::EffortOfBudget(*wish.thinking_budget));
  const Model* model = models.Find(choice.provider, choice.wire_model);
  return model == nullptr ? std::string() : model->default_effort;
}

bool BudgetExceeds(const CallWish& wish, const v1::KeyTerms& key) {
  return wish.thinking_budget && keyterms::ExceedsEffort(key, catalog::EffortOfBudget(*wish.thinking_budget));
}

// The model of a choice, with the terms of a call on it.
ModelTerms TermsOf(const CallWish& wish, const ModelChoice& choice, const v1::KeyTerms* key, const ModelNames& names,
                   const ModelCatalog& models) {
  CallTerms terms{wish.model, choice.effort, choice.service_tier};
  terms.input_tokens = wish.input_tokens;
  terms.max_output_tokens = wish.max_output_tokens;
  if (!wish.fallback_for.empty()) {
    terms.model = wish.fallback_for;
    terms.fallback_model = wish.model;
  }
  if (const Provider* provider = models.providers().Find(choice.provider)) {
    terms.dialect = provider->row.dialect();
    terms.relay = provider->Takes(wish.dialect);
  }
  // Providers refuse an effort that the model does not have ("none", "max"); clients cannot know which it has.
  if (key != nullptr && keyterms::ExceedsEffort(*key, AskedEffort(wish, choice, models))) {
    terms.effort = names.FitEffort(choice, key->highest_effort());
    terms.effort_fitted = true;
  } else if (key != nullptr && BudgetExceeds(wish, *key)) {
    // Whatever it says in words, which is to stand alone.
    terms.effort = names.FitEffort(choice, AskedEffort(wish, choice, models));
    terms.effort_fitted = true;
  } else if (terms.effort.empty() && !wish.effort.empty()) {
    terms.effort = names.FitEffort(choice, wish.effort);
    terms.effort_fitted = terms.effort != wish.effort;
  }
  ModelTerms model{choice.provider, choice.wire_model, {}, std::make_shared<const CallTerms>(std::move(terms))};
  if (const Model* told = ToldOf(choice, models)) model.lacking_plans = told->lacking_plans;
  return model;
}

}  // namespace

std::variant<AcquireArgs, Denied> Admit(const CallWish& wish, bool key_is_valid, const v1::KeyTerms* terms,
                                        const ModelNames& names, const ModelCatalog& models) {
  if (!key_is_valid) return Refuse(wish, DenyCode::kKey, "the client key is not valid any more");
  std::string forbidden = terms == nullptr ? std::string() : KeyForbids(wish, *terms);
  if (!forbidden.empty()) return Refuse(wish, DenyCode::kKeyTerms, std::move(forbidden));
  const bool names_no_model = wish.on_socket && wish.model.empty();
  bool without_socket = false;
  const auto choices = names_no_model ? std::make_shared<const ModelChoices>(SocketChoices(models, without_socket))
                                      : names.Choices(wish.model);
  if (choices->empty()) {
    if (!names_no_model) return Refuse(wish, DenyCode::kUnknownModel, "no provider serves a model of this name");
    Denied denied = Refuse(wish, DenyCode::kCapability, "no provider has sockets");
    denied.without_socket = without_socket;
    return denied;
  }
  std::vector<ModelTerms> able;
  std::string lacks;  // of the first that is not
  for (const ModelChoice& choice : *choices) {
    std::string forbids = terms == nullptr ? std::string() : KeyForbids(wish, choice, *terms, models);
    if (!forbids.empty()) {
      if (forbidden.empty()) forbidden = std::move(forbids);
      continue;
    }
    std::string lack = LacksAny(wish, choice, models);
    if (lack.empty()) able.push_back(TermsOf(wish, choice, terms, names, models));
    if (lacks.empty()) lacks = std::move(lack);
    without_socket = without_socket || MayServeWithoutSocket(wish, choice, models);
  }
  if (able.empty() && lacks.empty()) return Refuse(wish, DenyCode::kKeyTerms, std::move(forbidden));
  if (able.empty()) {
    Denied denied = Refuse(wish, DenyCode::kCapability, std::move(lacks));
    denied.without_socket = without_socket;
    return denied;
  }

  AcquireArgs args;
  args.frontend = wish.frontend;
  args.epoch = wish.epoch;
  args.request = wish.request;
  args.affinity_key = wish.affinity_key;
  args.client_key = wish.client_key;
  args.pinned = wish.pinned;
  args.max_wait = wish.max_wait;
  args.without_socket = without_socket;
  if (terms != nullptr) args.tags.assign(terms->tags().begin(), terms->tags().end());
  ModelTerms& first = able.front();
  args.provider = std::move(first.provider);
  args.wire_model = std::move(first.wire_model);
  args.lacking_plans = std::move(first.lacking_plans);
  args.terms = std::move(first.terms);
  able.erase(able.begin());
  if (choices->size() > 1) args.others = std::make_shared<const std::vector<ModelTerms>>(std::move(able));
  return args;
}

OpenLease AdmitOpen(const DeclaredLease& declared, const ModelNames& names, const ModelCatalog& models) {
  CallTerms terms{declared.model, {}, declared.service_tier};
  terms.fallback_model = declared.fallback_model;
  terms.input_tokens = declared.input_tokens;
  terms.max_output_tokens = declared.max_output_tokens;
  OpenLease open{declared.lease,
                 declared.request,
                 declared.account,
                 declared.client_key,
                 declared.provider,
                 declared.wire_model,
                 std::make_shared<const CallTerms>(std::move(terms))};
  if (!open.provider.empty()) return open;
  if (const auto choice = names.Resolve(declared.model)) {
    open.provider = choice->provider;
    open.wire_model = choice->wire_model;
  } else {
    const Provider* by_default = models.providers().Default();
    if (by_default != nullptr) open.provider = by_default->id;
    open.wire_model = declared.model;
  }
  return open;
}

}  // namespace patchbay::accounts
