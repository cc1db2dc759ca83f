#include "supervisor/child/child_environment.h"

#include <algorithm>
#include <string_view>

namespace patchbay::supervisor {
namespace {

// Passed on as they are. The sanitizers' options are here so that a sanitizer build finds its suppressions.
constexpr std::string_view kPassedOn[] = {
    "PATH",         "HOME",         "LANG",          "LC_ALL",       "TZ",          "SSL_CERT_FILE",
    "SSL_CERT_DIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"};
// The key that unseals tokens and cookies, in the two ways in which it may be handed over.
constexpr std::string_view kSealKeyVariables[] = {"PATCHBAY_SEAL_KEY", "CREDENTIALS_DIRECTORY"};

void PassOn(std::string_view name, const std::map<std::string, std::string>& from, std::vector<std::string>& to) {
  const auto found = from.find(std::string(name));
  if (found != from.end()) to.push_back(found->first + "=" + found->second);
}

}  // namespace

std::vector<std::string> ProgramEnvironment(const std::string& runtime_dir,
                                            const std::map<std::string, std::string>& operator_environment) {
  std::vector<std::string> result;
  for (const std::string_view name : kPassedOn) PassOn(name, operator_environment, result);
  result.push_back("PATCHBAY_RUNTIME_DIR=" + runtime_dir);
  return result;
}

std::vector<std::string> WorkerEnvironment(const WorkerSpec& worker, const WorkerIdentity& identity,
                                           const std::map<std::string, std::string>& operator_environment) {
  std::vector<std::string> result;
  for (const std::string_view name : kPassedOn) PassOn(name, operator_environment, result);
  if (worker.needs_seal_key) {
    for (const std::string_view name : kSealKeyVariables) PassOn(name, operator_environment, result);
  }
  result.push_back("PATCHBAY_SUPERVISOR=" + identity.supervisor_address);
  result.push_back("PATCHBAY_WORKER=" + worker.name);
  result.push_back("PATCHBAY_GENERATION=" + std::to_string(identity.generation));
  result.push_back("PATCHBAY_ROLE_TOKEN=" + identity.role_token.Reveal());

  std::string names;
  for (const ListenerSpec& listener : worker.listeners) {
    if (!names.empty()) names += ':';
    names += listener.fd_name;
  }
  result.push_back("LISTEN_FDS=" + std::to_string(worker.listeners.size()));
  result.push_back("LISTEN_FDNAMES=" + names);
  result.push_back(kListenPidVariable + std::string(kListenPidDigits, '0'));
  return result;
}

}  // namespace patchbay::supervisor
