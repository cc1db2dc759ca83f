#include "supervisor/child/child_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/config/loader.h"

namespace patchbay::supervisor {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

// A worker of ours, as the built-in configuration makes it.
WorkerSpec BuiltIn(const std::string& name) {
  for (const WorkerSpec& worker : MakeManifest(config::DefaultConfig(), "/programs").workers) {
    if (worker.name == name) return worker;
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(WorkerEnvironment, HoldsWhatTheWorkerNeedsAndNothingOfTheOperators) {
  const WorkerIdentity identity{"unix:/run/supervisor.sock", 7, Secret("token")};
  const std::map<std::string, std::string> operators = {
      {"PATH", "/bin"}, {"AWS_SECRET_ACCESS_KEY", "x"},  {"PATCHBAY_SEAL_KEY", "k"}, {"LD_PRELOAD", "/evil.so"},
      {"TZ", "UTC"},    {"PATCHBAY_LOG__LEVEL", "debug"}};
  EXPECT_THAT(WorkerEnvironment(BuiltIn("frontend"), identity, operators),
              ElementsAre("PATH=/bin", "TZ=UTC", "PATCHBAY_SUPERVISOR=unix:/run/supervisor.sock",
                          "PATCHBAY_WORKER=frontend", "PATCHBAY_GENERATION=7", "PATCHBAY_ROLE_TOKEN=token",
                          "LISTEN_FDS=2", "LISTEN_FDNAMES=grpc:http", "LISTEN_PID=0000000000"));
}

TEST(WorkerEnvironment, HandsTheSealKeyToThoseWhoSealOnly) {
  const std::map<std::string, std::string> operators = {{"PATCHBAY_SEAL_KEY", "k"},
                                                        {"CREDENTIALS_DIRECTORY", "/run/c"}};
  for (const char* name : {"accounts", "upstream"}) {
    const auto environment = WorkerEnvironment(BuiltIn(name), {}, operators);
    EXPECT_THAT(environment, Contains("PATCHBAY_SEAL_KEY=k")) << name;
    EXPECT_THAT(environment, Contains("CREDENTIALS_DIRECTORY=/run/c")) << name;
  }
  for (const char* name : {"frontend", "ollama"}) {
    const auto environment = WorkerEnvironment(BuiltIn(name), {}, operators);
    EXPECT_THAT(environment, Not(Contains(StartsWith("PATCHBAY_SEAL_KEY")))) << name;
    EXPECT_THAT(environment, Not(Contains(StartsWith("CREDENTIALS")))) << name;
  }
}

TEST(WorkerEnvironment, TellsAWorkerWithoutSocketsThatItHasNone) {
  WorkerSpec worker;
  worker.name = "extra";
  const auto environment = WorkerEnvironment(worker, {}, {{"HOME", ""}});
  EXPECT_THAT(environment, Contains("LISTEN_FDS=0"));
  EXPECT_THAT(environment, Contains("LISTEN_FDNAMES="));
  EXPECT_THAT(environment, Contains("HOME=")) << "empty is not the same as unset";
}

TEST(WorkerEnvironment, LeavesRoomForTheLargestProcessId) {
  const auto environment = WorkerEnvironment(BuiltIn("accounts"), {}, {});
  EXPECT_THAT(environment, Contains(kListenPidVariable + std::string(kListenPidDigits, '0')));
}

TEST(ProgramEnvironment, HasWhereTheGatewayIsAndNoSecret) {
  const auto variables =
      ProgramEnvironment("/run/x", {{"PATH", "/bin"}, {"PATCHBAY_SEAL_KEY", "secret"}, {"OPENAI_API_KEY", "secret"}});
  EXPECT_THAT(variables, ::testing::UnorderedElementsAre("PATH=/bin", "PATCHBAY_RUNTIME_DIR=/run/x"));
}

}  // namespace
}  // namespace patchbay::supervisor
