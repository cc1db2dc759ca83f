#include "workers/ollama/server/router.h"

#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

TEST(Router, HasTheRoutesOfTheRealServer) {
  EXPECT_EQ(Find("GET", "/"), Action::kRoot);
  EXPECT_EQ(Find("HEAD", "/"), Action::kRoot);
  EXPECT_EQ(Find("HEAD", "/api/version"), Action::kVersion);
  EXPECT_EQ(Find("POST", "/api/chat"), Action::kChat);
  EXPECT_EQ(Find("DELETE", "/api/delete"), Action::kDelete);
  EXPECT_EQ(Find("HEAD", "/api/blobs/sha256:1"), Action::kFindBlob);
  EXPECT_EQ(Find("POST", "/v1/messages"), Action::kRelay);
  EXPECT_EQ(Find("GET", "/v1/models"), Action::kRelay);
  EXPECT_EQ(Find("OPTIONS", "/api/chat"), Action::kPreflight);
}

TEST(Router, TellsAMethodFromAPathThatThereIsNot) {
  EXPECT_EQ(Find("GET", "/api/chat"), Action::kMethodNotAllowed);
  EXPECT_EQ(Find("POST", "/api/ps"), Action::kMethodNotAllowed);
  EXPECT_EQ(Find("HEAD", "/api/ps"), Action::kMethodNotAllowed);
  EXPECT_EQ(Find("GET", "/api/nothing"), Action::kNotFound);
  EXPECT_EQ(Find("GET", "/api/blobs/"), Action::kNotFound);
  EXPECT_EQ(Find("GET", "/v1"), Action::kNotFound);
}

}  // namespace
}  // namespace patchbay::ollama
