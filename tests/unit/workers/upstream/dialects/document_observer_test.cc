#include "workers/upstream/dialects/document_observer.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(DocumentObserver, SeesTheEndOfTheObjectHoweverItCame) {
  const std::string document = R"( {"output":"a } \" ] \\","results":[{"x":{}},"}"],"n":1} )";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, document.size()}) {
    DocumentObserver observer;
    std::size_t ended_at = 0;
    for (std::size_t at = 0; at < document.size(); at += piece) {
      ASSERT_TRUE(observer.Feed(std::string_view(document).substr(at, piece)).ok());
      if (observer.summary().ended && ended_at == 0) ended_at = std::min(at + piece, document.size());
    }
    EXPECT_GE(ended_at, document.size() - 1) << piece;
    EXPECT_FALSE(observer.summary().has_usage);
  }
}

TEST(DocumentObserver, HasNotSeenTheEndOfACutOne) {
  DocumentObserver observer;
  ASSERT_TRUE(observer.Feed(R"({"output":"}")").ok());
  EXPECT_FALSE(observer.summary().ended);
}

TEST(DocumentObserver, RefusesWhatIsNoObjectAndWhatStandsBehindIt) {
  for (const char* text : {"[]", "\"x\"", "<html>", "{} {}", "{}x"}) {
    DocumentObserver observer;
    EXPECT_EQ(observer.Feed(text).error().code, ErrorCode::kProtocol) << text;
  }
}

TEST(DocumentObserver, RefusesOneThatIsTooLong) {
  DocumentObserver observer;
  const std::string megabyte(1 << 20, ' ');
  for (std::size_t i = 0; i < kMaxDocumentBytes / megabyte.size(); ++i) ASSERT_TRUE(observer.Feed(megabyte).ok());
  EXPECT_EQ(observer.Feed(" ").error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace patchbay::upstream
