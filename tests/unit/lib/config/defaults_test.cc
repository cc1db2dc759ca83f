#include <gmock/gmock.h>

#include "lib/config/fields.h"
#include "patchbay/config/v1/options.pb.h"
#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using testing::HasSubstr;

TEST(ConfigDefaults, NeedNoFileAtAll) {
  const auto loaded = LoadConfig(std::nullopt, {{"HOME", "/nonexistent"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->source, "built-in defaults");
  EXPECT_EQ(loaded->config.frontend().listen(), "127.0.0.1:8080");
  EXPECT_EQ(loaded->config.frontend().limits().body_bytes(), 64u << 20);
  EXPECT_EQ(loaded->config.frontend().heartbeat().seconds(), 15);
  EXPECT_EQ(loaded->config.server().backoff_initial().nanos(), 50'000'000);
  EXPECT_TRUE(loaded->config.ollama().enabled());
  EXPECT_EQ(loaded->config.providers().at("codex").base_url(), "https://chatgpt.com/backend-api/codex");
  EXPECT_EQ(ToYaml(loaded->config), ToYaml(DefaultConfig()));
}

void WithoutDefault(const google::protobuf::Descriptor& section, std::vector<std::string>& found) {
  for (int i = 0; i < section.field_count(); ++i) {
    const auto& field = *section.field(i);
    switch (KindOf(field)) {
      case FieldKind::kScalar:
        if (!field.options().HasExtension(config::v1::default_value)) {
          found.push_back(section.name() + "." + field.name());
        }
        break;
      case FieldKind::kSection: WithoutDefault(*field.message_type(), found); break;
      case FieldKind::kMap: WithoutDefault(*field.message_type()->map_value()->message_type(), found); break;
      case FieldKind::kList:
      case FieldKind::kTextMap: break;  // empty by default
    }
  }
}

TEST(ConfigDefaults, StandInTheContractForEverySettingThatIsNotRequired) {
  std::vector<std::string> found;
  WithoutDefault(*config::v1::Config::descriptor(), found);
  EXPECT_THAT(found, testing::ElementsAre("Provider.base_url", "Provider.dialect", "ExtraWorker.command"));
}

TEST(ConfigFile, IsFoundInTheHomeDirectory) {
  const auto home = std::filesystem::temp_directory_path() / RandomId("patchbay-home-");
  std::filesystem::create_directories(home / ".config/patchbay");
  std::ofstream(home / ".config/patchbay/patchbay.yaml") << "log: {level: debug}\n";
  const auto loaded = LoadConfig(std::nullopt, {{"HOME", home.string()}});
  std::filesystem::remove_all(home);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->config.log().level(), "debug");
  EXPECT_EQ(loaded->source, (home / ".config/patchbay/patchbay.yaml").string());
}

TEST(ConfigFile, NamedByTheEnvironmentWins) {
  const TemporaryFile file("log: {level: warn}\n");
  const auto loaded = LoadConfig(std::nullopt, {{"PATCHBAY_CONFIG", file.path().string()}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->config.log().level(), "warn");
}

TEST(ConfigFile, ThatWasNamedMustExist) {
  const auto loaded = LoadConfig("/nonexistent/patchbay.yaml", {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(loaded.error().message, HasSubstr("/nonexistent/patchbay.yaml"));
}

TEST(ConfigFile, OverAMegabyteIsRefused) {
  EXPECT_THAT(Problems(std::string((1 << 20) + 1, '#')), HasSubstr("at most 1 MiB"));
}

}  // namespace
}  // namespace patchbay::config
