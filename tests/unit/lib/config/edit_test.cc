#include "lib/config/edit.h"

#include <gtest/gtest.h>

namespace patchbay::config {
namespace {

std::string Off(const std::string& text) { return WithSetting(text, "ollama.enabled", "false").value_or("-"); }

TEST(EditTest, ChangesWhatStandsThere) {
  EXPECT_EQ(Off("# ours\nollama:\n  # asked for\n  enabled: true  # by Bo\n  version: \"1\"\nlog: {level: debug}\n"),
            "# ours\nollama:\n  # asked for\n  enabled: false  # by Bo\n  version: \"1\"\nlog: {level: debug}\n");
  EXPECT_EQ(Off("ollama: {version: \"1\", enabled: true}\n"), "ollama: {version: \"1\", enabled: false}\n");
  EXPECT_EQ(Off("{\"ollama\": {\"enabled\": true}}"), "{\"ollama\": {\"enabled\": false}}");
  EXPECT_EQ(WithSetting("ollama: {enabled: false}", "ollama.enabled", "true"), "ollama: {enabled: true}");
}

TEST(EditTest, AddsToASection) {
  EXPECT_EQ(Off("ollama:\n    # ours\n    version: \"1\"\n"),
            "ollama:\n    # ours\n    enabled: false\n    version: \"1\"\n");
  EXPECT_EQ(Off("ollama: {version: \"1\"}\n"), "ollama: {enabled: false, version: \"1\"}\n");
  EXPECT_EQ(Off("ollama: {}\n"), "ollama: {enabled: false}\n");
}

TEST(EditTest, AddsASection) {
  EXPECT_EQ(Off(""), "ollama:\n  enabled: false\n");
  EXPECT_EQ(Off("# nothing yet\n"), "# nothing yet\nollama:\n  enabled: false\n");
  EXPECT_EQ(Off("{\"log\": {}}"), "{ollama: {enabled: false}, \"log\": {}}");
  EXPECT_EQ(Off("log: {level: debug}"), "log: {level: debug}\nollama:\n  enabled: false\n");
}

TEST(EditTest, LeavesAloneWhatSaysSo) {
  const std::string text = "ollama: {enabled: false}  # really\n";
  EXPECT_EQ(Off(text), text);
  EXPECT_EQ(WithSetting("log: {level: debug}\n", "ollama.enabled", "true"), "log: {level: debug}\n") << "the default";
}

TEST(EditTest, DoesNotTouchWhatItCannotChangeAlone) {
  for (const char* text : {"ollama: [", "- 1\n", "ollama: 5\n", "ollama:\n", "nobody: {}\n",
                           "ollama: {enabled: \"true\"}\n", "log: {level: debug}\n...\n"}) {
    EXPECT_EQ(Off(text), "-") << text;
  }
}

}  // namespace
}  // namespace patchbay::config
