#include "workers/frontend/http/listeners.h"

#include <gtest/gtest.h>

namespace patchbay::frontend {
namespace {

TEST(Listeners, AskForKeysWhereOthersReachAndChangeNothingWhenTheyRefuse) {
  Listeners listeners({{"http", {{"192.0.2.1", 8080, {}}}}, {"http-file", {{"", 0, "/run/a.sock"}}}});
  ListenerSettings http, file;
  http.name = "http";
  http.setting = "frontend";
  file.name = "http-file";
  file.require_key = false;
  ASSERT_TRUE(listeners.Apply({http, file}).ok());
  EXPECT_FALSE(listeners.keyless(0));
  ASSERT_TRUE(listeners.keyless(1));
  EXPECT_EQ(listeners.keyless(1)->id, "listener:http-file");
  http.require_key = false;
  file.require_key = true;
  const auto refused = listeners.Apply({http, file});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message,
              HasSubstr("frontend.require_key: would let everybody who reaches 192.0.2.1:8080"));
  EXPECT_TRUE(listeners.keyless(1)) << "the rules are all taken, or none";
  http.require_key = true;
  http.tls.certificate = http.tls.key = "/nowhere.pem";
  EXPECT_THAT(listeners.Apply({http, file}).error().message, HasSubstr("frontend.tls: cannot read /nowhere.pem"));
  EXPECT_TRUE(listeners.keyless(1));
}

}  // namespace
}  // namespace patchbay::frontend
