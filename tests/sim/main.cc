// patchbay-sim: a provider that behaves like the real one, on loopback, for tests, benchmarks and the first `./dev
// run`.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/sim/certificates.h"
#include "tests/sim/control.h"
#include "tests/sim/provider.h"
#include "tests/sim/server.h"

namespace patchbay::sim {
namespace {

namespace asio = boost::asio;

struct Flags {
  std::string listen = "127.0.0.1:0";
  std::string plain_listen;
  std::string control_listen = "127.0.0.1:0";
  std::string directory;
  std::size_t log_entries = 4096;
  std::size_t body_bytes_max = 64 * 1024 * 1024;
  int idle_timeout_ms = 120'000;
  bool exit_with_parent = false;
};

// Only HTTP/1.1 is spoken; a client that offers it and h2 gets it.
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                   unsigned int in_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* selected = nullptr;
  const int outcome = SSL_select_next_proto(&selected, out_size, kHttp11, sizeof(kHttp11) - 1, in, in_size);
  *out = selected;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Result<void> SetUpTls(asio::ssl::context& tls, const std::filesystem::path& directory) {
  ASSIGN_OR_RETURN(const Identity authority, LoadOrMakeAuthority(directory));
  ASSIGN_OR_RETURN(const Identity server, MakeServerIdentity(authority));
  SSL_CTX* context = tls.native_handle();
  static constexpr unsigned char kSessionContext[] = "patchbay-sim";
  if (SSL_CTX_use_certificate(context, server.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, server.key.get()) != 1 ||
      SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext) - 1) != 1) {
    return Error(ErrorCode::kInternal, "cannot use the server certificate");
  }
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_alpn_select_cb(context, SelectProtocol, nullptr);
  return {};
}

// Written under another name and renamed: whoever finds the file finds it whole.
Result<void> Announce(const std::filesystem::path& directory, const std::string& text) {
  const auto path = directory / "sim.json";
  const std::filesystem::path temporary = path.string() + ".new";
  std::ofstream(temporary) << text << '\n';
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) return Error(ErrorCode::kInternal, "cannot write " + path.string() + ": " + error.message());
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
  return {};
}

Result<void> Run(const Flags& flags) {
  const std::filesystem::path directory = flags.directory;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error(ErrorCode::kInvalidArgument, "cannot make " + flags.directory + ": " + error.message());
  asio::ssl::context tls(asio::ssl::context::tls_server);
  RETURN_IF_ERROR(SetUpTls(tls, directory));

  Provider provider(flags.log_entries, flags.body_bytes_max);
  Control control(provider);
  Stats control_stats;  // the control API's own traffic counts nowhere
  Shared shared{
      {flags.body_bytes_max, std::chrono::milliseconds(flags.idle_timeout_ms)}, provider.stats(), provider.holds()};
  Shared control_shared{shared.options, control_stats, provider.holds()};
  asio::io_context io(1);
  Server server(io, shared);
  Server control_server(io, control_shared);
  ASSIGN_OR_RETURN(const std::uint16_t port, server.Listen(flags.listen, provider, &tls));
  ASSIGN_OR_RETURN(const std::uint16_t control_port, control_server.Listen(flags.control_listen, control, nullptr));
  std::optional<std::uint16_t> plain_port;
  if (!flags.plain_listen.empty()) {
    ASSIGN_OR_RETURN(plain_port, server.Listen(flags.plain_listen, provider, nullptr));
  }
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&io](boost::system::error_code, int) { io.stop(); });

  // Always by the IPv4 loopback address: the certificate names it, and so need not the test know what we listen on.
  const std::string host = "127.0.0.1:" + std::to_string(port);
  boost::json::object facts{{"base_url", "https://" + host + "/backend-api/codex"},
                            {"auth_base_url", "https://" + host},
                            {"api_base_url", "https://" + host + "/v1"},
                            {"control_url", "http://127.0.0.1:" + std::to_string(control_port)},
                            {"ca_file", std::filesystem::absolute(directory / "ca.pem").string()},
                            {"pid", getpid()}};
  if (plain_port) {
    facts["plain_base_url"] = "http://127.0.0.1:" + std::to_string(*plain_port) + "/backend-api/codex";
    facts["plain_api_base_url"] = "http://127.0.0.1:" + std::to_string(*plain_port) + "/v1";
    facts["plain_auth_base_url"] = "http://127.0.0.1:" + std::to_string(*plain_port);
  }
  RETURN_IF_ERROR(Announce(directory, boost::json::serialize(facts)));
  io.run();
  return {};
}

}  // namespace
}  // namespace patchbay::sim

int main(int argc, char** argv) {
  patchbay::sim::Flags flags;
  CLI::App app("A simulated Codex provider for tests and benchmarks.");
  app.add_option("--dir", flags.directory, "Directory for the certificate authority and sim.json")->required();
  app.add_option("--listen", flags.listen, "Address of the TLS listener");
  app.add_option("--plain-listen", flags.plain_listen, "Address of a listener without TLS, for benchmarks");
  app.add_option("--control-listen", flags.control_listen, "Address of the control API (plain HTTP)");
  app.add_option("--log-entries", flags.log_entries, "How many requests the log remembers");
  app.add_option("--body-bytes-max", flags.body_bytes_max, "Larger request bodies get 413");
  app.add_option("--idle-timeout-ms", flags.idle_timeout_ms, "Idle connections are closed after this time");
  app.add_flag("--exit-with-parent", flags.exit_with_parent, "End when the parent process ends");
  CLI11_PARSE(app, argc, argv);
  if (flags.exit_with_parent) prctl(PR_SET_PDEATHSIG, SIGTERM);
  const auto outcome = patchbay::sim::Run(flags);
  if (outcome.ok()) return 0;
  std::fprintf(stderr, "patchbay-sim: %s\n", outcome.error().message.c_str());
  return 70;
}
