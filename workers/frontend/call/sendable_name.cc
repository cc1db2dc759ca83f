#include "workers/frontend/call/sendable_name.h"

#include "lib/base/text.h"

namespace patchbay::frontend {
namespace {

// Longer than any name that accounts takes.
constexpr std::size_t kSentBytes = 256;

}  // namespace

std::string SendableName(std::string_view name) { return Printable(name, kSentBytes); }

}  // namespace patchbay::frontend
