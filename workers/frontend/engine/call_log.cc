#include "workers/frontend/engine/call_log.h"

#include "lib/log/log.h"
#include "workers/frontend/call/sendable_name.h"

namespace patchbay::frontend {

void LogCall(const CallRecord& record, const CallOutcome& outcome) {
  log::Info("call", {{"request", record.request_id},
                     {"key", record.client_key_id},
                     {"dialect", record.dialect},
                     {"model", SendableName(record.model)},
                     {"fallback_model", outcome.fallback_model},
                     {"account", outcome.account_label},
                     {"affinity", record.affinity},
                     {"status", record.status},
                     {"ending", ToString(outcome.ending)},
                     {"problem", record.problem},
                     {"attempts", outcome.attempts},
                     {"input_tokens", outcome.usage.input_tokens()},
                     {"output_tokens", outcome.usage.output_tokens()},
                     {"estimated", outcome.usage_estimated},
                     {"first_output_ms", outcome.first_output ? outcome.first_output->count() : -1},
                     {"ms", record.took.count()},
                     {"bytes", record.bytes}});
}

}  // namespace patchbay::frontend
