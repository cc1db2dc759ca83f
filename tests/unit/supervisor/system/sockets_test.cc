#include "supervisor/system/sockets.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "lib/net/listen_address.h"
#include "tests/unit/supervisor/scratch.h"

namespace patchbay::supervisor {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

bool CanConnect(const std::filesystem::path& path) {
  const Descriptor client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

// A listening socket as systemd would pass one.
Descriptor Listening() {
  Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(listen(fd.get(), 1), 0);
  return fd;
}

AddressSpec At(const std::string& name, const std::string& address) {
  AddressSpec spec;
  spec.name = name;
  spec.address = address;
  spec.setting = name + ".listen";
  spec.cure = "the cure";
  return spec;
}

TEST(SocketSet, TellsTheRealPortOfPortZero) {
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenAddress(At("http", "127.0.0.1:0")).ok());
  EXPECT_THAT(sockets.Find("http")->address, StartsWith("127.0.0.1:"));
  EXPECT_NE(sockets.Find("http")->address, "127.0.0.1:0");
}

TEST(SocketSet, SaysWhoseAddressIsInUse) {
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenAddress(At("http", "127.0.0.1:0")).ok());
  SocketSet others;
  const Result<void> second = others.OpenAddress(At("ollama", sockets.Find("http")->address));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr(sockets.Find("http")->address));
}

TEST(SocketSet, LetsGoOfAnAddressButNotOfSystemds) {
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenAddress(At("http", "127.0.0.1:0")).ok());
  const std::string address = sockets.Find("http")->address;
  sockets.CloseAddress("http");
  sockets.CloseAddress("nobody");
  EXPECT_EQ(sockets.Find("http"), nullptr);
  EXPECT_TRUE(sockets.OpenAddress(At("http", address)).ok()) << "another may have it now";
  sockets.AddPassed("ollama", Listening(), /*stored=*/false);
  EXPECT_TRUE(sockets.IsActivated("ollama"));
  ASSERT_TRUE(sockets.OpenAddress(At("ollama", "127.0.0.1:0")).ok());
  EXPECT_FALSE(sockets.IsActivated("ollama")) << "it is taken";
  sockets.CloseAddress("ollama");
  EXPECT_NE(sockets.Find("ollama"), nullptr);
}

TEST(SocketSet, RemovesTheFileOfAUnixSocketThatItLetsGo) {
  const ScratchDirectory scratch;
  const auto path = scratch.path() / "clients.sock";
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenAddress(At("http", "unix:" + path.string())).ok());
  EXPECT_TRUE(CanConnect(path));
  sockets.CloseAddress("http");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SocketSet, RefusesWhatIsNotAnAddress) {
  for (const char* address : {"", "8080x", "127.0.0.1", "example.com:80", "127.0.0.1:99999", "[::1:80"}) {
    SocketSet sockets;
    EXPECT_FALSE(sockets.OpenAddress(At("http", address)).ok()) << address;
  }
}

TEST(SocketSet, MakesUnixSocketsThatOnlyTheOwnerMayOpen) {
  const ScratchDirectory scratch;
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenUnix("accounts.sock", scratch.path()).ok());
  struct stat facts {};
  ASSERT_EQ(stat((scratch.path() / "accounts.sock").c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(sockets.Find("accounts.sock")->address, "unix:" + (scratch.path() / "accounts.sock").string());
}

TEST(SocketSet, TakesTheNameOfASocketThatADeadPredecessorLeft) {
  const ScratchDirectory scratch;
  {
    SocketSet dead;
    ASSERT_TRUE(dead.OpenUnix("a.sock", scratch.path()).ok());
  }
  EXPECT_FALSE(CanConnect(scratch.path() / "a.sock"));
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenUnix("a.sock", scratch.path()).ok());
  EXPECT_TRUE(CanConnect(scratch.path() / "a.sock"));
}

TEST(SocketSet, DoesNotDeleteAFileThatIsNotASocket) {
  const ScratchDirectory scratch;
  std::ofstream(scratch.path() / "a.sock") << "precious";
  SocketSet sockets;
  EXPECT_FALSE(sockets.OpenUnix("a.sock", scratch.path()).ok());
  EXPECT_TRUE(std::filesystem::is_regular_file(scratch.path() / "a.sock"));
}

TEST(SocketSet, SaysThatAPathIsTooLongForTheKernel) {
  const ScratchDirectory scratch;
  const auto deep = scratch.path() / std::string(100, 'd');
  std::filesystem::create_directory(deep);
  SocketSet sockets;
  const Result<void> opened = sockets.OpenUnix("accounts.sock", deep);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(opened.error().message, HasSubstr("--runtime-dir"));
}

TEST(SocketSet, OpensEverythingCloseOnExec) {
  const ScratchDirectory scratch;
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenAddress(At("http", "127.0.0.1:0")).ok());
  ASSERT_TRUE(sockets.OpenUnix("a.sock", scratch.path()).ok());
  for (const ListeningSocket* socket : sockets.All()) {
    EXPECT_NE(fcntl(socket->descriptor.get(), F_GETFD) & FD_CLOEXEC, 0) << socket->name;
  }
}

TEST(SocketSet, UsesASocketThatSystemdActivatedWhateverTheConfigurationSays) {
  SocketSet sockets;
  Descriptor passed = Listening();
  const int fd = passed.get();
  sockets.AddPassed("http", std::move(passed), false);
  ASSERT_TRUE(sockets.OpenAddress(At("http", "127.0.0.1:1")).ok());
  EXPECT_EQ(sockets.descriptor("http"), fd);
  EXPECT_EQ(sockets.Find("http")->source, ListeningSocket::Source::kActivated);
}

TEST(SocketSet, UsesAStoredSocketOnlyWhereTheConfigurationStillAsksForIt) {
  SocketSet sockets;
  Descriptor stored = Listening();
  const int fd = stored.get();
  sockets.AddPassed("http", std::move(stored), true);
  ASSERT_TRUE(sockets.OpenAddress(At("http", "127.0.0.1:0")).ok());
  EXPECT_EQ(sockets.descriptor("http"), fd);
  EXPECT_EQ(sockets.Find("http")->source, ListeningSocket::Source::kStored);

  SocketSet moved;
  moved.AddPassed("http", Listening(), true);
  ASSERT_TRUE(moved.OpenAddress(At("http", "127.0.0.2:0")).ok());
  EXPECT_THAT(moved.Find("http")->address, StartsWith("127.0.0.2:"));
  EXPECT_EQ(moved.Find("http")->source, ListeningSocket::Source::kBound);
}

TEST(SocketSet, TakesAStoredSocketThatItDoesNotUseOutOfTheStore) {
  const ScratchDirectory scratch;
  const std::string path = (scratch.path() / "notify").string();
  const Descriptor systemd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(systemd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  const auto told = [&] {
    char text[256];
    const ssize_t size = recv(systemd.get(), text, sizeof text, 0);
    return std::string(text, size < 0 ? 0 : static_cast<std::size_t>(size));
  };
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  SocketSet sockets;
  sockets.AddPassed("http", Listening(), true);
  sockets.AddPassed("gone", Listening(), true);
  sockets.AddPassed("unit", Listening(), false);
  EXPECT_TRUE(sockets.OpenAddress(At("http", "127.0.0.2:0")).ok());
  sockets.CloseUnclaimed();
  unsetenv("NOTIFY_SOCKET");
  EXPECT_EQ(told(), "FDSTOREREMOVE=1\nFDNAME=stored-http");
  EXPECT_EQ(told(), "FDSTORE=1\nFDNAME=stored-http");
  EXPECT_EQ(told(), "FDSTOREREMOVE=1\nFDNAME=stored-gone");
  EXPECT_EQ(told(), "");
}

TEST(SocketSet, IgnoresAPassedDescriptorThatDoesNotListen) {
  SocketSet sockets;
  sockets.AddPassed("http", Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), false);
  ASSERT_TRUE(sockets.OpenAddress(At("http", "127.0.0.1:0")).ok());
  EXPECT_EQ(sockets.Find("http")->source, ListeningSocket::Source::kBound);
}

TEST(SocketSet, OpensAUnixSocketForClientsAndLeavesOneOfSystemdsAlone) {
  const ScratchDirectory scratch;
  const std::string path = (scratch.path() / "http.sock").string();
  AddressSpec spec = At("http-local", "unix:" + path);
  spec.mode = 0640;
  {
    SocketSet sockets;
    ASSERT_TRUE(sockets.OpenAddress(spec).ok());
    EXPECT_EQ(sockets.Find("http-local")->address, "unix:" + path);
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0640));
    SocketSet others;
    EXPECT_EQ(others.OpenAddress(spec).error().code, ErrorCode::kUnavailable);
    sockets.RemoveFiles();
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  SocketSet activated;
  activated.AddPassed("http-local",
                      Descriptor(*net::BindUnixListener(*net::ParseListenAddressOrPath("unix:" + path), 0600)), false);
  ASSERT_TRUE(activated.OpenAddress(spec).ok());
  activated.RemoveFiles();
  EXPECT_TRUE(std::filesystem::exists(path)) << "its file is systemd's";
}

TEST(SocketSet, RemovesItsFilesAtTheEnd) {
  const ScratchDirectory scratch;
  SocketSet sockets;
  ASSERT_TRUE(sockets.OpenUnix("a.sock", scratch.path()).ok());
  sockets.RemoveFiles();
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "a.sock"));
}

}  // namespace
}  // namespace patchbay::supervisor
