#include "lib/pki/identity.h"

namespace patchbay::pki {
namespace {

constexpr std::string_view kPrefix = "patchbay:gateway/";

}  // namespace

std::string UriOf(const Identity& identity) {
  return std::string(kPrefix).append(roster::ToString(identity.role)) + "/" + identity.name;
}

Result<Identity> ParseUri(std::string_view uri) {
  const Error bad(ErrorCode::kUnauthenticated, "the certificate is not one of this gateway's clients");
  if (!uri.starts_with(kPrefix)) return bad;
  uri.remove_prefix(kPrefix.size());
  const std::size_t slash = uri.find('/');
  if (slash == std::string_view::npos) return bad;
  const auto role = ParseRole(uri.substr(0, slash));
  const std::string_view name = uri.substr(slash + 1);
  if (!role.ok() || !roster::IsPlainName(name)) return bad;
  return Identity{*role, std::string(name)};
}

Result<roster::Role> ParseRole(std::string_view word) {
  for (const roster::Role role : {roster::Role::kOllama, roster::Role::kProgram}) {
    if (word == roster::ToString(role)) return role;
  }
  return Error(ErrorCode::kInvalidArgument, "a certificate's role is ollama or program");
}

}  // namespace patchbay::pki
