#include "workers/accounts/admission/admission.h"

#include <memory>
#include <utility>

#include "workers/accounts/models/efforts.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {
namespace {

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
// anything: the provider knows, and what the shipped list says of it may be old.
std::string Lacks(Need need, const ModelChoice& choice, const Model* model) {
  switch (need) {
    case Need::kRawResponses: {
      const Provider* provider = FindProvider(choice.provider);
      if (provider != nullptr && provider->raw_responses) return {};
      return "provider " + choice.provider + " does not take Responses requests as they are";
    }
    case Need::kVision: return model == nullptr || model->vision ? "" : "model " + model->id + " takes no images";
    case Need::kTools: return model == nullptr || model->tools ? "" : "model " + model->id + " has no tools";
    case Need::kJsonSchema: return {};  // no provider's list tells it
  }
  return {};
}

// The provider's own entry; null for a model that it did not tell us about.
const Model* ToldOf(const ModelChoice& choice, const ModelCatalog& models) {
  const Model* model = models.Find(choice.wire_model);
  return model != nullptr && model->live() && model->provider == choice.provider ? model : nullptr;
}

std::string LacksAny(const std::vector<Need>& needs, const ModelChoice& choice, const Model* told) {
  for (const Need need : needs) {
    if (std::string lack = Lacks(need, choice, told); !lack.empty()) return lack;
  }
  return {};
}

// The model of a choice, with the terms of a call on it.
ModelTerms TermsOf(const CallWish& wish, const ModelChoice& choice, const ModelNames& names, const Model* told) {
  CallTerms terms{wish.model, choice.effort, choice.service_tier, false};
  // Providers refuse an effort that the model does not have ("none", "max"); clients cannot know which it has.
  if (terms.effort.empty() && !wish.effort.empty()) {
    terms.effort = names.FitEffort(choice.wire_model, wish.effort);
    terms.effort_fitted = terms.effort != wish.effort;
  }
  ModelTerms model{choice.provider, choice.wire_model, {}, std::make_shared<const CallTerms>(std::move(terms))};
  if (told != nullptr) model.lacking_plans = told->lacking_plans;
  return model;
}

}  // namespace

std::variant<AcquireArgs, Denied> Admit(const CallWish& wish, bool key_is_valid, const ModelNames& names,
                                        const ModelCatalog& models) {
  if (!key_is_valid) return Refuse(wish, DenyCode::kKey, "the client key is not valid any more");
  std::shared_ptr<const ModelChoices> choices;
  if (wish.opens_socket && wish.model.empty()) {
    choices = std::make_shared<const ModelChoices>(1, ModelChoice{std::string(SocketProvider().name), {}, {}, {}});
  } else {
    choices = names.Choices(wish.model);
  }
  if (choices->empty()) return Refuse(wish, DenyCode::kUnknownModel, "no provider serves a model of this name");
  const ModelChoice& choice = choices->front();
  const Model* told = ToldOf(choice, models);
  if (std::string lack = LacksAny(wish.needs, choice, told); !lack.empty()) {
    return Refuse(wish, DenyCode::kCapability, std::move(lack));
  }

  AcquireArgs args;
  args.frontend = wish.frontend;
  args.epoch = wish.epoch;
  args.request = wish.request;
  args.affinity_key = wish.affinity_key;
  args.client_key = wish.client_key;
  args.pinned = wish.pinned;
  args.max_wait = wish.max_wait;
  ModelTerms first = TermsOf(wish, choice, names, told);
  args.provider = std::move(first.provider);
  args.wire_model = std::move(first.wire_model);
  args.lacking_plans = std::move(first.lacking_plans);
  args.terms = std::move(first.terms);
  if (choices->size() == 1) return args;
  std::vector<ModelTerms> others;
  for (auto other = choices->begin() + 1; other != choices->end(); ++other) {
    const Model* known = ToldOf(*other, models);
    if (LacksAny(wish.needs, *other, known).empty()) others.push_back(TermsOf(wish, *other, names, known));
  }
  args.others = std::make_shared<const std::vector<ModelTerms>>(std::move(others));
  return args;
}

OpenLease AdmitOpen(const DeclaredLease& declared, const ModelNames& names) {
  OpenLease open{declared.lease,
                 declared.request,
                 declared.account,
                 declared.client_key,
                 declared.provider,
                 declared.wire_model,
                 std::make_shared<const CallTerms>(CallTerms{declared.model, {}, {}, false})};
  if (!open.provider.empty()) return open;
  if (const auto choice = names.Resolve(declared.model)) {
    open.provider = choice->provider;
    open.wire_model = choice->wire_model;
  } else {
    open.provider = DefaultProvider().name;
    open.wire_model = declared.model;
  }
  return open;
}

}  // namespace patchbay::accounts
