// Sealing of small secrets at rest: AES-256-GCM with one key per installation.
//
// A sealed text is one version byte, a random 96-bit nonce, the ciphertext and a 128-bit tag. The
// associated data ties it to its place ("accounts/42/refresh"): a row moved elsewhere does not open.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace patchbay::seal {

inline constexpr std::size_t kKeyBytes = 32;

// Immutable after Open, so safe to share between threads.
class Sealer {
 public:
  // The key comes from the first of these that exists:
  //   $CREDENTIALS_DIRECTORY/seal.key   a systemd credential
  //   $PATCHBAY_SEAL_KEY                base64
  //   <state_dir>/seal.key              made now, 0600, when absent
  // A key file holds 32 raw bytes or their base64. Two processes that start at once agree on one key.
  // A key that exists but is unusable is an error: a new one would make every sealed row unreadable.
  static Result<std::unique_ptr<Sealer>> Open(const std::filesystem::path& state_dir);

  // `key` must be kKeyBytes long; for tests.
  explicit Sealer(Secret key);

  std::string Seal(std::string_view plain, std::string_view aad) const;
  // kFailedPrecondition when it was sealed with another key or for another place, or is damaged.
  Result<std::string> Unseal(std::string_view sealed, std::string_view aad) const;

 private:
  Secret key_;
};

}  // namespace patchbay::seal
