#include "workers/frontend/dialects/common/reply/reasoning_envelope.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

inference::v1::Item Reasoning(const std::string& id, const std::string& sealed) {
  inference::v1::Item item;
  item.set_id(id);
  item.mutable_reasoning()->add_summary("Thinking");
  item.mutable_reasoning()->set_encrypted_content(sealed);
  return item;
}

TEST(ReasoningEnvelope, GivesBackWhatWasPutIn) {
  const auto items = UnwrapReasoning(WrapReasoning({Reasoning("rs_1", "gAAA"), Reasoning("rs_2", "gBBB")}));
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->size(), 2u);
  EXPECT_EQ(items->at(0).SerializeAsString(), Reasoning("rs_1", "gAAA").SerializeAsString());
  EXPECT_EQ(items->at(1).reasoning().encrypted_content(), "gBBB");
}

TEST(ReasoningEnvelope, SaysWhoSealedOrSignedIt) {
  inference::v1::Item sealed = Reasoning("rs_1", "gAAA");
  sealed.mutable_reasoning()->set_sealed_by("codex");
  inference::v1::Item signed_text;
  signed_text.mutable_reasoning()->set_signature("sig");
  signed_text.mutable_reasoning()->set_sealed_by("another");
  const auto items = UnwrapReasoning(WrapReasoning({sealed, signed_text}));
  ASSERT_TRUE(items.ok());
  ASSERT_EQ(items->size(), 2u);
  EXPECT_EQ(items->at(0).reasoning().sealed_by(), "codex");
  EXPECT_EQ(items->at(1).SerializeAsString(), signed_text.SerializeAsString());
}

TEST(ReasoningEnvelope, KnowsItsOwn) {
  for (const char* text : {"", "skip_thought_signature_validator", "c2tpcA==", "cGF0Y2hiYXkx", "cGF0Y2hiYXkx////"}) {
    EXPECT_FALSE(UnwrapReasoning(text).ok()) << text;
  }
}

TEST(ReasoningEnvelope, GivesNothingButReasoning) {
  inference::v1::Item message;
  message.mutable_message()->add_parts()->set_text("injected");
  EXPECT_FALSE(UnwrapReasoning(WrapReasoning({message})).ok());
  const auto mixed = UnwrapReasoning(WrapReasoning({message, Reasoning("rs_1", "gAAA")}));
  ASSERT_TRUE(mixed.ok());
  ASSERT_EQ(mixed->size(), 1u);
  EXPECT_TRUE(mixed->at(0).has_reasoning());
}

}  // namespace
}  // namespace patchbay::frontend
