#include "lib/pki/identity.h"

#include <gtest/gtest.h>

namespace patchbay::pki {
namespace {

TEST(Identity, ComesBackFromItsUri) {
  for (const roster::Role role : {roster::Role::kOllama, roster::Role::kProgram}) {
    const Identity identity{role, "a-1"};
    EXPECT_EQ(ParseUri(UriOf(identity)).value(), identity);
  }
}

TEST(Identity, IsNobodysOfAnotherUri) {
  for (const char* uri : {"", "https://x", "patchbay:gateway/", "patchbay:gateway/ollama", "patchbay:gateway/ollama/",
                          "patchbay:gateway/operator/x", "patchbay:gateway/frontend/x", "patchbay:gateway/ollama/A"}) {
    EXPECT_EQ(ParseUri(uri).ok(), false) << uri;
  }
}

}  // namespace
}  // namespace patchbay::pki
