#include "workers/accounts/providers/token_request.h"

#include <gtest/gtest.h>

namespace patchbay::accounts {
namespace {

TEST(TokenRequest, IsAFormInItsOrder) {
  const TokenRequest request = WriteTokenRequest("form", {{"b", "x y&z"}, {"none", ""}, {"a", "ü"}});
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body.Reveal(), "b=x%20y%26z&a=%C3%BC");
}

TEST(TokenRequest, IsJsonInItsOrder) {
  const TokenRequest request = WriteTokenRequest("json", {{"b", "x\"y"}, {"none", ""}, {"a", "z"}});
  EXPECT_EQ(request.content_type, "application/json");
  EXPECT_EQ(request.body.Reveal(), R"({"b":"x\"y","a":"z"})");
}

}  // namespace
}  // namespace patchbay::accounts
