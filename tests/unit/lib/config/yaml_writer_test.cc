#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <yaml-cpp/yaml.h>

#include <random>

#include "tests/unit/lib/config/config_testing.h"

namespace patchbay::config {
namespace {

using google::protobuf::util::MessageDifferencer;

TEST(ConfigAsYaml, IsReadBackToTheSameConfiguration) {
  for (const auto& config : {DefaultConfig(), Unusual()}) {
    const auto again = LoadText(ToYaml(config));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_TRUE(MessageDifferencer::Equals(again->config, config)) << ToYaml(config);
  }
}

void ExpectToSurvive(const std::vector<std::string>& texts) {
  auto config = DefaultConfig();
  for (const auto& text : texts) config.mutable_frontend()->add_allowed_hosts(text);
  config.mutable_ollama()->set_version(texts.front());
  const auto again = LoadText(ToYaml(config));
  ASSERT_TRUE(again.ok()) << again.error().message << "\n" << ToYaml(config);
  EXPECT_TRUE(MessageDifferencer::Equals(again->config, config)) << ToYaml(config);
}

TEST(ConfigAsYaml, KeepsTextsThatLookLikeSomethingElse) {
  ExpectToSurvive({"null", "Null",  "NULL", "~",      "yes",    "No",     "ON",       "off",        "y",
                   "true", "False", "1",    "0x1f",   "1e3",    ".inf",   "12:30:45", "2026-01-02", "",
                   " ",    "-",     "- a",  "? b",    "a: b",   "a #b",   "#",        "&a",         "*a",
                   "!t",   "|",     ">",    "%x",     "@x",     "`x`",    "{}",       "[]",         "'",
                   "\"",   "\\",    "\\n",  "a\nb",   "\n",     "a\r\nb", "\t",       "\x01\x1f",   "\x7f",
                   "ä",    "日本",  "😀",    "\u0085", "\u2028", "\uFEFF", "---",      "..."});
}

// Random texts from an alphabet of what YAML gives a meaning, and of characters of every length.
TEST(ConfigAsYaml, KeepsEveryText) {
  const std::vector<std::string> alphabet = {"a", "N",  "0",  " ", ":", "#",      "-",  "\n", "\t", "\"",
                                             "'", "\\", "\r", "{", "]", ",",      "&",  "*",  "!",  "|",
                                             "~", "%",  "?",  ">", "ß", "\u00a0", "日", "😀"};
  std::mt19937 random(7);
  const auto draw = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> texts(20);
    for (auto& text : texts) {
      for (std::size_t left = draw(9); left > 0; --left) text += alphabet[draw(alphabet.size())];
    }
    ExpectToSurvive(texts);
  }
}

// Other programs read the file by YAML's own rules: a text must be a text to them too.
TEST(ConfigAsYaml, QuotesWhatOthersWouldTakeForAnotherType) {
  for (const char* text : {"null", "Null", "~", "true", "Yes", "off", "1", "1.5", ""}) {
    auto config = DefaultConfig();
    config.mutable_ollama()->set_version(text);
    const auto node = YAML::Load(ToYaml(config))["ollama"]["version"];
    EXPECT_EQ(node.Scalar(), text);
    EXPECT_EQ(node.Tag(), "!") << text;  // quoted
  }
}

}  // namespace
}  // namespace patchbay::config
