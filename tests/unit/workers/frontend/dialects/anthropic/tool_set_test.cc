// Which tools the model is offered: those of `tools`, as far as they do not wait for a reference, with what the
// messages change about them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "workers/frontend/dialects/anthropic/request_decoder.h"

namespace patchbay::frontend::anthropic {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Tool(const std::string& name, const std::string& more = "") {
  return R"({"name":")" + name + R"(","input_schema":{"type":"object"})" + more + "}";
}
std::string Deferred(const std::string& name) { return Tool(name, R"(,"defer_loading":true)"); }

std::string System(const std::string& blocks) { return R"({"role":"system","content":[)" + blocks + "]}"; }
std::string Change(const std::string& type, const std::string& tool) {
  return System(R"({"type":")" + type + R"(","tool":)" + tool + "}");
}
std::string Reference(const std::string& name) { return R"({"type":"tool_reference","name":")" + name + R"("})"; }
std::string Added(const std::string& tool) {
  return Change("tool_addition", R"({"type":"tool_definition","definition":)" + tool + "}");
}
std::string AddedAgain(const std::string& name) { return Change("tool_addition", Reference(name)); }
std::string Removed(const std::string& name) { return Change("tool_removal", Reference(name)); }
// A client's own search, and what it found.
std::string Found(const std::string& name) {
  return R"({"role":"assistant","content":[{"type":"tool_use","id":"s","name":"ToolSearch","input":{},"caller":{"type":"direct"}}]},)"
         R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"s","content":[{"type":"tool_reference","tool_name":")" +
         name + R"("}]}]})";
}

Result<DecodedRequest> Decode(const std::string& tools, const std::string& messages, const std::string& more = "") {
  return DecodeRequest(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"})" +
                       (messages.empty() ? "" : "," + messages) + R"(],"tools":[)" + tools + "]" + more + "}");
}

std::vector<std::string> Offered(const std::string& tools, const std::string& messages, const std::string& more = "") {
  const auto decoded = Decode(tools, messages, more);
  EXPECT_TRUE(decoded.ok()) << decoded.error().message << " at " << decoded.error().where;
  std::vector<std::string> names;
  if (!decoded.ok()) return names;
  EXPECT_THAT(decoded->repaired, IsEmpty());
  for (const auto& tool : decoded->request.tools()) {
    names.push_back(tool.has_web_search() ? "web_search" : tool.function().name());
  }
  return names;
}

TEST(MessagesTools, AreAddedAndRemovedInTheOrderOfTheMessages) {
  const std::string tools = Tool("a") + "," + Tool("b");
  EXPECT_THAT(Offered(tools, Added(Tool("c"))), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Offered(tools, Removed("a")), ElementsAre("b"));
  EXPECT_THAT(Offered(tools, Added(Tool("c")) + "," + Removed("c")), ElementsAre("a", "b"));
  EXPECT_THAT(Offered(tools, Removed("a") + "," + Removed("a") + "," + AddedAgain("a")), ElementsAre("a", "b"));
  EXPECT_THAT(Offered(tools, Removed("a") + "," + Added(Tool("a"))), ElementsAre("a", "b"));
  EXPECT_THAT(Offered(tools, Removed("a") + "," + Removed("b")), IsEmpty());
  EXPECT_THAT(Offered("", Added(Tool("c"))), ElementsAre("c"));
  EXPECT_THAT(Offered(tools, Added(R"({"type":"web_search_20250305","name":"web_search"})")),
              ElementsAre("a", "b", "web_search"));
  EXPECT_THAT(Offered(R"({"type":"web_search_20250305","name":"web_search"})", Removed("web_search")), IsEmpty());
}

TEST(MessagesTools, AreReplacedByOnesOfTheirName) {
  const auto decoded = Decode(Tool("a") + "," + Tool("b"), Added(Tool("a", R"(,"description":"newer")")));
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded->request.tools_size(), 2);
  EXPECT_EQ(decoded->request.tools(0).function().description(), "newer");
}

TEST(MessagesTools, ChangeBesideTextInOneMessage) {
  const auto decoded = Decode(Tool("a"), System(R"({"type":"text","text":"Look."},{"type":"tool_removal","tool":)" +
                                                Reference("a") + R"(,"cache_control":{"type":"ephemeral"}})"));
  ASSERT_TRUE(decoded.ok());
  EXPECT_THAT(decoded->request.tools(), IsEmpty());
  EXPECT_EQ(decoded->request.items(1).message().parts(0).text(), "Look.");
  EXPECT_THAT(decoded->ignored, Not(Contains(HasSubstr("tool"))));
}

TEST(MessagesTools, WaitForAReferenceWhenDeferred) {
  const std::string tools = Tool("ToolSearch") + "," + Deferred("late") + "," + Deferred("DeferredToolPlaceholder");
  EXPECT_THAT(Offered(tools, ""), ElementsAre("ToolSearch"));
  EXPECT_THAT(Offered(tools, Found("late")), ElementsAre("ToolSearch", "late"));
  EXPECT_THAT(Offered(tools, AddedAgain("late")), ElementsAre("ToolSearch", "late"));
  EXPECT_THAT(Offered(tools, "", R"(,"tool_choice":{"type":"tool","name":"late"})"), ElementsAre("ToolSearch", "late"));
  EXPECT_THAT(Offered(Tool("a") + R"(,{"type":"bash_20250124","name":"bash","defer_loading":true})", ""),
              ElementsAre("a"));
}

TEST(MessagesTools, ReferencesAreTextThatNamesTheToolAsTheModelKnowsIt) {
  const std::string name = "mcp__" + std::string(80, 'x');
  const auto told = [](const Result<DecodedRequest>& decoded) {
    return decoded->request.items(2).tool_result().parts(0).text();
  };
  const auto decoded = Decode(Tool("ToolSearch") + "," + Deferred(name), Found(name));
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded->request.tools_size(), 2);
  EXPECT_EQ(told(decoded), "The tool '" + decoded->request.tools(1).function().name() + "' is available.");
  // The server that had it is gone.
  EXPECT_EQ(told(Decode(Tool("ToolSearch"), Found("gone"))), "The tool 'gone' is not available.");
}

TEST(MessagesTools, StayRemovedWhateverRefersToThem) {
  EXPECT_THAT(Offered(Tool("ToolSearch") + "," + Deferred("late"), Removed("late") + "," + Found("late")),
              ElementsAre("ToolSearch"));
}

TEST(MessagesTools, ThatAnthropicsServersFoundAreOffered) {
  const std::string found =
      R"({"role":"assistant","content":[{"type":"tool_search_tool_result","tool_use_id":"s","content":)"
      R"({"type":"tool_search_tool_search_result","tool_references":[{"type":"tool_reference","tool_name":"late"}]}}]},)"
      R"({"role":"user","content":"On"})";
  EXPECT_THAT(Offered(Tool("a") + "," + Deferred("late") + "," + Deferred("other"), found), ElementsAre("a", "late"));
}

TEST(MessagesTools, AreOfferedAtOnceWhereAnthropicsServersWouldSearch) {
  const auto decoded =
      Decode(R"({"type":"tool_search_tool_regex_20251119","name":"tool_search_tool_regex"},)" + Deferred("late"), "");
  ASSERT_TRUE(decoded.ok()) << decoded.error().message;
  ASSERT_EQ(decoded->request.tools_size(), 1);
  EXPECT_EQ(decoded->request.tools(0).function().name(), "late");
  EXPECT_THAT(decoded->ignored, Contains("tools[].tool_search"));
}

TEST(MessagesTools, CannotAllWait) {
  const auto decoded = Decode(Deferred("a") + "," + Deferred("b"), "");
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().where, "/tools");
  EXPECT_THAT(Offered(Deferred("a") + "," + Deferred("b"), AddedAgain("b")), ElementsAre("b"));
}

TEST(MessagesTools, CannotBeDemandedOnceRemoved) {
  for (const char* choice : {R"(,"tool_choice":{"type":"tool","name":"a"})", R"(,"tool_choice":{"type":"any"})"}) {
    const auto decoded = Decode(Tool("a"), Removed("a"), choice);
    ASSERT_FALSE(decoded.ok()) << choice;
    EXPECT_EQ(decoded.error().where.rfind("/tool_choice", 0), 0u) << decoded.error().where;
  }
  EXPECT_THAT(Offered(Tool("a"), Removed("a"), R"(,"tool_choice":{"type":"auto"})"), IsEmpty());
  EXPECT_THAT(Offered(Tool("a"), Removed("a") + "," + AddedAgain("a"), R"(,"tool_choice":{"type":"tool","name":"a"})"),
              ElementsAre("a"));
}

TEST(MessagesTools, AreReadBeforeTheMessagesInAnyOrderOfTheBody) {
  const auto decoded = DecodeRequest(R"({"tools":[)" + Tool("a") + R"(],"model":"m","max_tokens":9,"messages":[)" +
                                     Removed("a") + R"(,{"role":"user","content":"Hi"}]})");
  ASSERT_TRUE(decoded.ok());
  EXPECT_THAT(decoded->request.tools(), IsEmpty());
}

}  // namespace
}  // namespace patchbay::frontend::anthropic
