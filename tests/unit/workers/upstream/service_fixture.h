// An UpstreamService without gRPC, a provider "codex" that is a LocalServer, and credentials as accounts would send
// them.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "lib/testing/configured.h"
#include "lib/testing/run.h"
#include "tests/unit/workers/upstream/fake_stream.h"
#include "tests/unit/workers/upstream/local_server.h"
#include "workers/upstream/service.h"

namespace patchbay::upstream::testing {

class ServiceFixture : public ::testing::Test {
 protected:
  void PointAt(const LocalServer& server) {
    auto config = patchbay::testing::Configured();
    catalog::v1::Provider& codex = (*config.mutable_providers())["codex"];
    codex.set_base_url(server.url() + "/backend-api/codex");
    codex.set_auth_base_url(server.url());
    codex.set_ca_file(server.ca_file());
    codex.set_allow_private(true);
    codex.mutable_auth()->mutable_oauth()->set_session_url("/session");
    ASSERT_TRUE(service_.Configure(config).ok());
  }
  void AddCredential(const std::string& account, std::int64_t version = 1, const std::string& egress = "") {
    accounts::v1::CredentialUpdate update;
    accounts::v1::Credential& credential = *update.mutable_upsert();
    credential.set_account(account);
    credential.set_provider("codex");
    credential.set_version(version);
    credential.set_access_token("token-of-" + account);
    credential.set_provider_account_id("acc-" + account);
    credential.set_egress(egress);
    credentials_.Apply(std::move(update));
  }
  static v1::CallRequest Canonical(const std::string& account = "a") {
    v1::CallRequest request;
    v1::Open& open = *request.mutable_open();
    open.set_request_id("req_1");
    open.set_account(account);
    open.set_provider("codex");
    open.set_credential_version(1);
    open.set_session_id("0198c0de-0000-7000-8000-000000000001");
    open.mutable_canonical()->set_model("gpt-5.5");
    open.mutable_canonical()->add_items()->mutable_message()->add_parts()->set_text("hi");
    return request;
  }
  static std::deque<v1::CallRequest> Raw(const std::string& body) {
    std::deque<v1::CallRequest> requests(1, Canonical());
    requests[0].mutable_open()->mutable_raw()->set_dialect("openai_responses");
    requests[0].mutable_open()->mutable_raw()->set_total_bytes(body.size());
    requests[0].mutable_open()->mutable_raw()->set_begin(body.substr(0, 5));
    for (std::size_t at = 5; at < body.size(); at += 7) requests.emplace_back().set_chunk(body.substr(at, 7));
    return requests;
  }
  template <class T>
  T Await(Awaitable<T> task) {
    return patchbay::testing::Await(io_, std::move(task));
  }
  Result<void> Call(FakeStream& stream) {
    return Await(service_.Call(stream, [this](std::function<void()> end) { end_call_ = std::move(end); }));
  }

  asio::io_context io_{1};
  SystemClock clock_;
  CookieJar jar_;
  CredentialCache credentials_{io_.get_executor()};
  UpstreamService service_{[&] {
    CallContext context;
    context.executor = io_.get_executor();
    context.clock = &clock_;
    context.pool = ConnectionPool::Create(io_.get_executor());
    context.credentials = &credentials_;
    context.cookies = &jar_;
    return context;
  }()};
  std::function<void()> end_call_;
};

}  // namespace patchbay::upstream::testing
