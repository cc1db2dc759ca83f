// The login file of the Codex CLI (auth.json, codex-wire §15) that shows a client key where a ChatGPT login would show
// its token.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace patchbay::cli {

// The real one of whoever runs this: where the Codex CLI keeps it. kFailedPrecondition when there is none, with what to
// do.
Result<std::string> FindLoginFile();

// Who the login says it is. There is no such account anywhere: the client only wants to read one.
struct LoginOwner {
  std::string id;    // of the client key; becomes the account's
  std::string name;  // becomes the local part of a mail address that leads nowhere
};

std::string LoginFileText(const LoginOwner& owner, const Secret& key);

// A new file that only its owner can read. One that is there already is left alone: it may be somebody's real login.
class NewSecretFile {
 public:
  static Result<NewSecretFile> Create(const std::string& path);
  NewSecretFile(NewSecretFile&& other) noexcept;
  NewSecretFile& operator=(NewSecretFile&&) = delete;
  // Removes what was not written.
  ~NewSecretFile();

  Result<void> Write(const Secret& text) &&;

 private:
  NewSecretFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;  // -1 once written or moved from
};

}  // namespace patchbay::cli
