// The kinds of events, as events.proto declares them, and an event as a sentence. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/events/v1/event.pb.h"

namespace patchbay::events {

// All that there are, in their order.
std::vector<v1::EventKind> Kinds();
// "needs_login"; empty for a kind of a newer program.
std::string NameOf(v1::EventKind kind);
std::optional<v1::EventKind> ParseKind(std::string_view name);
// Empty facts for a kind of a newer program.
const v1::KindFacts& FactsOf(v1::EventKind kind);
// "info", "warning", "error"
std::string_view ToString(v1::Severity severity);

// Whose event it is: two of the same kind and subject tell of the same trouble.
std::string SubjectOf(const v1::Event& event);
// "account acc_1 (work) needs a new login or key: 401 token_invalidated"
std::string TextOf(const v1::Event& event);

}  // namespace patchbay::events
