#include "workers/accounts/admission/admission.h"

#include <memory>
#include <utility>

#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {
namespace {

Denied Refuse(const CallWish& wish, DenyCode code, std::string message) {
  Denied denied;
  denied.frontend = wish.frontend;
  denied.request = wish.request;
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

}  // namespace

std::variant<AcquireArgs, Denied> Admit(const CallWish& wish, bool key_is_valid, const ModelNames& names,
                                        const ModelCatalog& models) {
  if (!key_is_valid) return Refuse(wish, DenyCode::kKey, "the client key is not valid any more");
  auto choice = names.Resolve(wish.model);
  if (wish.opens_socket && wish.model.empty()) {
    choice = ModelChoice{std::string(SocketProvider().name), {}, {}, {}};
  }
  if (!choice) return Refuse(wish, DenyCode::kUnknownModel, "no provider serves a model of this name");
  const Model* model = models.Find(choice->wire_model);
  const Model* told = model != nullptr && model->live() && model->provider == choice->provider ? model : nullptr;
  for (const Need need : wish.needs) {
    std::string lack = Lacks(need, *choice, told);
    if (!lack.empty()) return Refuse(wish, DenyCode::kCapability, std::move(lack));
  }

  AcquireArgs args;
  args.frontend = wish.frontend;
  args.epoch = wish.epoch;
  args.request = wish.request;
  args.affinity_key = wish.affinity_key;
  args.client_key = wish.client_key;
  args.pinned = wish.pinned;
  args.max_wait = wish.max_wait;
  // Providers refuse an effort that the model does not have ("none", "max"); clients cannot know which it has.
  if (choice->effort.empty() && !wish.effort.empty()) choice->effort = names.FitEffort(choice->wire_model, wish.effort);
  args.terms = std::make_shared<const CallTerms>(
      CallTerms{wish.model, std::move(choice->effort), std::move(choice->service_tier)});
  args.provider = std::move(choice->provider);
  args.wire_model = std::move(choice->wire_model);
  return args;
}

OpenLease AdmitOpen(const DeclaredLease& declared, const ModelNames& names) {
  OpenLease open{declared.lease,
                 declared.request,
                 declared.account,
                 declared.client_key,
                 declared.provider,
                 declared.wire_model,
                 std::make_shared<const CallTerms>(CallTerms{declared.model, {}, {}})};
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
