// What the kernel counts about a process, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

namespace patchbay::supervisor {

struct ProcStat {
  std::int64_t rss_bytes = 0;
  double cpu_seconds = 0;
};

// Zeros when the process is gone.
ProcStat ReadProcStat(pid_t pid);

// The two numbers in the text of /proc/<pid>/stat; a command's name may hold spaces and parentheses. Pure.
ProcStat ParseProcStat(std::string_view text, std::int64_t page_bytes, std::int64_t ticks_per_second);

}  // namespace patchbay::supervisor
