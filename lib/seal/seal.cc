#include "lib/seal/seal.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "lib/base/check.h"
#include "lib/base/descriptor.h"
#include "lib/base/encoding.h"
#include "lib/base/random.h"

namespace patchbay::seal {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMaxKeyFileBytes = 256;
constexpr const char* kKeyFile = "seal.key";

struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// What may pass by itself is not what a person must mend.
bool MayPass(int number) {
  switch (number) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EIO:
    case EINTR:
    case EAGAIN:
    case ENOSPC:
    case EDQUOT: return true;
    default: return false;
  }
}

Error SystemError(std::string what, const std::filesystem::path& path) {
  return Error(MayPass(errno) ? ErrorCode::kUnavailable : ErrorCode::kFailedPrecondition,
               what + " " + path.string() + ": " + std::strerror(errno));
}

Result<Secret> ParseKey(const std::string& text, const std::string& source) {
  if (text.size() == kKeyBytes) return Secret(text);
  std::string trimmed = text;
  while (!trimmed.empty() && (trimmed.back() == '\n' || trimmed.back() == '\r' || trimmed.back() == ' '))
    trimmed.pop_back();
  Result<std::string> key = Base64Decode(trimmed);
  if (!key.ok() || key->size() != kKeyBytes) {
    return Error(ErrorCode::kFailedPrecondition, source + " is not a seal key: 32 bytes or their base64 expected");
  }
  return Secret(std::move(key).value());
}

// The key in `path`, or nothing when there is no such file.
Result<std::optional<Secret>> ReadKey(const std::filesystem::path& path, bool must_be_private) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) {
    if (errno == ENOENT) return std::optional<Secret>();
    return SystemError("cannot read", path);
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return SystemError("cannot read", path);
  if (must_be_private && (info.st_mode & 077) != 0) {
    return Error(ErrorCode::kFailedPrecondition, path.string() + " can be read by other users; chmod 600 it");
  }
  std::string text(kMaxKeyFileBytes, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return SystemError("cannot read", path);
  text.resize(static_cast<std::size_t>(size));
  ASSIGN_OR_RETURN(Secret key, ParseKey(text, path.string()));
  return std::optional<Secret>(std::move(key));
}

// Makes the key file whole under a name of its own, then links it into place: link(2) fails when
// another process was first, so a reader sees no file, or all of one.
Result<void> MakeKeyFile(const std::filesystem::path& path) {
  const std::filesystem::path temporary = path.string() + "." + RandomId("", 40);
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) return SystemError("cannot create", temporary);
    const std::string text = Base64Encode(RandomBytes(kKeyBytes)) + "\n";
    errno = ENOSPC;  // what a short write means
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.get()) != 0) {
      const Error error = SystemError("cannot write", temporary);
      ::unlink(temporary.c_str());
      return error;
    }
  }
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const Error error = SystemError("cannot create", path);
  ::unlink(temporary.c_str());
  if (!linked) return error;
  const Descriptor directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) ::fsync(directory.get());
  return {};
}

Error CannotOpen() {
  return Error(ErrorCode::kFailedPrecondition, "cannot unseal: another key sealed it, or it is damaged");
}

}  // namespace

Sealer::Sealer(Secret key) : key_(std::move(key)) { PATCHBAY_CHECK(key_.Reveal().size() == kKeyBytes); }

Result<std::unique_ptr<Sealer>> Sealer::Open(const std::filesystem::path& state_dir) {
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr) {
    ASSIGN_OR_RETURN(auto key, ReadKey(std::filesystem::path(credentials) / kKeyFile, false));
    if (key) return std::make_unique<Sealer>(std::move(*key));
  }
  if (const char* text = std::getenv("PATCHBAY_SEAL_KEY"); text != nullptr && *text != '\0') {
    ASSIGN_OR_RETURN(Secret key, ParseKey(text, "PATCHBAY_SEAL_KEY"));
    return std::make_unique<Sealer>(std::move(key));
  }
  const std::filesystem::path path = state_dir / kKeyFile;
  ASSIGN_OR_RETURN(auto key, ReadKey(path, true));
  if (!key) {
    RETURN_IF_ERROR(MakeKeyFile(path));
    // Read back even what we made: another process may have been first.
    ASSIGN_OR_RETURN(key, ReadKey(path, true));
    if (!key) return Error(ErrorCode::kFailedPrecondition, path.string() + " vanished");
  }
  return std::make_unique<Sealer>(std::move(*key));
}

std::string Sealer::Seal(std::string_view plain, std::string_view aad) const {
  const std::string nonce = RandomBytes(kNonceBytes);
  std::string sealed(1 + kNonceBytes + plain.size() + kTagBytes, kVersion);
  nonce.copy(sealed.data() + 1, kNonceBytes);
  unsigned char* out = Bytes(sealed) + 1 + kNonceBytes;

  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  bool ok = context != nullptr &&
            EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_.Reveal()), Bytes(nonce)) == 1 &&
            EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(aad), static_cast<int>(aad.size())) == 1 &&
            EVP_EncryptUpdate(context.get(), out, &size, Bytes(plain), static_cast<int>(plain.size())) == 1 &&
            EVP_EncryptFinal_ex(context.get(), out + size, &size) == 1 &&
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out + plain.size()) == 1;
  PATCHBAY_CHECK(ok);  // OpenSSL refuses this only when it is broken or out of memory
  return sealed;
}

Result<std::string> Sealer::Unseal(std::string_view sealed, std::string_view aad) const {
  if (sealed.size() < 1 + kNonceBytes + kTagBytes || sealed.front() != kVersion) return CannotOpen();
  const std::string_view nonce = sealed.substr(1, kNonceBytes);
  const std::string_view body = sealed.substr(1 + kNonceBytes, sealed.size() - 1 - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(body.size(), '\0');

  const Context context(EVP_CIPHER_CTX_new());
  PATCHBAY_CHECK(context != nullptr);
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_.Reveal()), Bytes(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(aad), static_cast<int>(aad.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plain), &size, Bytes(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(plain) + size, &size) == 1;
  if (!ok) return CannotOpen();
  return plain;
}

}  // namespace patchbay::seal
