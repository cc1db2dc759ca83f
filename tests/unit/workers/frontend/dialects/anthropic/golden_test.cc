// Every folder of tests/golden/anthropic: request.json → canonical.txtpb, events.txtpb → stream.sse and response.json.
#include "lib/testing/golden.h"

#include "tests/unit/workers/frontend/dialects/anthropic/reply_testing.h"
#include "workers/frontend/dialects/anthropic/error_encoder.h"

namespace patchbay::frontend::anthropic {
namespace {

class MessagesGolden : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  void ExpectGolden(std::string_view file, std::string_view actual) {
    const auto matched = testing::MatchGolden(GetParam(), file, actual);
    EXPECT_TRUE(matched.ok()) << matched.error().message;
  }
};

std::string Listed(std::string_view title, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::string text = "# " + std::string(title) + ":";
  for (const auto& word : words) text.append(" ").append(word);
  return text + "\n";
}

std::string Describe(const Result<DecodedRequest>& decoded) {
  if (!decoded.ok()) {
    const Error& error = decoded.error();
    return "# error: " + std::string(ToString(error.code)) + " at " + error.where + ": " + error.message + "\n";
  }
  std::string text = "# proto-message: patchbay.inference.v1.GenerateRequest\n";
  if (decoded->stream) text += "# stream\n";
  if (decoded->reply.thinking) text += decoded->reply.omit_thinking ? "# thinking omitted\n" : "# thinking shown\n";
  if (!decoded->affinity.empty()) text += "# affinity: " + decoded->affinity + "\n";
  text += Listed("stops", decoded->reply.stops);
  text += Listed("ignored", decoded->ignored);
  text += Listed("repaired", decoded->repaired);
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  text += Listed("wishes", wishes);
  std::string fields;
  google::protobuf::TextFormat::PrintToString(decoded->request, &fields);
  return text + fields;
}

class MessagesGoldenRequest : public MessagesGolden {};
class MessagesGoldenReply : public MessagesGolden {};

TEST_P(MessagesGoldenRequest, IsDecoded) {
  ExpectGolden("canonical.txtpb", Describe(DecodeRequest(*testing::ReadGolden(GetParam(), "request.json"))));
}

TEST_P(MessagesGoldenReply, IsStreamed) {
  EventEncoder encoder(Identity(), OptionsOf(GetParam()));
  std::string stream;
  for (const auto& event : EventsOf(GetParam())) {
    const auto encoded = encoder.Encode(event, stream);
    if (encoded.ok()) continue;
    encoder.EncodeBreak(ProblemOf(encoded.error()), stream);  // as the engine would
    break;
  }
  EXPECT_TRUE(encoder.ended());
  ExpectGolden("stream.sse", stream);
}

TEST_P(MessagesGoldenReply, IsCollected) {
  ResponseEncoder encoder(Identity(), OptionsOf(GetParam()));
  for (const auto& event : EventsOf(GetParam())) {
    const auto added = encoder.Add(event);
    if (!added.ok()) return ExpectGolden("response.json", EncodeError(ProblemOf(added.error())).body + "\n");
  }
  if (encoder.problem()) return ExpectGolden("response.json", EncodeError(*encoder.problem()).body + "\n");
  const auto body = encoder.Encode();
  ASSERT_TRUE(body.ok());
  ExpectGolden("response.json", *body + "\n");
}

INSTANTIATE_TEST_SUITE_P(Anthropic, MessagesGoldenRequest, ::testing::ValuesIn(CasesWith("request.json")), CaseName);
INSTANTIATE_TEST_SUITE_P(Anthropic, MessagesGoldenReply, ::testing::ValuesIn(CasesWith("events.txtpb")), CaseName);

}  // namespace
}  // namespace patchbay::frontend::anthropic
