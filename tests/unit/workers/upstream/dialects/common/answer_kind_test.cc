#include "workers/upstream/dialects/common/answer_kind.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/workers/upstream/dialects/golden.h"

namespace patchbay::upstream {
namespace {

TEST(AnswerKind, IsKnownByTheOutermostMembers) {
  EXPECT_EQ(KindOfAnswer(R"({"id":"c","object":"chat.completion.chunk","choices":[]})"), AnswerKind::kChat);
  EXPECT_EQ(KindOfAnswer(R"({"choices":[{"delta":{"type":"message"}}]})"), AnswerKind::kChat);
  EXPECT_EQ(KindOfAnswer(R"( {"type":"response.created","response":{}})"), AnswerKind::kResponses);
  EXPECT_EQ(KindOfAnswer(R"({"id":"resp_1","object":"response"})"), AnswerKind::kResponses);
  EXPECT_EQ(KindOfAnswer(R"({"type":"message_start","message":{"type":"message"}})"), AnswerKind::kMessages);
  EXPECT_EQ(KindOfAnswer(R"({"id":"msg_1","type":"message","content":[]})"), AnswerKind::kMessages);
  EXPECT_EQ(KindOfAnswer(R"([{"candidates":[]}])"), AnswerKind::kGemini);
  EXPECT_EQ(KindOfAnswer(R"({"model":"m","message":{"role":"assistant"},"done":false})"), AnswerKind::kOllama);
}

TEST(AnswerKind, IsNotKnownByWhatIsInsideOrLikeIt) {
  for (const char* json :
       {"", "{}", "[]", R"({"error":{"type":"message","choices":1}})", R"({"a":"choices"})",
        R"({"data":[{"object":"response"}]})", R"({"type":"ping"})", R"({"\"choices":1})", "<html>"}) {
    EXPECT_EQ(KindOfAnswer(json), AnswerKind::kUnknown) << json;
  }
}

TEST(AnswerKind, IsKnownByTheBeginningOfADocumentHoweverItComes) {
  const std::string json = R"({"id":"a \" \\","content":[{"type":"text"}],"type":"message","role":"assistant"})";
  const std::size_t known = json.find("message") + 8;  // with the quote behind it
  for (std::size_t size = 1; size <= json.size(); ++size) {
    FirstWords words;
    for (std::size_t at = 0; at < json.size(); at += size) {
      words.Feed(std::string_view(json).substr(at, size));
      EXPECT_EQ(words.undecided(), std::min(at + size, json.size()) < known);
    }
    EXPECT_EQ(words.kind(), AnswerKind::kMessages);
  }
}

TEST(AnswerKind, IsKnownByTheFirstEventThatTells) {
  FirstWords words;
  words.Feed(": keep-alive\r\n\r\nevent: ping\ndata: {\"type\"");
  EXPECT_TRUE(words.undecided());
  words.Feed(":\"ping\"}\n\n");
  EXPECT_FALSE(words.undecided()) << "an event has come";
  EXPECT_EQ(words.kind(), AnswerKind::kUnknown);
  words.Feed("data: {\"choices\":[]}\n");
  EXPECT_EQ(words.kind(), AnswerKind::kChat);
}

TEST(AnswerKind, IsNotLookedForWithoutEnd) {
  FirstWords words;
  words.Feed(std::string(FirstWords::kMaxBytes - 1, ' '));
  EXPECT_TRUE(words.undecided());
  words.Feed("  {\"choices\":[]}");
  EXPECT_FALSE(words.undecided());
  EXPECT_EQ(words.kind(), AnswerKind::kUnknown);
}

// Of all that the golden cases of the dialects tell of their own providers nothing is taken for another one's.
TEST(AnswerKind, OfEveryGoldenStreamIsItsOwn) {
  const auto expect = [](const std::filesystem::path& root, AnswerKind own) {
    for (const std::string& name : CasesIn(root, "stream.sse")) {
      FirstWords words;
      words.Feed(ReadAll(root / name / "stream.sse"));
      EXPECT_TRUE(words.kind() == own || words.kind() == AnswerKind::kUnknown) << name << ": " << NameOf(words.kind());
    }
  };
  expect("tests/golden/openai_chat_provider", AnswerKind::kChat);
  expect("tests/golden/codex", AnswerKind::kResponses);
}

}  // namespace
}  // namespace patchbay::upstream
