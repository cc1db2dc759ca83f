// The example file is documentation, so it is held to what it documents.

#include <google/protobuf/util/message_differencer.h>
#include <yaml-cpp/yaml.h>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

constexpr const char* kExample = "config/patchbay.example.yaml";

TEST(ConfigExample, ShowsEachSettingsDefault) {
  const auto loaded = LoadConfig(kExample, {});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  for (const auto& change : Diff(DefaultConfig(), loaded->config))
    ADD_FAILURE() << change.path << " is not shown with its default";
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(loaded->config, DefaultConfig()));
}

// Every key that `whole` has, `shown` has too.
void ExpectNothingMissing(const YAML::Node& whole, const YAML::Node& shown, const std::string& path) {
  for (const auto& pair : whole) {
    const auto key = pair.first.Scalar();
    const auto here = path.empty() ? key : path + "." + key;
    if (!shown.IsMap() || !shown[key].IsDefined()) {
      ADD_FAILURE() << here << " is not in " << kExample;
    } else if (pair.second.IsMap()) {
      ExpectNothingMissing(pair.second, shown[key], here);
    }
  }
}

TEST(ConfigExample, LeavesNoSettingOut) {
  ExpectNothingMissing(YAML::Load(ToYaml(DefaultConfig())), YAML::LoadFile(kExample), "");
}

}  // namespace
}  // namespace patchbay::config
