// What a client can make the decoder do is bounded by what it sends, not by its square.
#include <gtest/gtest.h>

#include "workers/frontend/dialects/gemini/call_ids.h"
#include "workers/frontend/dialects/gemini/request_decoder.h"

namespace patchbay::frontend::gemini {
namespace {

TEST(CallIds, AreUniqueHoweverOftenOneIsGiven) {
  CallIds ids;
  std::set<std::string> seen;
  for (int i = 0; i < 100'000; ++i) seen.insert(ids.Open(i % 2 == 0 ? "" : "same", "f"));
  EXPECT_EQ(seen.size(), 100'000u);
  for (int i = 0; i < 100'000; ++i) seen.erase(ids.Close(i % 2 == 0 ? "" : "same", "f"));
  EXPECT_TRUE(seen.empty());
}

TEST(CallIds, DoNotCollideWithOnesThatLookLikeOurs) {
  CallIds ids;
  EXPECT_EQ(ids.Open("call_0", "f"), "call_0");
  EXPECT_EQ(ids.Open("", "f"), "call_1");
  EXPECT_EQ(ids.Open("call_1", "f"), "call_1_1");
  EXPECT_EQ(ids.Close("call_1", "f"), "call_1_1");
  EXPECT_EQ(ids.Close("", "f"), "call_0");
  EXPECT_EQ(ids.Close("unknown", "f"), "call_1");
  EXPECT_EQ(ids.Close("unknown", "f"), "unknown");
  EXPECT_EQ(ids.Close("", "f"), "f");
}

TEST(GeminiRequestDecoder, ReportsNoMoreIgnoredFieldsThanAHeaderHolds) {
  std::string body = R"({"contents":[{"parts":[{"text":"Hi"}]}])";
  for (int i = 0; i < 50'000; ++i) body += ",\"field" + std::to_string(i) + "\":1";
  const auto decoded = DecodeRequest(body + "}", "m");
  ASSERT_TRUE(decoded.ok());
  EXPECT_LE(decoded->ignored.size(), 64u);
}

TEST(GeminiRequestDecoder, TakesAWideSchema) {
  std::string properties, required;
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "\"p" + std::to_string(i) + "\"";
    properties += (i == 0 ? "" : ",") + name + R"(:{"type":"STRING"})";
    required += (i == 0 ? "" : ",") + name;
  }
  const auto decoded =
      DecodeRequest(R"({"contents":[{"parts":[{"text":"Hi"}]}],"generationConfig":{"responseSchema":)"
                    R"({"type":"OBJECT","properties":{)" +
                        properties + R"(},"required":[)" + required + R"(],"propertyOrdering":[)" + required + "]}}}",
                    "m");
  ASSERT_TRUE(decoded.ok());
  EXPECT_TRUE(decoded->request.output_format().strict()) << "whether it can be kept is the provider's affair";
}

}  // namespace
}  // namespace patchbay::frontend::gemini
