#include "lib/worker/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::worker {
namespace {

using ::testing::HasSubstr;

Result<CommandLine> Parse(const Options& options, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "program");
  return ParseCommandLine(static_cast<int>(arguments.size()), const_cast<char**>(arguments.data()), options);
}

const Options kPlain{.name = "accounts", .standalone = std::nullopt};
const Options kAlone{
    .name = "ollama",
    .standalone = Standalone{.peer_role = "frontend", .listener = "ollama", .default_listen = "127.0.0.1:11434"}};

TEST(CommandLine, IsEmptyWhenTheSupervisorStarts) {
  const auto parsed = Parse(kPlain, {});
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->alone);
  EXPECT_EQ(parsed->answer, "");
}

TEST(CommandLine, AnswersHelpAndVersion) {
  EXPECT_THAT(Parse(kPlain, {"--help"})->answer, HasSubstr("patchbayd starts it"));
  EXPECT_NE(Parse(kPlain, {"--version"})->answer, "");
}

TEST(CommandLine, OffersToRunAloneOnlyWhereTheWorkerCan) {
  EXPECT_EQ(Parse(kPlain, {"--gateway", "unix:/x"}).error().code, ErrorCode::kInvalidArgument);
  const auto parsed = Parse(kAlone, {"--gateway", "unix:/x", "--token-file", "/t"});
  ASSERT_TRUE(parsed.ok());
  ASSERT_TRUE(parsed->alone);
  EXPECT_EQ(parsed->alone->gateway, "unix:/x");
  EXPECT_EQ(parsed->alone->listen, "127.0.0.1:11434");
  EXPECT_EQ(parsed->alone->token_file, "/t");
  EXPECT_FALSE(Parse(kAlone, {"--listen", "127.0.0.1:1"})->alone) << "without a gateway the supervisor decides";
}

TEST(CommandLine, ReachesAnotherMachineByTlsAndThisOneWithout) {
  const std::vector<std::string> files = {"--tls-ca", "/ca", "--tls-cert", "/c", "--tls-key", "/k"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), files.begin(), files.end());
    std::vector<const char*> words = {"patchbay-ollama"};
    for (const std::string& word : arguments) words.push_back(word.c_str());
    return ParseCommandLine(static_cast<int>(words.size()), const_cast<char**>(words.data()), kAlone);
  };
  const auto remote = with({"--gateway", "gw.example:7443"});
  ASSERT_TRUE(remote.ok()) << remote.error().message;
  EXPECT_EQ(remote->alone->tls_key, "/k");
  EXPECT_EQ(with({"--gateway", "unix:/x"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(with({"--gateway", "gw.example:7443", "--token-file", "/t"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Parse(kAlone, {"--gateway", "gw.example:7443"}).error().code, ErrorCode::kInvalidArgument);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Parse(kAlone, {"--gatewy", "x"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Parse(kPlain, {"serve"}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace patchbay::worker
