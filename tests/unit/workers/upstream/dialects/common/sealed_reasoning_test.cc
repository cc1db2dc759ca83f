#include "workers/upstream/dialects/common/sealed_reasoning.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::upstream {
namespace {

namespace inf = inference::v1;

inf::GenerateRequest Request(const std::string& text) {
  inf::GenerateRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

constexpr const char* kConversation = R"pb(
  items {
    id: "msg_1"
    message { role: ROLE_USER }
  }
  items {
    id: "rs_1"
    reasoning { encrypted_content: "gAAA" sealed_by: "codex" }
  }
  items { reasoning { text: "plain" } }
  items { reasoning { text: "signed" signature: "s" sealed_by: "another" } }
  items { reasoning { encrypted_content: "of nobody that we know" } }
  items {
    id: "fc_1"
    tool_call { call_id: "call_1" }
  })pb";

TEST(SealedReasoning, IsShownToWhoSealedIt) {
  inf::GenerateRequest request = Request(R"pb(items {
                                                id: "rs_1"
                                                reasoning { encrypted_content: "g" sealed_by: "codex" }
                                              }
                                              items {
                                                id: "msg_1"
                                                message {}
                                              })pb");
  const std::string before = request.SerializeAsString();
  EXPECT_FALSE(LeaveOutForeignReasoning("codex", request));
  EXPECT_EQ(request.SerializeAsString(), before);
}

TEST(SealedReasoning, IsLeftOutForEverybodyElseAndIdsWithIt) {
  inf::GenerateRequest request = Request(kConversation);
  EXPECT_TRUE(LeaveOutForeignReasoning("third", request));
  EXPECT_EQ(
      request.ShortDebugString(),
      R"(items { message { role: ROLE_USER } } items { reasoning { text: "plain" } } )"
      R"(items { reasoning { encrypted_content: "of nobody that we know" } } items { tool_call { call_id: "call_1" } })");
  EXPECT_FALSE(LeaveOutForeignReasoning("third", request)) << "nothing is left to leave out";
}

TEST(SealedReasoning, OfOneIsLeftOutAndOfTheOtherKept) {
  inf::GenerateRequest request = Request(kConversation);
  EXPECT_TRUE(LeaveOutForeignReasoning("codex", request));
  ASSERT_EQ(request.items_size(), 5);
  EXPECT_EQ(request.items(1).reasoning().encrypted_content(), "gAAA");
}

TEST(SealedReasoning, SaysWhoseItIs) {
  GenerateEvents events;
  events.Add()->mutable_item_done()->mutable_item()->mutable_reasoning()->set_encrypted_content("before");
  events.Add()->mutable_item_done()->mutable_item()->mutable_reasoning()->set_encrypted_content("g");
  events.Add()->mutable_item_done()->mutable_item()->mutable_reasoning()->set_signature("s");
  events.Add()->mutable_item_done()->mutable_item()->mutable_reasoning()->set_text("plain");
  events.Add()->mutable_item_done()->mutable_item()->mutable_message();
  MarkSealed("codex", 1, events);
  EXPECT_EQ(events[0].item_done().item().reasoning().sealed_by(), "") << "said already";
  EXPECT_EQ(events[1].item_done().item().reasoning().sealed_by(), "codex");
  EXPECT_EQ(events[2].item_done().item().reasoning().sealed_by(), "codex");
  EXPECT_EQ(events[3].item_done().item().reasoning().sealed_by(), "") << "nobody sealed it";
  EXPECT_TRUE(events[4].item_done().item().has_message());
}

}  // namespace
}  // namespace patchbay::upstream
