#include "workers/upstream/transport/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tests/unit/workers/upstream/local_server.h"

namespace patchbay::upstream {
namespace {

using ::testing::HasSubstr;

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;
using SessionPtr = std::unique_ptr<SSL_SESSION, FreeSsl>;

SSL_SESSION* NewSession(int version) {
  SSL_SESSION* session = SSL_SESSION_new();
  SSL_SESSION_set_protocol_version(session, version);
  return session;
}

TEST(TlsSessions, GiveATicketOfTls13OnceAndTheNewestFirst) {
  TlsSessions sessions;
  EXPECT_EQ(sessions.Take(), nullptr);
  SSL_SESSION* older = NewSession(TLS1_3_VERSION);
  SSL_SESSION* newer = NewSession(TLS1_3_VERSION);
  sessions.Put(older);
  sessions.Put(newer);
  EXPECT_EQ(SessionPtr(sessions.Take()).get(), newer);
  EXPECT_EQ(SessionPtr(sessions.Take()).get(), older);
  EXPECT_EQ(sessions.Take(), nullptr);
}

TEST(TlsSessions, GiveASessionOfTls12AgainAndAgain) {
  TlsSessions sessions;
  SSL_SESSION* session = NewSession(TLS1_2_VERSION);
  sessions.Put(session);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(SessionPtr(sessions.Take()).get(), session);
}

TEST(TlsSessions, AreFewAndTheOldestGoes) {
  TlsSessions sessions;
  std::vector<SSL_SESSION*> put;
  for (int i = 0; i < 6; ++i) sessions.Put(put.emplace_back(NewSession(TLS1_3_VERSION)));
  for (int i = 5; i >= 2; --i) EXPECT_EQ(SessionPtr(sessions.Take()).get(), put[static_cast<std::size_t>(i)]);
  EXPECT_EQ(sessions.Take(), nullptr);
}

TEST(TlsContext, NamesTheFileOfAuthoritiesThatItCannotRead) {
  testing::LocalServer server(true, [](testing::Peer&) {});
  EXPECT_TRUE(TlsContext::Create(server.ca_file()).ok());
  EXPECT_TRUE(TlsContext::Create("").ok()) << "the system's";
  for (const char* file : {"/nonexistent/ca.pem", "/proc/self/exe"}) {  // not there, and no PEM
    const auto context = TlsContext::Create(file);
    ASSERT_FALSE(context.ok()) << file;
    EXPECT_EQ(context.error().code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(context.error().message, HasSubstr(file));
  }
}

TEST(TlsContext, AsksForANameAndVerifiesIt) {
  const auto context = TlsContext::Create("").value();
  const SslPtr ssl(context->NewClient(0, "api.example.com", nullptr));
  ASSERT_NE(ssl, nullptr);
  EXPECT_STREQ(SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name), "api.example.com");
  EXPECT_STREQ(X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl.get()), 0), "api.example.com");
  EXPECT_EQ(SSL_get_verify_mode(ssl.get()), SSL_VERIFY_PEER);
  EXPECT_EQ(SSL_get_min_proto_version(ssl.get()), TLS1_2_VERSION);
}

TEST(TlsContext, VerifiesAnAddressWithoutNamingIt) {
  const auto context = TlsContext::Create("").value();
  for (const char* address : {"127.0.0.1", "2001:db8::1"}) {
    const SslPtr ssl(context->NewClient(0, address, nullptr));
    ASSERT_NE(ssl, nullptr) << address;
    EXPECT_EQ(SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name), nullptr) << "RFC 6066 §3";
    EXPECT_EQ(X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl.get()), 0), nullptr);
    char* verified = X509_VERIFY_PARAM_get1_ip_asc(SSL_get0_param(ssl.get()));
    ASSERT_NE(verified, nullptr);
    OPENSSL_free(verified);
  }
}

TEST(TlsContext, MakesNoClientForWhatCannotBeAHost) {
  const auto context = TlsContext::Create("").value();
  EXPECT_EQ(SslPtr(context->NewClient(0, std::string(300, 'a'), nullptr)), nullptr);
}

TEST(TlsContext, OffersASessionThatItWasGiven) {
  const auto context = TlsContext::Create("").value();
  TlsSessions sessions;
  SSL_SESSION* session = NewSession(TLS1_3_VERSION);
  sessions.Put(session);
  const SslPtr ssl(context->NewClient(0, "api.example.com", &sessions));
  EXPECT_EQ(SSL_get0_session(ssl.get()), session);
  EXPECT_EQ(sessions.Take(), nullptr);
}

}  // namespace
}  // namespace patchbay::upstream
