// The words that a provider's row may say where they name code of ours: dialects, profiles, forms of lists. One table
// for all that read rows: the loader refuses what is not here, accounts knows whom a call may go to, upstream has the
// code. Pure.
#pragma once

#include <span>
#include <string_view>

namespace patchbay::catalog {

// How a provider is spoken to. The code is in workers/upstream/dialects.
struct Dialect {
  std::string_view name;
  // Dialects of clients whose bytes it takes as they are: the byte-transparent route.
  std::span<const std::string_view> takes;
  // Has sockets on which calls follow one another.
  bool sockets = false;
  // What a row may say under `quirks`.
  std::span<const std::string_view> quirks = {};
};

std::span<const Dialect> Dialects();
// Null for a name that no dialect has.
const Dialect* FindDialect(std::string_view name);
// Requests for embeddings, of whichever client: their one form on the way to a provider.
inline constexpr std::string_view kEmbeddings = "openai_embeddings";
// Whether the provider's dialect takes the bytes of the client's dialect as they are.
bool Takes(std::string_view dialect, std::string_view client_dialect);

// As whom we show ourselves: workers/upstream/identity/profiles.
std::span<const std::string_view> Profiles();
// The forms of a provider's list of models, of its answer about quota and of its logins: workers/accounts/providers.
std::span<const std::string_view> ModelShapes();
std::span<const std::string_view> UsageShapes();
std::span<const std::string_view> LoginShapes();
// What a login fills in where a row's `auth.oauth.authorize_parameters` say so, in the order of a row that does not.
inline constexpr std::string_view kAuthorizeWords[] = {
    "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"};
// And where the row says so besides: what the id token must repeat (OpenID Connect Core §3.1.2.1).
inline constexpr std::string_view kNonceWord = "nonce";
// What a row may say under `capabilities`.
std::span<const std::string_view> Capabilities();

}  // namespace patchbay::catalog
