#include "lib/pki/client_list.h"

#include <gtest/gtest.h>

#include <fstream>

#include "lib/base/random.h"

namespace patchbay::pki {
namespace {

class ClientListTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  void Write(const std::string& text) { std::ofstream(file_) << text; }

  const std::filesystem::path file_ = std::filesystem::temp_directory_path() / RandomId("patchbay-clients-");
};

TEST_F(ClientListTest, ReadsWhatItWrites) {
  const std::vector<ListedClient> clients = {
      {{roster::Role::kOllama, "kitchen"}, "4F01", WallTime(std::chrono::seconds(9))},
      {{roster::Role::kProgram, "ci"}, "4F02", WallTime(std::chrono::seconds(10))}};
  Write(FormatClients(clients));
  const auto read = ReadClients(file_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(FormatClients(*read), FormatClients(clients));
  EXPECT_EQ(read->at(1).identity, clients[1].identity);
}

TEST_F(ClientListTest, LetsNobodyInWithoutAFileAndWithOneThatIsDamaged) {
  ClientList list(file_);
  EXPECT_EQ(list.Check({roster::Role::kOllama, "kitchen"}, "4F01").error().code, ErrorCode::kPermissionDenied);
  Write("4F01 ollama kitchen 9\n4F02 prog");
  EXPECT_EQ(list.Check({roster::Role::kOllama, "kitchen"}, "4F01").error().code, ErrorCode::kUnavailable);
  std::filesystem::remove(file_);
  Write("4F01 ollama kitchen 9\n");
  EXPECT_TRUE(list.Check({roster::Role::kOllama, "kitchen"}, "4F01").ok());
}

}  // namespace
}  // namespace patchbay::pki
