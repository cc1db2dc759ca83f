#include "workers/frontend/dialects/openai_responses/backends.h"

#include <algorithm>
#include <array>
#include <utility>

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

HeaderList QuotaHeaders(const accounts::v1::PoolQuota& pool, std::int64_t now) {
  HeaderList headers;
  for (const Backend* backend : kBackends) {
    for (auto& header : backend->quota_headers(pool, now)) headers.push_back(std::move(header));
  }
  return headers;
}

bool IsQuotaEvent(std::string_view type) {
  return std::any_of(kBackends.begin(), kBackends.end(), [&](const auto* b) { return b->quota_event == type; });
}

std::string QuotaEventJson(std::string_view type, const accounts::v1::PoolQuota& pool, std::int64_t now) {
  for (const Backend* backend : kBackends) {
    if (backend->quota_event == type) return backend->quota_event_json(pool, now);
  }
  return {};
}

bool MentionsQuotaEvent(std::string_view text) {
  return std::any_of(kBackends.begin(), kBackends.end(),
                     [&](const auto* b) { return text.find(b->quota_event) != std::string_view::npos; });
}

}  // namespace patchbay::frontend::openai_responses
