#include "cli/login_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "lib/base/encoding.h"
#include "lib/base/text.h"

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;

// The client refreshes a login that it takes for old (codex-wire §14.4). This one never is.
constexpr const char* kNeverOld = "2099-01-01T00:00:00Z";
constexpr std::int64_t kNeverOver = 4'070'908'800;  // the same, in seconds
constexpr const char* kNoRefresh = "none";

std::string Part(const Json& json) { return Base64UrlEncode(json.dump()); }

std::string MailOf(const std::string& name) {
  std::string local;
  for (const char c : name) local.push_back(IsLetterOrDigit(c) ? c : '-');
  return local + "@patchbay.invalid";
}

// Unsigned: the client reads it and does not verify it (codex-wire §14.3).
std::string IdToken(const LoginOwner& owner) {
  const Json header = {{"alg", "none"}, {"typ", "JWT"}};
  const Json claims = {
      {"email", MailOf(owner.name)},
      {"exp", kNeverOver},
      {"https://api.openai.com/auth",
       {{"chatgpt_plan_type", "pro"}, {"chatgpt_user_id", owner.id}, {"chatgpt_account_id", owner.id}}}};
  return Part(header) + "." + Part(claims) + "." + Base64UrlEncode("unsigned");
}

}  // namespace

std::string LoginFileText(const LoginOwner& owner, const Secret& key) {
  const Json file = {{"auth_mode", "chatgpt"},
                     {"OPENAI_API_KEY", nullptr},
                     {"tokens",
                      {{"id_token", IdToken(owner)},
                       {"access_token", key.Reveal()},
                       {"refresh_token", kNoRefresh},
                       {"account_id", owner.id}}},
                     {"last_refresh", kNeverOld}};
  return file.dump(2) + "\n";
}

Result<NewSecretFile> NewSecretFile::Create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) return NewSecretFile(path, fd);
  if (errno == EEXIST) {
    return Error(ErrorCode::kInvalidArgument, path + " is there already, and may be a login that is still needed");
  }
  return Error(ErrorCode::kInvalidArgument, "cannot write " + path + ": " + std::strerror(errno));
}

NewSecretFile::NewSecretFile(NewSecretFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

NewSecretFile::~NewSecretFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(path_.c_str());
}

Result<void> NewSecretFile::Write(const Secret& text) && {
  const std::string& bytes = text.Reveal();
  const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(bytes.size()) || ::fsync(fd_) != 0)
    return Error(ErrorCode::kInternal, "cannot write " + path_ + ": " + std::strerror(errno));
  ::close(std::exchange(fd_, -1));
  return {};
}

}  // namespace patchbay::cli
