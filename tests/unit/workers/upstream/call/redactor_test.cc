#include "workers/upstream/call/redactor.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

constexpr std::string_view kToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl";

std::string Redacted(std::string text, std::vector<std::string> secrets = {std::string(kToken)}) {
  std::vector<Secret> wrapped;
  for (std::string& secret : secrets) wrapped.emplace_back(std::move(secret));
  Redactor(std::move(wrapped)).Redact(text);
  return text;
}

TEST(Redactor, ReplacesAWholeSecretWhereverItStands) {
  const std::string token(kToken);
  EXPECT_EQ(Redacted(token), "‹redacted›");
  EXPECT_EQ(Redacted("bad token Bearer " + token + ", sorry"), "bad token Bearer ‹redacted›, sorry");
  EXPECT_EQ(Redacted(token + " " + token), "‹redacted› ‹redacted›");
}

TEST(Redactor, LeavesOtherTextAsItIs) {
  for (const char* text : {"", "x", "The usage limit has been reached", "eyJhbGciOiJ"}) EXPECT_EQ(Redacted(text), text);
  EXPECT_EQ(Redacted("anything", {}), "anything");
}

TEST(Redactor, ReplacesWhatIsLeftOfASecretThatWasCut) {
  for (std::size_t from = 0; from < kToken.size(); ++from) {
    for (std::size_t size = Redactor::kPieceBytes; from + size <= kToken.size(); ++size) {
      EXPECT_EQ(Redacted("<" + std::string(kToken.substr(from, size)) + ">"), "<‹redacted›>") << from << "+" << size;
    }
  }
}

TEST(Redactor, FindsEachOfSeveralSecrets) {
  EXPECT_EQ(Redacted("a=cookie-one; b=" + std::string(kToken), {std::string(kToken), "cookie-one"}),
            "a=‹redacted›; b=‹redacted›");
}

TEST(Redactor, TakesNoShortWordForASecret) { EXPECT_EQ(Redacted("a dead end", {"dead", ""}), "a dead end"); }

TEST(Redactor, GoesThroughEveryWordOfAFailure) {
  inference::v1::Failure failure;
  const std::string token(kToken);
  failure.set_code(token);
  failure.set_type(token);
  failure.set_message("Bearer " + token);
  failure.set_param(token);
  failure.set_body(R"({"error":{"message":"Bearer )" + token + R"("}})");
  failure.set_body_content_type(token);
  failure.set_provider_request_id(token);
  Redactor({Secret(token)}).Redact(failure);
  EXPECT_EQ(failure.SerializeAsString().find(token), std::string::npos);
  EXPECT_EQ(failure.message(), "Bearer ‹redacted›");
  EXPECT_EQ(failure.body(), R"({"error":{"message":"Bearer ‹redacted›"}})");
}

// A secret need not be ASCII, and a piece of it may begin inside a character.
TEST(Redactor, KeepsTextValid) {
  inference::v1::Failure failure;
  failure.set_message(
      "x\xc3\xbc"
      "0123456789abcdefy");
  Redactor({Secret("\xbc"
                   "0123456789abcdef")})
      .Redact(failure);
  EXPECT_EQ(failure.message(), "‹redacted›");
}

}  // namespace
}  // namespace patchbay::upstream
