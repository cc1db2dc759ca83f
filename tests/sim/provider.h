// The simulated provider itself: turns a request into what shall happen on the wire. It owns everything that the
// control API shows and changes. No sockets; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/sim/accounts.h"
#include "tests/sim/answer.h"
#include "tests/sim/holds.h"
#include "tests/sim/http.h"
#include "tests/sim/login_desk.h"
#include "tests/sim/other_desk.h"
#include "tests/sim/request_log.h"
#include "tests/sim/scripted.h"
#include "tests/sim/socket.h"

namespace patchbay::sim {

struct Stats {
  std::uint64_t connections = 0;
  std::uint64_t tls_handshakes = 0;
  std::uint64_t tls_resumptions = 0;
  std::uint64_t requests = 0;
  std::uint64_t open_requests = 0;
  std::uint64_t aborted_requests = 0;
  std::uint64_t sockets = 0;       // upgrades accepted
  std::uint64_t open_sockets = 0;  // of them, open now
};

// What a listener does with a request.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Plan Handle(Request& request, bool tls) = 0;
  // A text message on a WebSocket whose upgrade `Handle` has accepted.
  virtual Plan HandleFrame(SocketMemory&, std::string, bool) { return {}; }
};

class Provider final : public Handler {
 public:
  Provider(std::size_t log_entries, std::size_t body_bytes_max);

  Plan Handle(Request& request, bool tls) override;
  Plan HandleFrame(SocketMemory& memory, std::string text, bool tls) override;

  Accounts& accounts() { return accounts_; }
  RequestLog& log() { return log_; }
  Stats& stats() { return stats_; }
  Holds& holds() { return holds_; }
  ScriptedReplies& scripted() { return scripted_; }
  LoginDesk& desk() { return desk_; }
  OtherDesk& others() { return others_; }

 private:
  struct Admission {
    Account* account = nullptr;
    std::optional<Reply> refusal;
  };
  // What a client shows besides its credential: on the API's own paths its version, too, and on upgrades no
  // accept-encoding.
  enum class Client { kApi, kUpgrade, kElsewhere };
  Admission Admit(const Request& request, long long now, Client client);
  void Route(const Request& request, Plan& plan, long long now);
  void Generate(const Request& request, Plan& plan, long long now);
  // `scripted` is null when the scenario and the prompt decide what is said.
  void Play(const Scenario& scenario, const ScriptedReply* scripted, const Prompt& prompt, const json::object& body,
            Account& account, std::size_t body_bytes, Plan& plan, long long now);
  void Upgrade(const Request& request, Plan& plan, long long now);
  // A search, or else summaries of traces.
  void Document(const Request& request, Plan& plan, long long now, bool search);
  void Turn(SocketMemory& memory, const std::string& text, Plan& plan, long long now);
  void Models(const Request& request, Plan& plan, long long now);
  // provider_quota.cc
  void Usage(const Request& request, Plan& plan, long long now);
  void ResetCredits(const Request& request, Plan& plan, long long now);
  void Redeem(const Request& request, Plan& plan, long long now);
  // The public API (provider_api.cc). Null: the key is missing or unknown, and the plan says so.
  Account* AdmitKey(const Request& request, Plan& plan, long long now);
  void ApiGenerate(const Request& request, Plan& plan, long long now, bool chat);
  void ApiModelList(const Request& request, Plan& plan, long long now);
  void Dress(Plan& plan, const Account* account, long long now);

  Accounts accounts_;
  LoginDesk desk_{accounts_};
  OtherDesk others_{accounts_};
  RequestLog log_;
  Stats stats_;
  Holds holds_;
  ScriptedReplies scripted_;
  std::size_t body_bytes_max_;
  std::string run_id_;  // makes ids of this run differ from those of the last
};

// The token endpoint (codex-wire §14.4): refreshes in JSON and form bodies, codes in form bodies.
void HandleToken(Accounts& accounts, LoginDesk& desk, const Request& request, Plan& plan, long long now);

long long WallSeconds();
// When a used-up window of the account resets; nothing when none is used up. A window whose time has come starts anew.
std::optional<long long> ExhaustedUntil(Account& account, long long now);

// Compresses what the plan streams, each piece between two marks so that it can be read at once. Nothing for "".
void Encode(Plan& plan, std::string_view coding);

// The model's own limit where it is used up; null: it is not, or there is none. One whose time has come starts anew.
const ExtraLimit* SpentLimitOf(Account& account, std::string_view model, long long now);

// Takes the standing scenario's turn: the scenario, when one stands, and one turn less remaining.
std::optional<Scenario> TakeTurn(std::optional<StandingScenario>& standing);

}  // namespace patchbay::sim
