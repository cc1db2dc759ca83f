#include "supervisor/audit/observer.h"

#include <grpcpp/support/byte_buffer.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "lib/base/number.h"
#include "lib/log/log.h"
#include "lib/time/proto_time.h"
#include "supervisor/audit/words.h"

namespace patchbay::supervisor {
namespace {

constexpr std::size_t kOutcomeBytes = 200;
// What the kernel says of a process that nobody has logged in for.
constexpr unsigned kNoLogin = 0xffffffff;

std::string NameOfUser(unsigned uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_name;
}

std::string FirstLineOf(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

void DescribeActor(const rpc::CallInfo& call, admin::v1::AuditRecord& record) {
  record.set_role(std::string(ToString(call.caller.role)));
  if (!call.peer) return;
  const std::string process = "/proc/" + std::to_string(call.peer->pid);
  record.set_uid(call.peer->uid);
  record.set_user(NameOfUser(static_cast<unsigned>(call.peer->uid)));
  record.set_pid(call.peer->pid);
  record.set_by_its_word(call.peer->by_its_word);
  record.set_program(FirstLineOf(process + "/comm"));
  // Who logged in, before they became somebody else.
  const auto login = ParseNumber<unsigned>(FirstLineOf(process + "/loginuid"));
  if (login && *login != kNoLogin) record.set_login(NameOfUser(*login));
}

std::string WordsOfBytes(const std::string& method, const grpc::ByteBuffer& bytes) {
  const std::unique_ptr<google::protobuf::Message> request = RequestOf(method);
  std::vector<grpc::Slice> slices;
  if (request == nullptr || !bytes.Dump(&slices).ok()) return {};
  std::string text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return request->ParseFromString(text) ? WordsOf(*request) : "a request that is none";
}

void Keep(AuditTrail& trail, const admin::v1::AuditRecord& record) {
  const Result<void> kept = trail.Append(record);
  if (kept.ok()) return;
  // What was asked for has been done. That nobody can read it in the trail later is told where people look.
  log::Error("audit.not_kept", {{"method", record.method()},
                                {"request", record.request()},
                                {"outcome", record.outcome()},
                                {"error", kept.error().message}});
}

}  // namespace

rpc::Server::Observer Audit(AuditTrail& trail, const Clock& clock) {
  return [&trail, &clock](const rpc::CallInfo& call, const google::protobuf::Message* request,
                          const grpc::ByteBuffer* bytes) -> rpc::Server::Ended {
    if (!ChangesSomething(call.method)) return nullptr;
    admin::v1::AuditRecord record;
    SetTimestamp(clock.Now(), record.mutable_at());
    DescribeActor(call, record);
    record.set_method(NameOfMethod(call.method));
    record.set_request(request != nullptr ? WordsOf(*request) : WordsOfBytes(call.method, *bytes));
    return [&trail, record = std::move(record)](const Error* error) mutable {
      std::string outcome = "ok";
      if (error != nullptr) outcome = std::string(ToString(error->code)) + ": " + error->message;
      record.set_outcome(outcome.substr(0, kOutcomeBytes));
      Keep(trail, record);
    };
  };
}

void AuditOwn(AuditTrail& trail, const Clock& clock, const std::string& actor, const std::string& what,
              const std::string& outcome) {
  admin::v1::AuditRecord record;
  SetTimestamp(clock.Now(), record.mutable_at());
  record.set_role(actor);
  record.set_method(what);
  record.set_outcome(outcome.substr(0, kOutcomeBytes));
  Keep(trail, record);
}

}  // namespace patchbay::supervisor
