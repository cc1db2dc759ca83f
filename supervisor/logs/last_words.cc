#include "supervisor/logs/last_words.h"

#include <nlohmann/json.hpp>

namespace patchbay::supervisor {
namespace {

constexpr std::size_t kRecordsBack = 20;

}  // namespace

std::string LastWords(const LogHub& logs, const std::string& worker) {
  const std::vector<std::string> records = logs.Tail(worker, kRecordsBack);
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    const auto parsed = nlohmann::json::parse(*record, nullptr, false);
    if (!parsed.is_object() || parsed.value("event", "") != "worker.start_failed") continue;
    return parsed.value("error", "");
  }
  return "";
}

}  // namespace patchbay::supervisor
