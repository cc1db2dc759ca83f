#include "workers/upstream/dialects/common/responses/hosted_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::upstream::responses {
namespace {

namespace inf = inference::v1;

std::string Hosted(const std::string& type, const std::string& json) {
  inf::HostedToolItem item;
  return DecodeHostedItem(type, json, item) ? item.ShortDebugString() : "none";
}

TEST(HostedDecoder, ReadsWhatASearchLookedForAndFound) {
  EXPECT_EQ(
      Hosted("web_search_call", R"({"status":"completed","action":{"type":"search","query":"a","queries":["a","b"],
      "sources":[{"type":"url","url":"https://e.example","title":"T"},{"type":"api","name":"oai"},7]}})"),
      R"(status: "completed" web_search { queries: "a" queries: "b" sources { url: "https://e.example" title: "T" } })");
  EXPECT_EQ(Hosted("web_search_call", R"({"status":"in_progress"})"), R"(status: "in_progress" web_search { })");
}

TEST(HostedDecoder, ReadsWhatWasDoneWithAPage) {
  EXPECT_EQ(Hosted("web_search_call", R"({"action":{"type":"open_page","url":"u"}})"),
            R"(web_search { opened_url: "u" })");
  EXPECT_EQ(Hosted("web_search_call", R"({"action":{"pattern":"p","url":"u","type":"find_in_page"}})"),
            R"(web_search { opened_url: "u" pattern: "p" })");
  EXPECT_EQ(Hosted("web_search_call", R"({"action":{"type":"other","url":"u","query":"q"}})"), "web_search { }");
}

TEST(HostedDecoder, ReadsAPicture) {
  EXPECT_EQ(Hosted("image_generation_call", R"({"status":"completed","result":"iVBO","revised_prompt":"A cat",
      "size":"1x1","quality":"low","background":"opaque","output_format":"webp"})"),
            R"(status: "completed" image { data_base64: "iVBO" media_type: "image/webp" revised_prompt: "A cat" )"
            R"(size: "1x1" quality: "low" background: "opaque" })");
  EXPECT_EQ(Hosted("image_generation_call", R"({"result":null})"), "image { }");
}

TEST(HostedDecoder, KeepsOtherToolsOfTheProtocolAsTheyAre) {
  for (const char* type : {"file_search_call", "code_interpreter_call", "mcp_call"}) {
    inf::HostedToolItem item;
    ASSERT_TRUE(DecodeHostedItem(type, R"({"id":"x"})", item)) << type;
    EXPECT_EQ(item.other().dialect(), "openai_responses");
    EXPECT_EQ(item.other().type(), type);
    EXPECT_EQ(item.other().json(), R"({"id":"x"})");
  }
}

TEST(HostedDecoder, LeavesCallsThatTheClientHasToRun) {
  for (const char* type : {"local_shell_call", "computer_call", "never_seen"}) EXPECT_EQ(Hosted(type, "{}"), "none");
}

TEST(HostedDecoder, ReadsAPictureThatIsNotFinished) {
  inf::HostedToolProgress progress;
  DecodePartialImage(R"({"partial_image_index":2,"partial_image_b64":"iVBO","size":"1x1","output_format":"png"})",
                     progress);
  EXPECT_EQ(progress.ShortDebugString(),
            R"(partial_image { data_base64: "iVBO" media_type: "image/png" size: "1x1" } partial_image_index: 2)");
}

}  // namespace
}  // namespace patchbay::upstream::responses
