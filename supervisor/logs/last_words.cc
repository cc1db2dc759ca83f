#include "supervisor/logs/last_words.h"

#include "lib/wire/json_members.h"

namespace patchbay::supervisor {
namespace {

constexpr std::size_t kRecordsBack = 20;

}  // namespace

std::string LastWords(const LogHub& logs, const std::string& worker) {
  const std::vector<std::string> records = logs.Tail(worker, kRecordsBack);
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    const auto parsed = wire::ParseOrNothing(*record);
    if (wire::TextOf(parsed, "event") == "worker.start_failed") return wire::TextOf(parsed, "error");
  }
  return "";
}

}  // namespace patchbay::supervisor
