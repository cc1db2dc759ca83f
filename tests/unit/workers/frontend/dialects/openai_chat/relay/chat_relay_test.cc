#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workers/frontend/dialects/openai_chat/dialect.h"
#include "workers/frontend/dialects/openai_chat/relay/chat_bytes.h"
#include "workers/frontend/dialects/openai_chat/relay/chat_replies.h"

namespace patchbay::frontend::openai_chat {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kChatBody = R"({ "model":"m", "messages":[{"role":"user","content":"caf\u00e9"}],"other":1.50})";

Result<DecodedCall> DecodeChat(std::string body) {
  DialectRequest request;
  request.body = std::move(body);
  request.unique = "u";
  return MakeDialect()->Decode(std::move(request));
}

CallRoute RelayTo(const std::string& dialect) {
  CallRoute route;
  route.relay = true;
  route.provider_dialect = dialect;
  return route;
}

TEST(ChatBytes, PassAsTheyCameButForWhatTheGrantDecided) {
  const auto decoded = DecodeChat(kChatBody);
  ASSERT_TRUE(decoded.ok());
  const auto& bytes = decoded->call.payload.bytes;
  ASSERT_NE(bytes, nullptr);
  EXPECT_EQ(bytes->dialect(), "openai_chat");
  GrantTerms terms;
  terms.model = "m";
  EXPECT_EQ(*bytes->Relayed(terms)->body, kChatBody);
  terms.model = "wire";
  terms.reasoning_effort = "high";
  EXPECT_EQ(
      *bytes->Relayed(terms)->body,
      R"({"reasoning_effort":"high", "model":"wire", "messages":[{"role":"user","content":"caf\u00e9"}],"other":1.50})");
}

TEST(ChatBytes, GetAnotherEffortWhereverTheySayTheirs) {
  const auto lowered = [](const std::string& says) {
    const auto decoded = DecodeChat(R"({"model":"m","messages":[{"role":"user","content":"x"}],)" + says + "}");
    EXPECT_TRUE(decoded.ok()) << says;
    GrantTerms terms;
    terms.model = "m";
    terms.reasoning_effort = "low";
    const std::string body = *decoded->call.payload.bytes->Relayed(terms)->body;
    return body.substr(body.find(R"("x"}],)") + 6);
  };
  EXPECT_EQ(lowered(R"("reasoning_effort":"max")"), R"("reasoning_effort":"low"})");
  EXPECT_EQ(lowered(R"("reasoning":{"effort":"max","exclude":true})"),
            R"("reasoning":{"effort":"low","exclude":true}})");
  EXPECT_EQ(lowered(R"("reasoning":{"max_tokens":60000,"exclude":true})"),
            R"("reasoning":{"effort":"low","exclude":true}})");
  EXPECT_EQ(lowered(R"("reasoning":{"effort":"max"},"reasoning_effort":"max")"),
            R"("reasoning":{"effort":"low"},"reasoning_effort":"low"})");
}

TEST(ChatBytes, AreNotOfferedWhereTwoPlacesSayDifferentEfforts) {
  for (const char* says :
       {R"("reasoning_effort":"low","reasoning":{"effort":"max"})",
        R"("reasoning":{"effort":"max"},"reasoning_effort":"low")",
        R"("reasoning_effort":"low","reasoning":{"max_tokens":60000})",
        R"("reasoning":{"effort":"low","max_tokens":60000})", R"("reasoning":{"effort":"max","effort":"low"})"}) {
    const auto decoded =
        DecodeChat(R"({"model":"m","messages":[{"role":"user","content":"x"}],)" + std::string(says) + "}");
    ASSERT_TRUE(decoded.ok()) << says;
    EXPECT_EQ(decoded->call.payload.bytes, nullptr) << says;
    EXPECT_TRUE(decoded->call.payload.canonical) << says;
  }
}

TEST(ChatBytes, AreNotOfferedWhereOnlyTranslatingMakesSenseOfThem) {
  for (const char* body : {R"({"model":"m","input":"the form of another API"})",
                           R"({"model":"m","model":"m","messages":[{"role":"user","content":"x"}]})",
                           R"({"model":"m","messages":[{"role":"tool","tool_call_id":"c9","content":"late"}]})"}) {
    const auto decoded = DecodeChat(body);
    ASSERT_TRUE(decoded.ok()) << body;
    EXPECT_EQ(decoded->call.payload.bytes, nullptr) << body;
    EXPECT_TRUE(decoded->call.payload.canonical) << body;
  }
}

TEST(ChatReplies, PassAWholeAnswerAsItIs) {
  const auto encoder = DecodeChat(kChatBody)->reply.relayed(RelayTo("openai_chat"));
  std::string out;
  for (const char* piece : {R"({"id":1,)", R"( "choices":[]})"}) ASSERT_TRUE(encoder->Bytes(piece, out).ok());
  ASSERT_TRUE(encoder->End(out).ok());
  EXPECT_EQ(out, R"({"id":1, "choices":[]})");
}

constexpr std::string_view kChunks =
    ": keep-alive\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: [DONE]\n\n";

TEST(ChatReplies, PassAStreamByteForByteHoweverItCame) {
  for (const std::size_t piece : {1u, 7u, 64u, 4096u}) {
    ChatStreamRelay relay(false);
    std::string out;
    for (std::size_t at = 0; at < kChunks.size(); at += piece) {
      const std::size_t before = out.size();
      ASSERT_TRUE(relay.Bytes(kChunks.substr(at, piece), out).ok());
      EXPECT_TRUE(out.size() == before || out.ends_with("\n\n")) << "half an event";
    }
    EXPECT_EQ(out, kChunks);
    relay.Break(Problem(Problem::Kind::kProvider, "late"), out);
    EXPECT_EQ(out, kChunks) << "the provider has ended it itself";
  }
}

TEST(ChatBytes, AskForTheUsageThatTheClientDoesNotAskFor) {
  const auto relayed = [](const std::string& more) {
    const auto decoded = DecodeChat(R"({"model":"m","messages":[{"role":"user","content":"x"}])" + more + "}");
    GrantTerms terms;
    terms.model = "m";
    return *decoded->call.payload.bytes->Relayed(terms)->body;
  };
  EXPECT_THAT(relayed(R"(,"stream":true)"), HasSubstr(R"("stream_options":{"include_usage":true})"));
  EXPECT_THAT(relayed(R"(,"stream":true,"stream_options":null)"),
              HasSubstr(R"("stream_options":{"include_usage":true})"));
  EXPECT_THAT(relayed(R"(,"stream":true,"stream_options":{"include_usage":false,"x":1})"),
              HasSubstr(R"("stream_options":{"include_usage":true,"x":1})"));
  for (const char* said : {"", R"(,"stream":false)", R"(,"stream":true,"stream_options":{"include_usage":true})"}) {
    EXPECT_EQ(relayed(said), R"({"model":"m","messages":[{"role":"user","content":"x"}])" + std::string(said) + "}");
  }
}

TEST(ChatReplies, KeepTheUsageThatTheClientDidNotAskFor) {
  constexpr std::string_view kText =
      "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\r\n\r\n"
      "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}\n\n";
  constexpr std::string_view kUsage = ": so\ndata: {\"choices\": [ ],\"usage\":{\"prompt_tokens\":1}}\n\n";
  constexpr std::string_view kEnd = "data: [DONE]\n\n";
  const std::string all = std::string(kText).append(kUsage).append(kEnd);
  for (const std::size_t piece : {1u, 7u, 64u, 4096u}) {
    for (const bool keeps : {false, true}) {
      ChatStreamRelay relay(keeps);
      std::string out;
      for (std::size_t at = 0; at < all.size(); at += piece) ASSERT_TRUE(relay.Bytes(all.substr(at, piece), out).ok());
      EXPECT_EQ(out, keeps ? std::string(kText).append(kEnd) : all) << "in pieces of " << piece;
    }
  }
}

TEST(ChatReplies, CarryOutputFromTheFirstDeltaThatSaysSomething) {
  const auto carries = [](std::string_view delta, std::string_view reason = "null") {
    ChatStreamRelay relay(false);
    std::string out;
    return *relay.Bytes("data: {\"choices\":[{\"delta\":" + std::string(delta) +
                            ",\"finish_reason\":" + std::string(reason) + "}]}\n\n",
                        out);
  };
  EXPECT_FALSE(carries(R"({"role":"assistant","content":null})"));
  EXPECT_FALSE(carries(R"({"content":"","tool_calls":[]})"));
  EXPECT_TRUE(carries(R"({"content":"x"})"));
  EXPECT_TRUE(carries(R"({"reasoning_content":"x"})"));
  EXPECT_TRUE(carries(R"({"tool_calls":[{"index":0}]})"));
  EXPECT_TRUE(carries("{}", "\"stop\""));
}

TEST(ChatReplies, TellABreakOnceInTheProtocolsOwnError) {
  ChatStreamRelay relay(false);
  std::string out;
  ASSERT_TRUE(relay.Bytes("data: {\"choices\":[]}\n\ndata: {\"cho", out).ok());
  relay.Break(Problem(Problem::Kind::kProvider, "it broke"), out);
  EXPECT_THAT(out, StartsWith("data: {\"choices\":[]}\n\ndata: {\"error\":{"));
  EXPECT_THAT(out, HasSubstr("it broke"));
}

}  // namespace
}  // namespace patchbay::frontend::openai_chat
