// Certificates and keys as OpenSSL makes and reads them: EC P-256, PEM.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/pki/identity.h"

namespace patchbay::pki {

struct Pair {
  std::string certificate;
  Secret key;
};

// What a certificate is to say.
struct Wish {
  std::string name;              // common name
  std::string alternative_name;  // "URI:…" or "DNS:…"; empty: it is an authority's
  bool server = false;           // else a client's
  WallTime from{};
  std::chrono::hours valid{0};
};

// A new key, and a certificate for it that the pair of an authority signs; with none its own key does.
Result<Pair> MakePair(const Wish& wish, const Pair* authority);

struct CertificateFacts {
  std::string serial;  // hex
  WallTime expires_at{};
  std::string uri;  // the first among its alternative names; empty for none
};
// kInvalidArgument: it is no certificate.
Result<CertificateFacts> ReadCertificate(std::string_view pem);

// Whether `pem`, a certificate and its key, is whole: the key is the certificate's, and `authority` signed that.
bool IsPairOf(std::string_view authority, std::string_view pem);

}  // namespace patchbay::pki
