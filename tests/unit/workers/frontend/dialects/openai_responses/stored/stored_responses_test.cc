#include "workers/frontend/dialects/openai_responses/stored/stored_responses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace patchbay::frontend {
namespace {

using std::chrono::hours;

constexpr std::size_t kRoom = 64 * 1024;
const SteadyTime kStart{};

ItemsJson Items(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

StoredResponse Make(std::string id, std::string input = R"({"type":"message"})", std::string output = "") {
  StoredResponse response;
  response.response = R"({"id":")" + id + "\"}";
  response.id = std::move(id);
  response.input = Items(std::move(input));
  response.output = Items(std::move(output));
  return response;
}

StoredResponse After(const StoredResponse& previous, std::string id, std::string input, std::string output) {
  StoredResponse response = Make(std::move(id), std::move(input), std::move(output));
  response.history = previous.Conversation();
  return response;
}

class StoredResponsesTest : public ::testing::Test {
 protected:
  StoredResponsesTest() { store_.SetLimits({.bytes = kRoom, .max_age = hours(1)}, kStart); }
  StoredResponses store_;
};

TEST_F(StoredResponsesTest, GivesBackWhatWasKept) {
  ASSERT_TRUE(store_.Put("key", Make("resp_1"), kStart));
  const StoredResponse* found = store_.Find("key", "resp_1", kStart);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->response, R"({"id":"resp_1"})");
  EXPECT_EQ(store_.Find("key", "resp_2", kStart), nullptr);
}

TEST_F(StoredResponsesTest, ShowsAKeyNothingOfAnother) {
  ASSERT_TRUE(store_.Put("mine", Make("resp_1", "", R"({"id":"msg_1"})"), kStart));
  EXPECT_EQ(store_.Find("yours", "resp_1", kStart), nullptr);
  EXPECT_FALSE(store_.FindItem("yours", "msg_1", kStart));
  EXPECT_FALSE(store_.Erase("yours", "resp_1", kStart));
  EXPECT_NE(store_.Find("mine", "resp_1", kStart), nullptr);
}

TEST_F(StoredResponsesTest, FindsTheItemsOfAnAnswerByTheirIds) {
  ASSERT_TRUE(store_.Put("key", Make("resp_1", "", R"({"id":"rs_1","x":"a,}"},{"type":"odd","y":0.5},{"id":"msg_1"})"),
                         kStart));
  EXPECT_EQ(store_.FindItem("key", "rs_1", kStart), R"({"id":"rs_1","x":"a,}"})");
  EXPECT_EQ(store_.FindItem("key", "msg_1", kStart), R"({"id":"msg_1"})");
  EXPECT_FALSE(store_.FindItem("key", "msg_2", kStart));
  ASSERT_TRUE(store_.Erase("key", "resp_1", kStart));
  EXPECT_FALSE(store_.FindItem("key", "msg_1", kStart));
  EXPECT_EQ(store_.bytes(), 0u);
}

TEST_F(StoredResponsesTest, ForgetsWhatIsTooOld) {
  ASSERT_TRUE(store_.Put("key", Make("resp_1"), kStart));
  ASSERT_TRUE(store_.Put("key", Make("resp_2"), kStart + std::chrono::minutes(30)));
  EXPECT_NE(store_.Find("key", "resp_1", kStart + hours(1) - std::chrono::seconds(1)), nullptr);
  EXPECT_EQ(store_.Find("key", "resp_1", kStart + hours(1)), nullptr);
  EXPECT_NE(store_.Find("key", "resp_2", kStart + hours(1)), nullptr);
  EXPECT_EQ(store_.Find("key", "resp_2", kStart + hours(2)), nullptr);
  EXPECT_EQ(store_.bytes(), 0u);
}

TEST_F(StoredResponsesTest, TakesTheOldestFromTheKeyThatUsesMost) {
  ASSERT_TRUE(store_.Put("small", Make("resp_s"), kStart));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(store_.Put("large", Make("resp_" + std::to_string(i), std::string(2000, 'x')), kStart));
    ASSERT_LE(store_.bytes(), kRoom);
  }
  EXPECT_NE(store_.Find("small", "resp_s", kStart), nullptr);
  EXPECT_EQ(store_.Find("large", "resp_0", kStart), nullptr);
  EXPECT_NE(store_.Find("large", "resp_99", kStart), nullptr);
}

TEST_F(StoredResponsesTest, CountsAConversationsTextOnce) {
  const std::string turn(1000, 't');
  ASSERT_TRUE(store_.Put("key", Make("resp_0", turn, turn), kStart));
  for (int i = 1; i < 20; ++i) {
    const StoredResponse previous = *store_.Find("key", "resp_" + std::to_string(i - 1), kStart);
    ASSERT_TRUE(store_.Put("key", After(previous, "resp_" + std::to_string(i), turn, turn), kStart));
  }
  EXPECT_EQ(store_.size(), 20u);
  EXPECT_LT(store_.bytes(), 20 * (2 * turn.size() + 1500)) << "not 20 + 19 + 18 + … times the text";
  const StoredResponse* last = store_.Find("key", "resp_19", kStart);
  EXPECT_EQ(last->Conversation().size(), 40u);
  // What later turns still need outlives the answer that brought it.
  ASSERT_TRUE(store_.Erase("key", "resp_0", kStart));
  EXPECT_EQ(*store_.Find("key", "resp_19", kStart)->Conversation().front(), turn);
}

TEST_F(StoredResponsesTest, KeepsNothingThatIsLargerThanAllOfIt) {
  ASSERT_TRUE(store_.Put("key", Make("resp_1"), kStart));
  EXPECT_FALSE(store_.Put("key", Make("resp_2", std::string(kRoom, 'x')), kStart));
  EXPECT_NE(store_.Find("key", "resp_1", kStart), nullptr) << "others do not pay for it";
  store_.SetLimits({.bytes = 0, .max_age = hours(1)}, kStart);
  EXPECT_EQ(store_.bytes(), 0u);
  EXPECT_FALSE(store_.Put("key", Make("resp_3"), kStart));
}

TEST_F(StoredResponsesTest, ReplacesAKnownId) {
  ASSERT_TRUE(store_.Put("key", Make("resp_1", "a"), kStart));
  ASSERT_TRUE(store_.Put("key", Make("resp_1", "b"), kStart));
  EXPECT_EQ(store_.size(), 1u);
  EXPECT_EQ(*store_.Find("key", "resp_1", kStart)->input, "b");
}

// Whatever is done in whatever order, the count is right: when everything is gone it is zero.
TEST_F(StoredResponsesTest, CountsRightOverAnyHistory) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> ids;
    for (int step = 0; step < 200; ++step) {
      const std::string key = "key" + std::to_string(random() % 3);
      const std::string id = "resp_" + std::to_string(random() % 30);
      const std::string text =
          R"({"id":"msg_)" + std::to_string(random() % 9) + R"(","x":")" + std::string(random() % 3000, 'x') + "\"}";
      const StoredResponse* previous = store_.Find(key, "resp_" + std::to_string(random() % 30), kStart);
      if (random() % 4 == 0) {
        store_.Erase(key, id, kStart);
      } else if (previous != nullptr) {
        store_.Put(key, After(*previous, id, text, text), kStart);
      } else {
        store_.Put(key, Make(id, text, text), kStart);
      }
      ASSERT_LE(store_.bytes(), kRoom);
    }
    for (int key = 0; key < 3; ++key) {
      for (int id = 0; id < 30; ++id) {
        store_.Erase("key" + std::to_string(key), "resp_" + std::to_string(id), kStart);
      }
    }
    ASSERT_EQ(store_.bytes(), 0u);
    ASSERT_EQ(store_.size(), 0u);
  }
}

}  // namespace
}  // namespace patchbay::frontend
