#include "supervisor/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/config/fields.h"
#include "lib/config/loader.h"

namespace patchbay::supervisor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

config::v1::Config AConfig() {
  config::v1::Config config;
  config.mutable_server()->mutable_drain_timeout()->set_seconds(3);
  config.mutable_log()->set_level("debug");
  config.mutable_frontend()->set_listen("127.0.0.1:8080");
  config.mutable_frontend()->set_count(1);
  config.mutable_accounts()->set_strategy("sticky");
  config.mutable_upstream()->mutable_connect_timeout()->set_seconds(4);
  config.mutable_ollama()->set_enabled(true);
  config.mutable_ollama()->set_listen("127.0.0.1:11434");
  (*config.mutable_providers())["codex"].set_base_url("https://provider.example");
  return config;
}

std::vector<std::string> Names(const Manifest& manifest) {
  std::vector<std::string> names;
  for (const WorkerSpec& worker : manifest.workers) names.push_back(worker.name);
  return names;
}

const WorkerSpec& Find(const Manifest& manifest, const std::string& name) {
  for (const WorkerSpec& worker : manifest.workers) {
    if (worker.name == name) return worker;
  }
  static const WorkerSpec kNone;
  return kNone;
}

Manifest Make(const config::v1::Config& config) { return MakeManifest(config, "/programs"); }

TEST(Manifest, NamesTheFourWorkersAndFindsThemBesidePatchbayd) {
  const Manifest manifest = Make(AConfig());
  EXPECT_THAT(Names(manifest), ElementsAre("accounts", "upstream", "frontend", "ollama"));
  EXPECT_EQ(Find(manifest, "accounts").executable, "/programs/patchbay-accounts");
  EXPECT_THAT(manifest.unix_sockets, ElementsAre("accounts.sock", "upstream.sock", "frontend.sock", "ollama.sock"));
}

TEST(Manifest, SaysWhichSettingSwitchesAWorkerOff) {
  config::v1::Config config = AConfig();
  const Manifest manifest = Make(config);
  EXPECT_EQ(Find(manifest, "frontend").enabled_setting, "");
  const std::string& setting = Find(manifest, "ollama").enabled_setting;
  ASSERT_EQ(manifest.addresses.size(), 2u);
  EXPECT_EQ(manifest.addresses[0].enabled_setting, "");
  EXPECT_EQ(manifest.addresses[1].enabled_setting, setting);
  EXPECT_TRUE(IsEnabled("", config));
  EXPECT_TRUE(IsEnabled(setting, config));
  config.mutable_ollama()->set_enabled(false);
  EXPECT_FALSE(IsEnabled(setting, config));
  EXPECT_THAT(Names(Make(config)), Contains("ollama")) << "it may be switched on again";
}

TEST(Manifest, FollowsTheAddressOfASetting) {
  config::v1::Config config = AConfig();
  const Manifest manifest = Make(config);
  config.mutable_ollama()->set_listen("127.0.0.1:1");
  EXPECT_EQ(AddressNow(manifest.addresses[1], config), "127.0.0.1:1");
}

TEST(Manifest, KnowsThatTheGatewaysAddressSpeaksGrpc) {
  config::v1::Config config = AConfig();
  config.mutable_gateway()->set_listen("127.0.0.1:7443");
  const Manifest manifest = Make(config);
  const auto gateway = std::find_if(manifest.addresses.begin(), manifest.addresses.end(),
                                    [](const AddressSpec& address) { return address.name == "gateway"; });
  ASSERT_NE(gateway, manifest.addresses.end());
  EXPECT_EQ(ProtocolOf(*gateway, config), "grpcs");
}

TEST(Manifest, GivesTheFrontendsEveryListenerOfTheConfiguration) {
  config::v1::Config config = AConfig();
  config.mutable_frontend()->set_count(2);
  auto& lan = (*config.mutable_frontend()->mutable_listeners())["lan"];
  lan.set_listen("192.0.2.1:8443");
  lan.set_mode("0660");
  lan.mutable_tls()->set_certificate("/c");
  auto& local = (*config.mutable_frontend()->mutable_listeners())["a-local"];
  local.set_listen("unix:/run/a.sock");
  local.set_mode("0600");
  const Manifest manifest = Make(config);
  ASSERT_EQ(manifest.addresses.size(), 4u);
  const AddressSpec &http = manifest.addresses[0], &unix_one = manifest.addresses[1], &tls = manifest.addresses[2];
  EXPECT_EQ(http.name, "http");
  EXPECT_EQ(unix_one.name, "http-a-local");
  EXPECT_EQ(unix_one.address, "unix:/run/a.sock");
  EXPECT_EQ(unix_one.mode, 0600u);
  EXPECT_EQ(tls.name, "http-lan");
  EXPECT_EQ(tls.setting, "frontend.listeners.lan.listen");
  EXPECT_TRUE(tls.core);
  EXPECT_EQ(ProtocolOf(http, config), "http");
  EXPECT_EQ(ProtocolOf(unix_one, config), "http");
  EXPECT_EQ(ProtocolOf(tls, config), "https");
  for (const char* name : {"frontend", "frontend-2"}) {
    std::vector<std::string> sockets;
    for (const ListenerSpec& listener : Find(manifest, name).listeners) sockets.push_back(listener.socket);
    EXPECT_THAT(sockets, ElementsAre("frontend.sock", "http", "http-a-local", "http-lan"));
  }
}

TEST(Manifest, NumbersFrontendsAndLetsThemShareTheirSockets) {
  config::v1::Config config = AConfig();
  config.mutable_frontend()->set_count(3);
  const Manifest manifest = Make(config);
  EXPECT_THAT(Names(manifest), ElementsAre("accounts", "upstream", "frontend", "frontend-2", "frontend-3", "ollama"));
  for (const char* name : {"frontend", "frontend-2", "frontend-3"}) {
    const WorkerSpec& worker = Find(manifest, name);
    EXPECT_EQ(worker.id.kind, "frontend");
    ASSERT_EQ(worker.listeners.size(), 2u);
    EXPECT_EQ(worker.listeners[0].socket, "frontend.sock");
    EXPECT_EQ(worker.listeners[1].fd_name, "http");
  }
}

TEST(Manifest, GivesTcpListenersOnlyToThoseWhoServeClients) {
  const Manifest manifest = Make(AConfig());
  for (const char* name : {"accounts", "upstream"}) {
    ASSERT_EQ(Find(manifest, name).listeners.size(), 1u);
    EXPECT_EQ(Find(manifest, name).listeners[0].fd_name, "grpc");
    EXPECT_FALSE(Find(manifest, name).faces_clients);
  }
}

TEST(Manifest, NeverRunsTwoAccountsProcessesSideBySide) {
  const Manifest manifest = Make(AConfig());
  EXPECT_FALSE(Find(manifest, "accounts").overlap);
  for (const char* name : {"upstream", "frontend", "ollama"}) EXPECT_TRUE(Find(manifest, name).overlap) << name;
}

TEST(Manifest, ShowsEachWorkerOnlyItsSections) {
  const config::v1::Config config = AConfig();
  const Manifest manifest = Make(config);
  const auto frontend = ConfigurationFor(Find(manifest, "frontend"), config);
  EXPECT_EQ(frontend.frontend().listen(), "127.0.0.1:8080");
  EXPECT_EQ(frontend.server().drain_timeout().seconds(), 3);
  EXPECT_EQ(frontend.log().level(), "debug");
  EXPECT_EQ(frontend.accounts().strategy(), "");
  EXPECT_FALSE(frontend.has_upstream());
  EXPECT_THAT(frontend.providers(), IsEmpty());
  const auto upstream = ConfigurationFor(Find(manifest, "upstream"), config);
  EXPECT_EQ(upstream.providers().at("codex").base_url(), "https://provider.example");
  EXPECT_FALSE(upstream.has_frontend());
  // Keys are for the one that shows none of them to anybody.
  for (const WorkerSpec& worker : manifest.workers) {
    EXPECT_EQ(worker.needs_provider_keys, worker.name == "accounts") << worker.name;
  }
  const auto ollama = ConfigurationFor(Find(manifest, "ollama"), config);
  EXPECT_TRUE(ollama.has_ollama());
  EXPECT_EQ(ollama.frontend().listen(), "") << "only the limits";
  EXPECT_THAT(ollama.providers(), IsEmpty());
}

TEST(Manifest, ShowsTheBridgeTheFrontendsLimitsAndNothingElseOfIt) {
  const auto config = config::DefaultConfig();
  const auto ollama = ConfigurationFor(Find(Make(config), "ollama"), config);
  config::v1::Frontend nothing_else;
  *nothing_else.mutable_limits() = config.frontend().limits();
  EXPECT_EQ(ollama.frontend().SerializeAsString(), nothing_else.SerializeAsString());
}

// How long a request may wait for an account, and whose quota its client is shown, are accounts' settings that the
// frontend acts by.
TEST(Manifest, ShowsTheFrontendTwoSettingsAndNothingElseOfAccounts) {
  const auto config = config::DefaultConfig();
  const auto frontend = ConfigurationFor(Find(Make(config), "frontend"), config);
  EXPECT_EQ(frontend.accounts().queue_wait().seconds(), config.accounts().queue_wait().seconds());
  config::v1::Accounts nothing_else;
  *nothing_else.mutable_queue_wait() = config.accounts().queue_wait();
  nothing_else.mutable_quota()->set_view(config.accounts().quota().view());
  EXPECT_EQ(frontend.accounts().SerializeAsString(), nothing_else.SerializeAsString());
}

// The scalar settings of `message` that have a default and are not at it. `whole` is false below a section of which a
// worker sees only a part: there the settings that it does not see are empty.
void NotAtDefault(const google::protobuf::Message& message, const std::string& path, bool whole,
                  std::vector<std::string>& found) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto& field = *message.GetDescriptor()->field(i);
    const std::string here = path + "." + field.name();
    if (config::KindOf(field) == config::FieldKind::kSection) {
      NotAtDefault(reflection.GetMessage(message, &field), here, whole, found);
    } else if (config::KindOf(field) == config::FieldKind::kScalar) {
      std::unique_ptr<google::protobuf::Message> defaults(message.New());
      config::FillDefaults(*defaults);
      const bool seen = whole || reflection.HasField(message, &field);
      if (seen && config::TextOf(message, field) != config::TextOf(*defaults, field)) found.push_back(here);
    }
  }
}

TEST(Manifest, LeavesNoSettingUnsetThatAWorkerSees) {
  const auto config = config::DefaultConfig();
  for (const WorkerSpec& worker : Make(config).workers) {
    const auto seen = ConfigurationFor(worker, config);
    std::vector<std::string> found;
    std::vector<std::string> sections = worker.sections;
    sections.insert(sections.end(), {"server", "log"});
    for (const std::string& path : sections) {
      const std::string name = path.substr(0, path.find('.'));
      const auto* field = seen.GetDescriptor()->FindFieldByName(name);
      if (field->is_map()) continue;
      ASSERT_TRUE(seen.GetReflection()->HasField(seen, field)) << worker.name << " " << name;
      NotAtDefault(seen.GetReflection()->GetMessage(seen, field), name, name == path, found);
    }
    EXPECT_THAT(found, IsEmpty()) << worker.name;
  }
}

TEST(Manifest, AddsTheWorkersThatTheConfigurationNames) {
  config::v1::Config config = AConfig();
  auto& extra = (*config.mutable_workers())["counter"];
  extra.set_command("counter-worker");
  extra.add_arguments("--fast");
  extra.add_sections("frontend");
  extra.add_peers("frontend");
  const Manifest manifest = Make(config);
  const WorkerSpec& worker = Find(manifest, "counter");
  EXPECT_EQ(worker.executable, "/programs/counter-worker");
  EXPECT_THAT(worker.arguments, ElementsAre("--fast"));
  EXPECT_THAT(worker.peers, ElementsAre("frontend"));
  EXPECT_FALSE(worker.core);
  EXPECT_TRUE(ConfigurationFor(worker, config).has_frontend());
  EXPECT_THAT(manifest.unix_sockets, Contains("counter.sock"));
}

}  // namespace
}  // namespace patchbay::supervisor
