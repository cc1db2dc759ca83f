// Every folder of tests/golden/anthropic: request.json → canonical.txtpb, events.txtpb → stream.sse and response.json.
// An answer that breaks off has its failure in failure.txtpb.
#include "lib/testing/golden.h"

#include "tests/unit/workers/frontend/dialects/anthropic/reply_testing.h"
#include "tests/unit/workers/frontend/dialects/canonical_golden.h"
#include "workers/frontend/dialects/anthropic/error_encoder.h"

namespace patchbay::frontend::anthropic {
namespace {

class MessagesGolden : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  void ExpectGolden(std::string_view file, std::string_view actual) {
    frontend::ExpectGolden(GetParam(), file, actual);
  }
};

std::string Describe(const Result<DecodedRequest>& decoded) {
  if (!decoded.ok()) return Described(decoded.error());
  std::string facts;
  if (decoded->stream) facts += "# stream\n";
  if (decoded->reply.thinking) facts += decoded->reply.omit_thinking ? "# thinking omitted\n" : "# thinking shown\n";
  if (!decoded->affinity.empty()) facts += "# affinity: " + decoded->affinity + "\n";
  facts += Listed("ignored", decoded->ignored);
  facts += Listed("repaired", decoded->repaired);
  std::vector<std::string> wishes;
  for (const auto& wish : decoded->wishes) wishes.push_back(wish.field);
  facts += Listed("wishes", wishes);
  return Described(decoded->request, facts);
}

class MessagesGoldenRequest : public MessagesGolden {};
class MessagesGoldenReply : public MessagesGolden {};

TEST_P(MessagesGoldenRequest, IsDecoded) {
  ExpectGolden("canonical.txtpb", Describe(DecodeRequest(*testing::ReadGolden(GetParam(), "request.json"))));
}

TEST_P(MessagesGoldenReply, IsStreamed) {
  EventEncoder encoder(Identity(), OptionsOf(GetParam()));
  std::string stream;
  for (const auto& event : GoldenEvents(GetParam())) {
    const auto encoded = encoder.Encode(event, stream);
    if (encoded.ok()) continue;
    encoder.EncodeBreak(ProblemOf(encoded.error()), stream);  // as the engine would
    break;
  }
  if (const auto failure = GoldenFailure(GetParam())) {
    EXPECT_FALSE(encoder.ended());
    encoder.EncodeBreak(*failure, stream);
  }
  ExpectGolden("stream.sse", stream);
}

TEST_P(MessagesGoldenReply, IsCollected) {
  ResponseEncoder encoder(Identity(), OptionsOf(GetParam()));
  for (const auto& event : GoldenEvents(GetParam())) {
    const auto added = encoder.Add(event);
    if (!added.ok()) return ExpectGolden("response.json", EncodeError(ProblemOf(added.error())).body + "\n");
  }
  const auto body = encoder.Encode();
  if (const auto failure = GoldenFailure(GetParam())) {
    EXPECT_FALSE(body.ok()) << "an end was invented";
    return ExpectGolden("response.json", EncodeError(*failure).body + "\n");
  }
  ASSERT_TRUE(body.ok());
  ExpectGolden("response.json", *body + "\n");
}

INSTANTIATE_TEST_SUITE_P(Anthropic, MessagesGoldenRequest,
                         ::testing::ValuesIn(GoldenCasesWith("anthropic", "request.json")), GoldenName);
INSTANTIATE_TEST_SUITE_P(Anthropic, MessagesGoldenReply,
                         ::testing::ValuesIn(GoldenCasesWith("anthropic", "events.txtpb")), GoldenName);

}  // namespace
}  // namespace patchbay::frontend::anthropic
