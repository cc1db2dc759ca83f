// A provider that takes this dialect's bytes by rules of its own: it refuses what others take, says more than the API
// has, and has a client that is made for it. Each is a table in a room of its own; backends.h finds it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "patchbay/accounts/v1/quota.pb.h"
#include "workers/frontend/call/call.h"
#include "workers/frontend/dialects/openai_responses/relay/request_decoder.h"

namespace patchbay::frontend::openai_responses {

struct Backend {
  // As a grant names its provider's dialect.
  std::string_view provider_dialect;

  // Before anybody knows who will answer. Each tells `client` what gives its own client away: a request's head, and the
  // `client_metadata` of its body, as JSON text.
  void (*look_at_head)(const HeaderLookup& header, ClientTraits& client);
  void (*look_at_metadata)(std::string_view client_metadata, ClientTraits& client);
  // The header by which its client names the conversation, where that is not the usual one; else empty.
  std::string_view (*session_header)(const HeaderLookup& header);
  // The client's headers that it may see.
  HeaderList (*headers_of)(const HeaderLookup& header);

  // Once a grant says that it answers. What it gets otherwise than the client wrote it, in place of `request.edits`;
  // those headers, as `request` needs them; and what its Response objects are told back in place of `request.echoes`.
  Result<Edits> (*edits_for)(const DecodedRequest& request);
  HeaderList (*headers_for)(const DecodedRequest& request, HeaderList of_client);
  Echoes (*echoes_for)(const DecodedRequest& request);

  // How its client is told of quota: in a head, and in an event of that type. `now` in seconds since the epoch.
  HeaderList (*quota_headers)(const accounts::v1::PoolQuota& pool, std::int64_t now);
  std::string_view quota_event;
  std::string (*quota_event_json)(const accounts::v1::PoolQuota& pool, std::int64_t now);
};

}  // namespace patchbay::frontend::openai_responses
