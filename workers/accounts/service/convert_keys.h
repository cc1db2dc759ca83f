// Client keys and how much of their terms is used, between the contracts' messages and plain values.
#pragma once

#include "patchbay/accounts/v1/account_admin.pb.h"
#include "workers/accounts/core/key_desk.h"

namespace patchbay::accounts {

KeyWish ToWish(const v1::CreateClientKeyRequest& request);
KeyEdit ToEdit(const v1::UpdateClientKeyRequest& request);

void WriteClientKey(const KeyView& view, v1::ClientKey* out);
void WriteStanding(const KeyLimits::Standing& standing, std::size_t waiting, v1::KeyStanding* out);

}  // namespace patchbay::accounts
