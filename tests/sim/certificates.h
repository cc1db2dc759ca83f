// The simulated provider's own certificate authority: made at the first start, kept in its directory.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>

#include "lib/base/result.h"

namespace patchbay::sim {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const;
};
struct CertificateDeleter {
  void operator()(X509* certificate) const;
};

// A private key and its certificate.
struct Identity {
  std::unique_ptr<EVP_PKEY, KeyDeleter> key;
  std::unique_ptr<X509, CertificateDeleter> certificate;
};

// The authority in `directory` (ca.pem, ca.key), made when it is not there.
Result<Identity> LoadOrMakeAuthority(const std::filesystem::path& directory);

// A fresh server certificate for localhost, 127.0.0.1 and ::1, signed by the authority. ECDSA P-256.
Result<Identity> MakeServerIdentity(const Identity& authority);

}  // namespace patchbay::sim
