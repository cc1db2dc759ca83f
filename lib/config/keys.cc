#include "lib/config/keys.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "lib/base/sha256.h"
#include "lib/base/text.h"
#include "lib/keyterms/token.h"

namespace patchbay::config {
namespace {

constexpr const char* kOneLine = "; it must hold one key, alone on one line";

bool IsVariable(const std::string& reference) { return reference.starts_with("${") && reference.ends_with("}"); }

Result<std::string> ReadVariable(const std::string& reference, const EnvironmentMap& environment) {
  const std::string name = reference.substr(2, reference.size() - 3);
  const auto found = environment.find(name);
  if (found != environment.end()) return found->second;
  return Error(ErrorCode::kNotFound,
               "the environment variable " + name + " is not set; set it for patchbayd, or name a file");
}

Result<std::string> ReadKeyFile(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return Error(ErrorCode::kNotFound, file + ": cannot be read: " + std::strerror(errno) +
                                           "; it must be readable for the user that patchbayd runs as");
  }
  std::string text(kMaxKeyBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return Error(ErrorCode::kNotFound, file + ": cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

// The key that `text` is; the problem never shows it.
Result<Secret> KeyIn(std::string_view text, const std::string& where) {
  const std::string_view key = Trim(text);
  const auto wrong = [&](const char* what) { return Error(ErrorCode::kInvalidArgument, where + what + kOneLine); };
  if (key.empty()) return wrong(" is empty");
  if (key.size() > kMaxKeyBytes) return wrong(" is larger than 64 KiB");
  if (key.find('\n') != std::string_view::npos) return wrong(" holds more than one line");
  if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
    return wrong(" holds characters that no key has");
  }
  return Secret(std::string(key));
}

// Of a setting that names one secret.
void AddSecret(const std::string& path, const std::string& reference, const EnvironmentMap& environment,
               Findings& findings, std::vector<ProviderKey>& keys) {
  if (reference.empty() || !ReferenceProblem(reference).empty()) return;  // the latter is found already
  Result<Secret> secret = ReadReference(reference, environment);
  if (!secret.ok()) return findings.Add(findings.PlaceOf(path), path + ": " + secret.error().message);
  keys.push_back({path, reference, std::move(*secret)});
}

}  // namespace

Result<Secret> ReadReference(const std::string& reference, const EnvironmentMap& environment) {
  if (IsVariable(reference)) {
    ASSIGN_OR_RETURN(const std::string text, ReadVariable(reference, environment));
    return KeyIn(text, "the environment variable " + reference.substr(2, reference.size() - 3));
  }
  ASSIGN_OR_RETURN(const std::string text, ReadKeyFile(reference));
  return KeyIn(text, reference);
}

std::string ReferenceProblem(const std::string& reference) {
  const auto plain = [](char c) { return IsLetterOrDigit(c) || c == '_'; };
  const bool variable =
      IsVariable(reference) && reference.size() > 3 && std::all_of(reference.begin() + 2, reference.end() - 1, plain);
  if (variable || reference.starts_with('/')) return {};
  return "one of them is neither ${VARIABLE} nor the absolute path of a file; a key itself does not belong here";
}

std::vector<ProviderKey> ReadKeys(const config::v1::Config& config, const EnvironmentMap& environment,
                                  Findings& findings) {
  std::vector<ProviderKey> keys;
  // In the order in which a reader would look for them: protobuf keeps none.
  const std::map<std::string, catalog::v1::Provider> providers(config.providers().begin(), config.providers().end());
  for (const auto& [id, row] : providers) {
    const std::string path = JoinPath(JoinPath("providers", id), "keys");
    for (const std::string& reference : row.keys()) {
      if (!ReferenceProblem(reference).empty()) continue;  // found already
      Result<Secret> key = ReadReference(reference, environment);
      if (!key.ok()) {
        findings.Add(findings.PlaceOf(path), path + ": " + key.error().message);
        continue;
      }
      const bool known = std::any_of(keys.begin(), keys.end(), [&](const ProviderKey& other) {
        return other.provider == id && ConstantTimeEqual(other.key.Reveal(), key->Reveal());
      });
      if (!known) keys.push_back({id, reference, std::move(*key)});
    }
  }
  if (config.ollama().enabled()) {
    AddSecret("ollama.token", config.ollama().token(), environment, findings, keys);
    AddSecret("ollama.key", config.ollama().key(), environment, findings, keys);
  }
  return keys;
}

std::vector<UserToken> ReadUsers(const config::v1::Config& config, const EnvironmentMap& environment,
                                 Findings& findings) {
  constexpr std::size_t kHintBytes = 4;
  std::vector<UserToken> users;
  const std::map<std::string, config::v1::User> rows(config.accounts().users().begin(),
                                                     config.accounts().users().end());
  for (const auto& [name, row] : rows) {
    const std::string path = JoinPath(JoinPath("accounts.users", name), "token");
    if (!ReferenceProblem(row.token()).empty()) continue;  // found already
    const auto refuse = [&](const std::string& why) { findings.Add(findings.PlaceOf(path), path + ": " + why); };
    const Result<Secret> token = ReadReference(row.token(), environment);
    if (!token.ok()) {
      refuse(token.error().message);
      continue;
    }
    const std::string& text = token->Reveal();
    if (const std::string problem = keyterms::TokenProblem(text); !problem.empty()) {
      refuse("the token " + problem + "; `openssl rand -hex 32` makes one");
      continue;
    }
    UserToken user{name, Sha256(text), text.substr(text.size() - kHintBytes)};
    const auto same =
        std::find_if(users.begin(), users.end(), [&](const UserToken& other) { return other.sha256 == user.sha256; });
    if (same != users.end()) {
      refuse("user " + same->name + " has the same token");
      continue;
    }
    users.push_back(std::move(user));
  }
  return users;
}

}  // namespace patchbay::config
