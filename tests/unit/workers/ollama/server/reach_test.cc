#include "workers/ollama/server/reach.h"

#include <gtest/gtest.h>

namespace patchbay::ollama {
namespace {

config::v1::Ollama Section(bool allow_remote, const std::string& listen = "127.0.0.1:11434") {
  config::v1::Ollama section;
  section.set_allow_remote(allow_remote);
  section.set_listen(listen);
  return section;
}

Reach At(const std::vector<std::string>& addresses, const config::v1::Ollama& section) {
  std::vector<net::ListenAddress> bound;
  for (const auto& address : addresses) bound.push_back(net::ParseListenAddress(address).value());
  return Reach(std::move(bound), section);
}

TEST(Reach, IsThisMachinesUnlessTheOperatorSaysMore) {
  for (const char* address : {"127.0.0.1:11434", "[::1]:11434"}) {
    EXPECT_TRUE(At({address}, Section(false)).CheckStart(Section(false)).ok()) << address;
  }
  const Reach everywhere = At({"127.0.0.1:1", "0.0.0.0:11434"}, Section(true));
  EXPECT_TRUE(everywhere.CheckStart(Section(true)).ok());
  const auto refused = everywhere.CheckStart(Section(false));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(refused.error().message.find("0.0.0.0"), std::string::npos) << refused.error().message;
}

// The socket may be systemd's, so that the configuration's own check finds nothing wrong.
TEST(Reach, IsNotTakenBackFromABridgeThatGoesOnListening) {
  const Reach everywhere = At({"0.0.0.0:11434"}, Section(true));
  EXPECT_TRUE(everywhere.CheckReload(Section(true)).ok());
  EXPECT_EQ(everywhere.CheckReload(Section(false)).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(everywhere.CheckReload(Section(false, "127.0.0.1:1")).ok()) << "it moves when patchbayd starts again";
}

}  // namespace
}  // namespace patchbay::ollama
