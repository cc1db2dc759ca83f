// Who may call what. Every process of ours has a role; one table says which roles may call each
// RPC, and every server checks it before a handler runs.
//
// A role is proven by a token: "<payload>.<signature>", base64url both, where the payload is
// "role|worker|generation|nonce" and the signature is Ed25519 by a key that the supervisor makes at
// start and never writes down. Workers get the public half, so they can check but not forge.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "lib/roster/roster.h"

namespace patchbay::rpc {

using roster::kAllRoles;
using roster::Role;
using roster::ToString;

// `method` is "/patchbay.upstream.v1.Upstream/Call". An unknown method is allowed to nobody.
bool Allowed(std::string_view method, Role role);
// Every method in the table, for the test that compares it with the contracts.
std::vector<std::string> MethodsInTable();

struct RoleClaim {
  Role role = Role::kNone;
  std::string worker;
  std::int64_t generation = 0;
};

// Makes tokens. Lives in the supervisor only.
class TokenIssuer {
 public:
  static Result<std::unique_ptr<TokenIssuer>> Create();
  ~TokenIssuer();
  Secret Issue(const RoleClaim& claim) const;
  // Ed25519 public key, 32 raw bytes.
  std::string public_key() const;

 private:
  struct Key;
  explicit TokenIssuer(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// Checks tokens. Remembers the tokens it has seen (at most kMaxRememberedTokens).
class TokenVerifier {
 public:
  explicit TokenVerifier(std::string public_key) : public_key_(std::move(public_key)) {}
  // kUnauthenticated when the token is not one of the issuer's.
  Result<RoleClaim> Verify(std::string_view token);

 private:
  std::string public_key_;
  std::unordered_map<std::string, RoleClaim> remembered_;
};

}  // namespace patchbay::rpc
