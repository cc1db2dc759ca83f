#include "workers/frontend/call/call_spec.h"

namespace patchbay::frontend {

std::string_view ToString(CallOutcome::Ending ending) {
  switch (ending) {
    case CallOutcome::Ending::kCompleted: return "completed";
    case CallOutcome::Ending::kRefused: return "refused";
    case CallOutcome::Ending::kBroken: return "broken";
    case CallOutcome::Ending::kClientGone: return "client_gone";
  }
  return "";
}

}  // namespace patchbay::frontend
