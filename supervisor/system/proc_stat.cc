#include "supervisor/system/proc_stat.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace patchbay::supervisor {
namespace {

// Field numbers of proc(5), counted from the field after the command's name, which is field 3.
constexpr int kFieldAfterName = 3;
constexpr int kUserTicks = 14;
constexpr int kSystemTicks = 15;
constexpr int kResidentPages = 24;

}  // namespace

ProcStat ParseProcStat(std::string_view text, std::int64_t page_bytes, std::int64_t ticks_per_second) {
  ProcStat result;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || ticks_per_second <= 0) return result;
  std::istringstream fields{std::string(text.substr(name_end + 1))};
  std::string field;
  std::int64_t ticks = 0;
  for (int number = kFieldAfterName; number <= kResidentPages && fields >> field; ++number) {
    if (number == kUserTicks || number == kSystemTicks) ticks += std::atoll(field.c_str());
    if (number == kResidentPages) result.rss_bytes = std::atoll(field.c_str()) * page_bytes;
  }
  result.cpu_seconds = static_cast<double>(ticks) / static_cast<double>(ticks_per_second);
  return result;
}

ProcStat ReadProcStat(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return ParseProcStat(text, sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK));
}

}  // namespace patchbay::supervisor
