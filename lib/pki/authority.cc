#include "lib/pki/authority.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>

#include "lib/base/encoding.h"
#include "lib/base/random.h"

namespace patchbay::pki {
namespace {

constexpr std::string_view kSealPlace = "gateway/ca.key";
constexpr std::chrono::milliseconds kLockPause{50};

Error SystemError(const std::string& what, const std::filesystem::path& path) {
  return {ErrorCode::kFailedPrecondition, "cannot " + what + " " + path.string() + ": " + std::strerror(errno)};
}

// Nothing when there is no such file.
Result<std::optional<std::string>> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT) return std::optional<std::string>();
    return SystemError("read", path);
  }
  return std::optional<std::string>(std::in_place, std::istreambuf_iterator<char>(file),
                                    std::istreambuf_iterator<char>());
}

// Whole or not at all, and only its owner's. A reader sees the file before or the file after.
Result<void> WriteFile(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path temporary = path.string() + "." + RandomId("", 40);
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError("create", temporary);
  errno = ENOSPC;  // what a short write means
  const bool written =
      ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file.get()) == 0;
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = SystemError("write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

Result<Descriptor> Lock(const std::filesystem::path& path, std::chrono::milliseconds patience) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError("open", path);
  const auto give_up_at = std::chrono::steady_clock::now() + patience;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return SystemError("lock", path);
    if (std::chrono::steady_clock::now() >= give_up_at) {
      return Error(ErrorCode::kUnavailable, "another process is at work on the gateway's certificates");
    }
    std::this_thread::sleep_for(kLockPause);
  }
  return file;
}

Result<Pair> MakeAuthority(const Files& files, const seal::Sealer& sealer, WallTime now) {
  Wish wish;
  wish.name = "patchbay gateway " + RandomId("", 40);
  wish.from = now;
  wish.valid = kAuthorityValid;
  ASSIGN_OR_RETURN(Pair pair, MakePair(wish, nullptr));
  // The key first: an authority without its certificate is made anew, the other half alone would be refused.
  RETURN_IF_ERROR(WriteFile(files.authority_key, Base64Encode(sealer.Seal(pair.key.Reveal(), kSealPlace)) + "\n"));
  RETURN_IF_ERROR(WriteFile(files.authority, pair.certificate));
  return pair;
}

}  // namespace

Files::Files(const std::filesystem::path& state_dir)
    : authority(state_dir / "gateway-ca.crt"),
      authority_key(state_dir / "gateway-ca.key"),
      server(state_dir / "gateway-server.pem"),
      clients(state_dir / "gateway-clients"),
      lock(state_dir / "gateway-ca.lock") {}

Result<Authority> Authority::Open(const std::filesystem::path& state_dir, WallTime now,
                                  std::chrono::milliseconds patience) {
  Files files(state_dir);
  ASSIGN_OR_RETURN(Descriptor lock, Lock(files.lock, patience));
  ASSIGN_OR_RETURN(const auto sealer, seal::Sealer::Open(state_dir));
  ASSIGN_OR_RETURN(auto certificate, ReadFile(files.authority));
  if (!certificate) {
    ASSIGN_OR_RETURN(Pair pair, MakeAuthority(files, *sealer, now));
    return Authority(std::move(files), std::move(lock), std::move(pair));
  }
  ASSIGN_OR_RETURN(auto sealed, ReadFile(files.authority_key));
  if (!sealed) {
    return Error(ErrorCode::kFailedPrecondition,
                 files.authority_key.string() + " is gone: put it back from a backup, or " + "remove " +
                     files.authority.string() + " too, and every certificate has to be made anew");
  }
  while (!sealed->empty() && sealed->back() == '\n') sealed->pop_back();
  ASSIGN_OR_RETURN(const std::string bytes, Base64Decode(*sealed));
  ASSIGN_OR_RETURN(std::string key, sealer->Unseal(bytes, kSealPlace));
  return Authority(std::move(files), std::move(lock), Pair{std::move(*certificate), Secret(std::move(key))});
}

Result<bool> Authority::EnsureServer(WallTime now) {
  ASSIGN_OR_RETURN(const auto present, ReadFile(files_.server));
  if (present) {
    const auto facts = ReadCertificate(*present);
    // One of an authority before, put back from a backup or left behind, nobody believes.
    const bool ours = IsPairOf(pair_.certificate, *present);
    if (ours && facts.ok() && facts->expires_at - now > kRenewBefore) return false;
  }
  Wish wish;
  wish.name = "patchbay gateway";
  wish.alternative_name = std::string("DNS:") + kGatewayName;
  wish.server = true;
  wish.from = now;
  wish.valid = kServerValid;
  ASSIGN_OR_RETURN(const Pair pair, MakePair(wish, &pair_));
  RETURN_IF_ERROR(WriteFile(files_.server, pair.certificate + pair.key.Reveal()));
  return true;
}

Result<Pair> Authority::Issue(const Identity& identity, WallTime now, std::chrono::hours valid) {
  if (!roster::IsPlainName(identity.name)) {
    return Error(ErrorCode::kInvalidArgument, std::string(roster::kNameRule));
  }
  ASSIGN_OR_RETURN(auto clients, Clients());
  Wish wish;
  wish.name = identity.name;
  wish.alternative_name = "URI:" + UriOf(identity);
  wish.from = now;
  wish.valid = valid;
  ASSIGN_OR_RETURN(Pair pair, MakePair(wish, &pair_));
  ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(pair.certificate));
  std::erase_if(clients, [&](const ListedClient& client) { return client.identity.name == identity.name; });
  clients.push_back({identity, facts.serial, facts.expires_at});
  RETURN_IF_ERROR(WriteFile(files_.clients, FormatClients(clients)));
  return pair;
}

Result<void> Authority::Revoke(const std::string& name) {
  ASSIGN_OR_RETURN(auto clients, Clients());
  const auto removed = std::erase_if(clients, [&](const ListedClient& client) { return client.identity.name == name; });
  if (removed == 0) return Error(ErrorCode::kNotFound, "no certificate is called '" + name + "'");
  return WriteFile(files_.clients, FormatClients(clients));
}

}  // namespace patchbay::pki
