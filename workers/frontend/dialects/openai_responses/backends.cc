#include "workers/frontend/dialects/openai_responses/backends.h"

#include <array>

#include "workers/frontend/dialects/openai_responses/codex/backend.h"

namespace patchbay::frontend::openai_responses {
namespace {

constexpr std::array<const Backend*, 1> kBackends = {&codex::kBackend};

}  // namespace

const Backend* FindBackend(std::string_view provider_dialect) {
  for (const Backend* backend : kBackends) {
    if (backend->provider_dialect == provider_dialect) return backend;
  }
  return nullptr;
}

ClientTraits TraitsOf(const HeaderLookup& header) {
  ClientTraits client;
  for (const Backend* backend : kBackends) backend->look_at_head(header, client);
  return client;
}

void LookAtMetadata(std::string_view client_metadata, ClientTraits& client) {
  for (const Backend* backend : kBackends) backend->look_at_metadata(client_metadata, client);
}

HeaderList HeadersForBackends(const HeaderLookup& header) {
  HeaderList headers;
  for (const Backend* backend : kBackends) {
    for (auto& seen : backend->headers_of(header)) headers.push_back(std::move(seen));
  }
  return headers;
}

std::string_view SessionHeaderOfBackends(const HeaderLookup& header) {
  for (const Backend* backend : kBackends) {
    if (const std::string_view name = backend->session_header(header); !name.empty()) return name;
  }
  return {};
}

}  // namespace patchbay::frontend::openai_responses
