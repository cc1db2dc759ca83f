// The rows of a dialect's README.md: | `field` | `sample` | handling | note |
#pragma once

#include <fstream>
#include <string>
#include <vector>

namespace patchbay::frontend {

struct FieldRow {
  std::string field, sample, handling;
};

inline std::vector<FieldRow> ReadFieldTable(const std::string& path) {
  std::vector<FieldRow> rows;
  std::ifstream file(path);
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| field |", 0) == 0) in_table = true;
    if (line.empty()) in_table = false;
    if (!in_table || line.rfind("| `", 0) != 0) continue;
    const auto field_end = line.find('`', 3);
    const auto sample_begin = line.find("| `", field_end) + 3;
    const auto sample_end = line.find("` | ", sample_begin);
    const auto handling_end = line.find(" |", sample_end + 4);
    rows.push_back({line.substr(3, field_end - 3), line.substr(sample_begin, sample_end - sample_begin),
                    line.substr(sample_end + 4, handling_end - sample_end - 4)});
  }
  return rows;
}

}  // namespace patchbay::frontend
