#include "workers/upstream/dialects/common/openai_headers.h"

#include <gtest/gtest.h>

namespace patchbay::upstream {
namespace {

TEST(OpenAiHeaders, AreThoseThatAreAboutTheAnswer) {
  for (const char* name : {"content-type", "openai-processing-ms", "openai-version", "retry-after", "x-request-id",
                           "x-ratelimit-remaining-tokens"}) {
    EXPECT_TRUE(IsOpenAiHeader(name)) << name;
  }
}

TEST(OpenAiHeaders, DoNotTellWhoseAccountItIs) {
  for (const char* name : {"openai-organization", "openai-project", "set-cookie", "cf-ray", "server"}) {
    EXPECT_FALSE(IsOpenAiHeader(name)) << name;
  }
}

}  // namespace
}  // namespace patchbay::upstream
