#include "workers/ollama/server/guard.h"

#include <utility>

#include "lib/base/text.h"

namespace patchbay::ollama {
namespace {

// What Ollama itself allows (§F.2).
constexpr const char* kOrigins[] = {"http://localhost:*",
                                    "https://localhost:*",
                                    "http://127.0.0.1:*",
                                    "https://127.0.0.1:*",
                                    "http://0.0.0.0:*",
                                    "https://0.0.0.0:*",
                                    "app://*",
                                    "file://*",
                                    "tauri://*",
                                    "vscode-webview://*",
                                    "vscode-file://*",
                                    "chrome-extension://*",
                                    "moz-extension://*",
                                    "safari-web-extension://*"};
constexpr const char* kHosts[] = {"*.localhost", "*.local", "*.internal"};
constexpr std::string_view kBearer = "Bearer ";

}  // namespace

Guard::Guard(std::vector<net::ListenAddress> listen, std::string machine, const Settings& settings)
    : listen_(std::move(listen)), machine_(std::move(machine)) {
  SetSettings(settings);
}

void Guard::SetSettings(const Settings& settings) {
  token_ = settings.token;
  net::HostGuardOptions options;
  options.listen = listen_;
  // Ollama lets private addresses in by their number. An address, unlike a name, cannot be pointed here by its owner.
  net::ListenAddress any;
  any.host = "0.0.0.0";
  options.listen.push_back(std::move(any));
  options.allowed_hosts.assign(std::begin(kHosts), std::end(kHosts));
  if (!machine_.empty()) options.allowed_hosts.push_back(machine_);
  if (!token_.empty()) options.allowed_hosts.emplace_back("*");
  options.allowed_origins.assign(std::begin(kOrigins), std::end(kOrigins));
  options.allowed_origins.insert(options.allowed_origins.end(), settings.origins.begin(), settings.origins.end());
  options.hosts_setting = "ollama.token, with ollama.allow_remote for other machines,";
  options.origins_setting = "ollama.origins";
  hosts_ = net::HostGuard(std::move(options));
}

Result<void> Guard::CheckToken(const net::HttpRequest& request) const {
  if (token_.empty()) return {};
  const std::string_view bearer = request.Find("authorization").value_or("");
  const std::string_view shown = StartsWithIgnoreCase(bearer, kBearer) ? Trim(bearer.substr(kBearer.size()))
                                                                       : request.Find("x-api-key").value_or("");
  if (ConstantTimeEqual(shown, token_.Reveal())) return {};
  return Error(ErrorCode::kUnauthenticated, "unauthorized").From(Origin::kClient);
}

net::HttpHeaders PreflightHeaders() {
  return {{"Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"},
          {"Access-Control-Allow-Headers",
           "Authorization, Content-Type, User-Agent, Accept, X-Requested-With, OpenAI-Beta, anthropic-version, "
           "anthropic-beta, x-api-key, x-stainless-arch, x-stainless-async, x-stainless-custom-poll-interval, "
           "x-stainless-helper-method, x-stainless-lang, x-stainless-os, x-stainless-package-version, "
           "x-stainless-poll-helper, x-stainless-retry-count, x-stainless-runtime, x-stainless-runtime-version, "
           "x-stainless-timeout"},
          {"Access-Control-Max-Age", "43200"}};
}

}  // namespace patchbay::ollama
