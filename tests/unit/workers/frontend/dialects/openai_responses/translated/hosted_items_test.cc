#include "workers/frontend/dialects/openai_responses/translated/hosted_items.h"

#include <gtest/gtest.h>

#include "lib/wire/boost_json.h"
#include "workers/frontend/dialects/openai_responses/translated/input_decoder.h"

namespace patchbay::frontend::openai_responses::translated {
namespace {

// What an item becomes when it is read and written again.
std::string Again(const char* text) {
  const boost::json::value json = *wire::ParseJson(text);
  inference::v1::Item item;
  const auto decoded = DecodeHostedItem(JsonNode(json), wire::FindString(json, "type"), item);
  EXPECT_TRUE(decoded.ok() && *decoded) << text;
  return HostedItemJson(item.hosted_tool(), "id_1", /*done=*/true);
}

TEST(HostedItems, ComeBackAsTheyWere) {
  for (
      const char* item :
      {R"({"id":"id_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"a","queries":["a","b"],"sources":[{"type":"url","url":"https://x"}]}})",
       R"({"id":"id_1","type":"web_search_call","status":"completed","action":{"type":"open_page","url":"https://x"}})",
       R"({"id":"id_1","type":"web_search_call","status":"failed","action":{"type":"find_in_page","url":"https://x","pattern":"p"}})",
       R"({"id":"id_1","type":"image_generation_call","status":"completed","result":"iVBO","revised_prompt":"a cat","output_format":"png"})"})
    EXPECT_EQ(Again(item), item);
}

TEST(HostedItems, AreSearchesAndPicturesAndNothingElse) {
  const boost::json::value call = *wire::ParseJson(R"({"type":"code_interpreter_call"})");
  inference::v1::Item item;
  EXPECT_FALSE(*DecodeHostedItem(JsonNode(call), "code_interpreter_call", item));
  EXPECT_EQ(TypeOfHosted({}), "");
}

TEST(HostedItems, NameThePlaceOfWhatIsWrong) {
  const boost::json::value call = *wire::ParseJson(R"({"type":"web_search_call","action":{"queries":["a",5]}})");
  inference::v1::Item item;
  EXPECT_EQ(DecodeHostedItem(JsonNode(call), "web_search_call", item).error().where, "/action/queries/1");
}

TEST(HostedItems, OfThisDialectOnlyKeepTheirFormButForTheId) {
  inference::v1::HostedToolItem tool;
  auto& other = *tool.mutable_other();
  other.set_dialect(std::string(kDialect));
  other.set_type("mcp_call");
  other.set_json(R"({"type":"mcp_call","x":1.50})");
  EXPECT_EQ(TypeOfHosted(tool), "mcp_call");
  EXPECT_EQ(HostedItemJson(tool, "m_1", true), R"({"id":"m_1","type":"mcp_call","x":1.50})");
  other.set_dialect("anthropic");
  EXPECT_EQ(TypeOfHosted(tool), "") << "another dialect's form is not told here";
}

TEST(HostedItems, AreInProgressUntilTheyAreDone) {
  inference::v1::HostedToolItem tool;
  tool.mutable_image();
  EXPECT_EQ(HostedItemJson(tool, "i", false),
            R"({"id":"i","type":"image_generation_call","status":"in_progress","result":null})");
}

}  // namespace
}  // namespace patchbay::frontend::openai_responses::translated
