#include "workers/accounts/core/key_desk.h"

#include <utility>

namespace patchbay::accounts {
namespace {

// A watcher that does not read for this long is not waited for: it gets the change when it reads.
constexpr std::chrono::milliseconds kKeysToldMax{500};

}  // namespace

Result<void> KeyDesk::CheckProviders(const v1::KeyTerms& terms) const {
  for (const std::string& provider : terms.providers()) {
    if (providers_.Find(provider) == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "providers: there is no provider " + provider);
    }
  }
  return {};
}

Awaitable<void> KeyDesk::WaitUntilTold(ClientKeyId key) {
  co_await keys_.changes().WaitUntilTold(io_, key.str(), kKeysToldMax);
}

Awaitable<Result<NewClientKey>> KeyDesk::Create(KeyWish wish) {
  CO_RETURN_IF_ERROR(CheckProviders(wish.terms));
  Result<NewClientKey> made = co_await keys_.Create(std::move(wish));
  if (made.ok()) co_await WaitUntilTold(made->key.id);
  co_return made;
}

Awaitable<Result<StoredClientKey>> KeyDesk::Update(std::string key, KeyEdit edit) {
  CO_RETURN_IF_ERROR(CheckProviders(edit.terms));
  Result<StoredClientKey> changed = co_await keys_.Update(std::move(key), std::move(edit));
  if (changed.ok()) co_await WaitUntilTold(changed->id);
  co_return changed;
}

Awaitable<Result<NewClientKey>> KeyDesk::Rotate(std::string key, std::chrono::milliseconds keep_old) {
  Result<NewClientKey> made = co_await keys_.Rotate(std::move(key), keep_old);
  if (made.ok()) co_await WaitUntilTold(made->key.id);
  co_return made;
}

Awaitable<Result<StoredClientKey>> KeyDesk::Revoke(std::string key) {
  Result<StoredClientKey> revoked = co_await keys_.Revoke(std::move(key));
  if (revoked.ok()) co_await WaitUntilTold(revoked->id);
  co_return revoked;
}

KeyView KeyDesk::View(const StoredClientKey& key) const {
  KeyView view{key, std::nullopt, calls_.StandingOf(key.id), calls_.waiting(key.id)};
  for (const KeySecret& secret : keys_.SecretsOf(key)) {
    if (secret.valid_until) view.old_secret_until = secret.valid_until;
  }
  return view;
}

std::vector<KeyView> KeyDesk::Keys(bool include_revoked) const {
  std::vector<KeyView> views;
  for (const StoredClientKey& key : keys_.List(include_revoked)) views.push_back(View(key));
  return views;
}

Result<KeyView> KeyDesk::Key(const std::string& id_or_name) const {
  ASSIGN_OR_RETURN(const ClientKeyId id, keys_.Resolve(id_or_name));
  return View(*keys_.Find(id.str()));
}

}  // namespace patchbay::accounts
