// Tokens that look like the provider's (codex-wire §14.3). The signature is random bytes: clients do not verify it.
#pragma once

#include <string>
#include <string_view>

namespace patchbay::sim {

inline constexpr std::string_view kClientId = "app_EMoamEEZ73f0CkXaXp7hrann";

struct Claims {
  std::string_view account_id;
  std::string_view user_id;
  std::string_view email;
  std::string_view plan;
  long long issued_at = 0;  // unix seconds
  long long expires_at = 0;
};

std::string MakeAccessToken(const Claims& claims);
std::string MakeIdToken(const Claims& claims);

}  // namespace patchbay::sim
