#include "lib/config/keys.h"

#include <gmock/gmock.h>

#include "lib/base/sha256.h"
#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::HasSubstr;
using testing::Not;

Result<Loaded> LoadWithKeys(const std::string& reference, const EnvironmentMap& environment = {}) {
  const TemporaryFile file("log: {level: info}\nproviders:\n  groq:\n    keys: [\"" + reference + "\"]\n");
  return LoadConfig(file.path(), environment, ProviderKeys::kRead);
}

// What is wrong, without the name of the configuration file.
std::string KeyProblem(const std::string& reference, const EnvironmentMap& environment = {}) {
  const auto loaded = LoadWithKeys(reference, environment);
  if (loaded.ok()) return "";
  const std::string message = loaded.error().message;
  return message.substr(message.find(".yaml:") + 6);
}

TEST(ConfiguredKey, ComeFromTheEnvironmentOrAFile) {
  const auto from_environment = LoadWithKeys("${GROQ_KEY}", {{"GROQ_KEY", "gsk_1"}});
  ASSERT_TRUE(from_environment.ok()) << from_environment.error().message;
  ASSERT_EQ(from_environment->keys.size(), 1u);
  EXPECT_EQ(from_environment->keys[0].provider, "groq");
  EXPECT_EQ(from_environment->keys[0].reference, "${GROQ_KEY}");
  EXPECT_EQ(from_environment->keys[0].key.Reveal(), "gsk_1");

  const TemporaryFile file("  gsk_2\r\n");
  const auto from_file = LoadWithKeys(file.path());
  ASSERT_TRUE(from_file.ok()) << from_file.error().message;
  EXPECT_EQ(from_file->keys.at(0).key.Reveal(), "gsk_2");
}

TEST(ConfiguredKey, AreNotReadByWhoOnlyChecks) {
  const auto loaded = LoadText("providers: {groq: {keys: [\"${NOT_HERE}\", /nowhere/key]}}\n");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_TRUE(loaded->keys.empty());
}

TEST(ConfiguredKey, AreNeverPartOfTheConfiguration) {
  const auto loaded = LoadWithKeys("${GROQ_KEY}", {{"GROQ_KEY", "gsk_1"}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(ToYaml(loaded->config), Not(HasSubstr("gsk_1")));
  EXPECT_THAT(ToYaml(loaded->config), HasSubstr("${GROQ_KEY}"));
}

TEST(ConfiguredKey, ThatStandInTheConfigurationAreRefusedAndNotRepeated) {
  for (const char* key : {"sk-secret-1234", "key.txt", "${A-B}", "${}", ""}) {
    const std::string problem = KeyProblem(key);
    EXPECT_THAT(problem, HasSubstr("4: providers.groq.keys: one of them is neither ${VARIABLE} nor"));
    EXPECT_THAT(problem, Not(HasSubstr("sk-secret")));
  }
}

TEST(ConfiguredKey, ThatCannotBeReadAreToldWithTheirLineAndTheCure) {
  EXPECT_EQ(KeyProblem("${GROQ_KEY}"),
            "4: providers.groq.keys: the environment variable GROQ_KEY is not set; set it "
            "for patchbayd, or name a file");
  EXPECT_EQ(KeyProblem("/nonexistent/groq.key"),
            "4: providers.groq.keys: /nonexistent/groq.key: cannot be read: No such file or directory; it must be "
            "readable for the user that patchbayd runs as");
  EXPECT_THAT(KeyProblem("/proc"), HasSubstr("4: providers.groq.keys: /proc"));
}

TEST(ConfiguredKey, MustBeAloneOnOneLine) {
  const std::string cure = "; it must hold one key, alone on one line";
  const TemporaryFile empty(" \n\n"), two("sk-1\nsk-2\n"), blank("sk 1"), large(std::string(kMaxKeyBytes + 1, 'k'));
  EXPECT_THAT(KeyProblem(empty.path()), HasSubstr(" is empty" + cure));
  EXPECT_THAT(KeyProblem(two.path()), HasSubstr(" holds more than one line" + cure));
  EXPECT_THAT(KeyProblem(two.path()), Not(HasSubstr("sk-1")));
  EXPECT_THAT(KeyProblem(blank.path()), HasSubstr(" holds characters that no key has" + cure));
  EXPECT_THAT(KeyProblem(large.path()), HasSubstr(" is larger than 64 KiB" + cure));
  EXPECT_THAT(KeyProblem("${K}", {{"K", ""}}), HasSubstr("the environment variable K is empty" + cure));
}

TEST(ConfiguredKey, CountOnce) {
  const TemporaryFile file("providers: {groq: {keys: [\"${A}\", \"${B}\"]}, xai: {keys: [\"${A}\"]}}\n");
  const auto loaded = LoadConfig(file.path(), {{"A", "k"}, {"B", "k"}}, ProviderKeys::kRead);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_EQ(loaded->keys.size(), 2u);
  EXPECT_EQ(loaded->keys[1].provider, "xai");
}

// Two users, whose tokens these are.
Result<Loaded> LoadWithUsers(const std::string& ann, const std::string& bob) {
  const TemporaryFile file("accounts:\n  users:\n    ann: {token: \"${ANN}\"}\n    bob: {token: \"${BOB}\"}\n");
  return LoadConfig(file.path(), {{"ANN", ann}, {"BOB", bob}}, ProviderKeys::kRead);
}

TEST(ConfiguredUser, IsHandedOnByTheHashOfItsToken) {
  const std::string ann = "c0ffee5e7a11b0a710ad", bob = "5ea50fdec0de7ab1e7ed";
  const auto loaded = LoadWithUsers(ann, bob);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  ASSERT_EQ(loaded->users.size(), 2u);
  EXPECT_EQ(loaded->users[0].name, "ann");
  EXPECT_EQ(loaded->users[0].sha256, Sha256(ann));
  EXPECT_EQ(loaded->users[0].hint, "10ad");
  EXPECT_EQ(loaded->users[1].name, "bob");
}

TEST(ConfiguredUser, HasATokenOfItsOwnThatNobodyGuesses) {
  const std::string good = "c0ffee5e7a11b0a710ad";
  for (const char* bad : {"few-letters", "changeme-changeme-1", "sk-1234567890abcdef", "your-api-key-goes-here"}) {
    const auto loaded = LoadWithUsers(good, bad);
    ASSERT_FALSE(loaded.ok()) << bad;
    EXPECT_THAT(loaded.error().message, HasSubstr("accounts.users.bob.token: the token "));
    EXPECT_THAT(loaded.error().message, Not(HasSubstr(bad)));
  }
  const auto same = LoadWithUsers(good, good);
  ASSERT_FALSE(same.ok());
  EXPECT_THAT(same.error().message, HasSubstr("user ann has the same token"));
}

}  // namespace
}  // namespace patchbay::config
