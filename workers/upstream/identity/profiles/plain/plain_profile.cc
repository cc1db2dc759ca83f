#include "workers/upstream/identity/profiles/plain/plain_profile.h"

#include "lib/base/version.h"

namespace patchbay::upstream {
namespace {

constexpr std::string_view kJson = "application/json", kEvents = "text/event-stream";

const std::string& OwnName() {
  static const std::string kName = "patchbay/" + std::string(kVersion);
  return kName;
}

void Show(std::string_view name, std::string_view value, Headers& headers) {
  if (!value.empty()) headers.push_back({std::string(name), std::string(value)});
}

// Which of them a key goes by says the row (providers §1).
void ShowKey(const AccountIdentity& account, Headers& headers) {
  if (account.access_token.empty() || account.key_in == "query") return;
  if (account.key_in == "authorization")
    return Show("authorization", "Bearer " + std::string(account.access_token), headers);
  Show(account.key_in, account.access_token, headers);
}

class Plain final : public Profile {
 public:
  std::string_view client_version() const override { return kVersion; }
  Headers Generate(const AccountIdentity& account, const CallIdentity& call) const override {
    return Make(&account, kEvents, kJson, call.traceparent, call.cookie);
  }
  Headers Document(const AccountIdentity& account, const CallIdentity& call) const override {
    return Make(&account, kJson, kJson, call.traceparent, call.cookie);
  }
  // Frames are compressed or not by the handshake's own words.
  Headers Socket(const AccountIdentity& account, const CallIdentity& call) const override {
    Headers headers;
    ShowKey(account, headers);
    Show("user-agent", OwnName(), headers);
    Show("traceparent", call.traceparent, headers);
    Show("cookie", call.cookie, headers);
    return headers;
  }
  Headers Fetch(const AccountIdentity* account, Surface, std::string_view content_type,
                std::string_view cookie) const override {
    return Make(account, kJson, content_type, {}, cookie);
  }

 private:
  static Headers Make(const AccountIdentity* account, std::string_view accept, std::string_view content_type,
                      std::string_view traceparent, std::string_view cookie) {
    Headers headers;
    Show("accept", accept, headers);
    Show("content-type", content_type, headers);
    if (account != nullptr) ShowKey(*account, headers);
    Show("user-agent", OwnName(), headers);
    Show("traceparent", traceparent, headers);
    Show("cookie", cookie, headers);
    Show("accept-encoding", kAcceptEncoding, headers);
    return headers;
  }
};

}  // namespace

const Profile& PlainProfile() {
  static const Plain profile;
  return profile;
}

}  // namespace patchbay::upstream
