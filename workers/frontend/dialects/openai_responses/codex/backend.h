// The ChatGPT backend, and the Codex CLI, which is made for it (backend.h). Pure.
#pragma once

#include "workers/frontend/dialects/openai_responses/backend.h"
#include "workers/frontend/dialects/openai_responses/codex/client.h"
#include "workers/frontend/dialects/openai_responses/codex/quota.h"
#include "workers/frontend/dialects/openai_responses/codex/request_edits.h"

namespace patchbay::frontend::openai_responses::codex {

inline constexpr Backend kBackend{.provider_dialect = "codex",
                                  .look_at_head = LookAtHead,
                                  .look_at_metadata = LookAtMetadata,
                                  .session_header = SessionHeader,
                                  .headers_of = ForwardedHeaders,
                                  .edits_for = EditsFor,
                                  .headers_for = HeadersFor,
                                  .echoes_for = EchoesFor,
                                  .quota_headers = QuotaHeaders,
                                  .quota_event = kQuotaEvent,
                                  .quota_event_json = QuotaEventJson};

}  // namespace patchbay::frontend::openai_responses::codex
