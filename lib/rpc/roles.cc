#include "lib/rpc/roles.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "lib/base/encoding.h"
#include "lib/base/random.h"

namespace patchbay::rpc {
namespace {

constexpr std::size_t kMaxRememberedTokens = 256;
constexpr std::size_t kMaxTokenBytes = 512;

constexpr unsigned Bit(Role role) { return 1u << static_cast<unsigned>(role); }
constexpr unsigned kAnybody = ~0u;
// Everybody who is spawned: ours, and what the configuration names.
constexpr unsigned kEveryWorker =
    ~(Bit(Role::kNone) | Bit(Role::kSupervisor) | Bit(Role::kOperator) | Bit(Role::kProgram));
constexpr unsigned kAdministration = Bit(Role::kSupervisor) | Bit(Role::kOperator);

struct Row {
  std::string_view prefix;  // a whole method, or a service ending in '/'
  unsigned roles;
};

// The one table. A method takes the first row that matches it.
constexpr Row kTable[] = {
    {"/patchbay.worker.v1.Supervision/Attach", kEveryWorker},
    {"/patchbay.accounts.v1.Leasing/Lease", Bit(Role::kFrontend)},
    {"/patchbay.accounts.v1.Credentials/Watch", Bit(Role::kUpstream)},
    {"/patchbay.accounts.v1.ClientKeys/Watch", Bit(Role::kFrontend)},
    {"/patchbay.accounts.v1.Models/ListModels", Bit(Role::kFrontend) | kAdministration},
    {"/patchbay.accounts.v1.Models/ResolveModel", Bit(Role::kFrontend) | kAdministration},
    {"/patchbay.accounts.v1.Models/WatchModels", Bit(Role::kFrontend)},
    {"/patchbay.accounts.v1.Quotas/WatchPools", Bit(Role::kFrontend)},
    {"/patchbay.accounts.v1.AccountAdmin/", kAdministration},
    {"/patchbay.upstream.v1.Upstream/Call", Bit(Role::kFrontend)},
    {"/patchbay.upstream.v1.Upstream/Socket", Bit(Role::kFrontend)},
    {"/patchbay.upstream.v1.Upstream/Fetch", Bit(Role::kAccounts)},
    {"/patchbay.upstream.v1.Upstream/ReadError", Bit(Role::kAccounts)},
    {"/patchbay.upstream.v1.Upstream/CallersUsage", Bit(Role::kFrontend)},
    {"/patchbay.upstream.v1.Upstream/Notify", Bit(Role::kSupervisor)},
    {"/patchbay.gateway.v1.Recorder/", kAdministration},
    // Without a role, and as a program, only with a client key: the service looks at it. The Unix socket lets in nobody
    // but our own user.
    {"/patchbay.gateway.v1.Gateway/", Bit(Role::kOllama) | Bit(Role::kExtra) | Bit(Role::kProgram) | Bit(Role::kNone)},
    {"/patchbay.gateway.v1.Relay/Exchange", Bit(Role::kOllama) | Bit(Role::kExtra)},
    {"/patchbay.gateway.v1.Relay/TellClient", Bit(Role::kOllama) | Bit(Role::kExtra)},
    {"/patchbay.admin.v1.Admin/", Bit(Role::kOperator)},
    // Diagnostics hold no secret, and the sockets are reachable by our own user only.
    {"/grpc.health.v1.Health/", kAnybody},
    {"/grpc.reflection.v1alpha.ServerReflection/", kAnybody},
    {"/grpc.reflection.v1.ServerReflection/", kAnybody},
    {"/grpc.channelz.v1.Channelz/", kAnybody},
};

Result<std::vector<std::string>> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

Error BadToken() { return Error(ErrorCode::kUnauthenticated, "the role token is not one of this supervisor's"); }

}  // namespace

bool Allowed(std::string_view method, Role role) {
  for (const Row& row : kTable) {
    const bool whole_service = row.prefix.back() == '/';
    if (whole_service ? method.starts_with(row.prefix) : method == row.prefix) return (row.roles & Bit(role)) != 0;
  }
  return false;
}

std::vector<std::string> MethodsInTable() {
  std::vector<std::string> methods;
  for (const Row& row : kTable) methods.emplace_back(row.prefix);
  return methods;
}

struct TokenIssuer::Key {
  EVP_PKEY* pkey = nullptr;
  ~Key() { EVP_PKEY_free(pkey); }
};

TokenIssuer::TokenIssuer(std::unique_ptr<Key> key) : key_(std::move(key)) {}
TokenIssuer::~TokenIssuer() = default;

Result<std::unique_ptr<TokenIssuer>> TokenIssuer::Create() {
  auto key = std::make_unique<Key>();
  key->pkey = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (key->pkey == nullptr) return Error(ErrorCode::kInternal, "cannot make an Ed25519 key");
  return std::unique_ptr<TokenIssuer>(new TokenIssuer(std::move(key)));
}

Secret TokenIssuer::Issue(const RoleClaim& claim) const {
  const std::string payload = std::string(ToString(claim.role)) + '|' + claim.worker + '|' +
                              std::to_string(claim.generation) + '|' + RandomId("", 120);
  std::string signature(64, '\0');
  std::size_t length = signature.size();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool signed_ok = EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_->pkey) == 1 &&
                         EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length,
                                        reinterpret_cast<const unsigned char*>(payload.data()), payload.size()) == 1;
  EVP_MD_CTX_free(context);
  PATCHBAY_CHECK(signed_ok);
  return Secret(Base64UrlEncode(payload) + '.' + Base64UrlEncode(signature));
}

std::string TokenIssuer::public_key() const {
  std::string raw(32, '\0');
  std::size_t length = raw.size();
  PATCHBAY_CHECK(EVP_PKEY_get_raw_public_key(key_->pkey, reinterpret_cast<unsigned char*>(raw.data()), &length) == 1);
  return raw;
}

Result<RoleClaim> TokenVerifier::Verify(std::string_view token) {
  if (token.empty() || token.size() > kMaxTokenBytes) return BadToken();
  if (const auto known = remembered_.find(std::string(token)); known != remembered_.end()) return known->second;

  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos) return BadToken();
  const Result<std::string> payload = Base64UrlDecode(token.substr(0, dot));
  const Result<std::string> signature = Base64UrlDecode(token.substr(dot + 1));
  if (!payload.ok() || !signature.ok()) return BadToken();

  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(public_key_.data()), public_key_.size());
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool genuine =
      key != nullptr && EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature->data()), signature->size(),
                       reinterpret_cast<const unsigned char*>(payload->data()), payload->size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  if (!genuine) return BadToken();

  ASSIGN_OR_RETURN(const auto parts, Split(*payload, '|'));
  if (parts.size() != 4) return BadToken();
  RoleClaim claim;
  const auto* role =
      std::find_if(std::begin(kAllRoles), std::end(kAllRoles), [&](Role r) { return ToString(r) == parts[0]; });
  if (role == std::end(kAllRoles)) return BadToken();
  claim.role = *role;
  claim.worker = parts[1];
  std::from_chars(parts[2].data(), parts[2].data() + parts[2].size(), claim.generation);
  if (remembered_.size() >= kMaxRememberedTokens) remembered_.clear();
  remembered_.emplace(std::string(token), claim);
  return claim;
}

}  // namespace patchbay::rpc
