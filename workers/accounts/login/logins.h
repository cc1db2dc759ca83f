// The logins under way: what a person did, what the provider said, and what is to be done next.
//
//                     a browser
//   Begin ────────────────────────────▶ kWaiting ──Complete──▶ kExchanging ──tokens──▶ kKeeping ──account──▶ kDone
//   Begin ──▶ kBeginning ──a code──▶ kWaiting, asks again and again ──a code──▶ kExchanging
//                     a device                    └───────────────tokens──▶ kKeeping
//   each of them ──▶ kFailed, which says why and what to do
//
// A code is good for one use. It is written down before it is shown to the provider, so that whoever comes after a
// crash shows it once more, and can tell a refusal for what it most likely is. Tokens and the end of their login are
// one durable step. Pure: an operation returns what is to be done; time and randomness come in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "workers/accounts/login/record.h"
#include "workers/accounts/login/wish.h"
#include "workers/accounts/pool/outcome.h"
#include "workers/accounts/providers/providers.h"

namespace patchbay::accounts {

// Drawn by whoever asks.
struct LoginSecrets {
  LoginId id;
  Secret verifier;  // 43 to 128 characters of base64url (RFC 7636 §4.1)
  Secret state;
};

struct LoginQuestion {
  LoginEndpoint endpoint{};
  std::string provider;
  TokenRequest request;
};

struct LoginTokens {
  std::string provider;
  std::string label;
  Secret access, refresh, id;
  std::optional<std::chrono::seconds> expires_in;
  AccountId account = {};  // LoginWish
};

// What is to be done about one login, in this order. Each part that was done is told back.
struct LoginStep {
  LoginId login;
  std::optional<Secret> write;       // its record, durable before what follows; Unwritten when it cannot be
  std::optional<LoginQuestion> ask;  // Answered or Unanswered
  std::optional<LoginTokens> keep;   // an account; its record goes in the same durable step. Kept or NotKept
  bool forget = false;               // its record
};

// What everybody may see of a login.
struct LoginView {
  LoginRecord record;
  std::int64_t revision = 0;  // rises with every change
  AccountId account;          // kDone
  bool created = false;
  std::string problem;  // kFailed: why, and what to do
};

class Logins {
 public:
  static constexpr std::size_t kOpenMax = 16;  // not ended
  static constexpr std::size_t kEndedMax = 64;
  static constexpr std::chrono::minutes kPatience{15};   // for a person in a browser, and at most for one at a device
  static constexpr std::chrono::minutes kRemembered{5};  // after the end: a page that is loaded twice says the same
  static constexpr int kTries = 5;                       // of an exchange, and of asking for a device's code

  // `providers` outlives this.
  explicit Logins(const Providers& providers) : providers_(providers) {}

  // What a crash left. What waits goes on waiting, what was being exchanged is tried again.
  void Restore(std::vector<LoginRecord> records, const Moment& now);

  // kInvalidArgument: no such provider. kFailedPrecondition: it has no such login. kResourceExhausted: all that are
  // open are being finished; else the one that waits longest for its person makes room.
  Result<std::vector<LoginStep>> Begin(const LoginWish& wish, LoginSecrets secrets, const Moment& now);
  // What the page sent the browser back with, or a person copied. Nothing to do when it came before.
  Result<std::vector<LoginStep>> Complete(const LoginId& login, std::string_view answer, int port, const Moment& now);

  std::vector<LoginStep> Answered(const LoginId& login, int status, std::string_view body, const Moment& now);
  std::vector<LoginStep> Unanswered(const LoginId& login, const std::string& why, const Moment& now);
  // The record could not be written: it is tried again, and a login that has just begun is none.
  void Unwritten(const LoginId& login, const Moment& now);
  void Kept(const LoginId& login, AccountId account, bool created, const Moment& now);
  // `for_now`: the disk is full, say; the tokens are offered again. Else the account cannot be one.
  std::vector<LoginStep> NotKept(const LoginId& login, bool for_now, const std::string& why, const Moment& now);
  // What is due. Call about once a second.
  std::vector<LoginStep> Tick(const Moment& now);

  // Null for one that is not known, or no longer.
  const LoginView* Find(const LoginId& login) const;
  std::size_t open() const;

 private:
  struct Entry {
    LoginView view;
    SteadyTime ends_at{};   // of the person's time, or when an ended login is forgotten
    SteadyTime next_try{};  // of whatever this phase asks
    int tries = 0;
    bool asking = false;      // an answer is awaited
    bool written = false;     // a record of it may be on the disk
    bool unwritten = false;   // what it is now is not
    bool unanswered = false;  // the code may be spent
    LoginTokens tokens;       // kKeeping
  };
  using Steps = std::vector<LoginStep>;

  bool Ended(const Entry& entry) const;
  Entry* Get(const LoginId& login);
  const catalog::v1::OAuth* RowOf(const Entry& entry) const;
  const DeviceFlow* DeviceOf(const Entry& entry) const;
  void Changed(Entry& entry, LoginPhase phase);
  void Later(Entry& entry, const Moment& now);
  void MakeRoom(Steps& steps, const Moment& now);
  // What the entry's phase asks now, or its failure where the provider's row is gone.
  Steps Ask(Entry& entry, bool write, const Moment& now);
  Steps Fail(Entry& entry, std::string problem, const Moment& now);
  Steps Exchange(Entry& entry, Secret code, std::string redirect_uri, const Moment& now);
  Steps Keep(Entry& entry, TokenReply tokens, const Moment& now);
  Steps TryAgain(Entry& entry, const std::string& why, const Moment& now);
  Steps OnDeviceCode(Entry& entry, const DeviceReply& reply, const Moment& now);
  Steps OnPoll(Entry& entry, DevicePoll poll, const Moment& now);
  Steps OnExchange(Entry& entry, TokenReply reply, const Moment& now);
  void ForgetEnded(const Moment& now);

  const Providers& providers_;
  std::map<LoginId, Entry> entries_;
};

}  // namespace patchbay::accounts
