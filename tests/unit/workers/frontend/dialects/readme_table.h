// The rows of a dialect's README.md: | `field` | `sample` | handling | note |
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <fstream>
#include <string>
#include <vector>

namespace patchbay::frontend {

struct FieldRow {
  std::string field, sample, handling;
};

// `header` begins the table's first line.
inline std::vector<FieldRow> ReadFieldTable(const std::string& path, const std::string& header = "| field |") {
  std::vector<FieldRow> rows;
  std::ifstream file(path);
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(header, 0) == 0) in_table = true;
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

// The rows of the body's own members; or, with `paths`, those of members further inside, whose sample is the object
// that has the member.
inline std::vector<FieldRow> ReadFieldRows(const std::string& readme, bool paths) {
  auto rows = ReadFieldTable(readme);
  std::erase_if(rows, [&](const FieldRow& row) { return (row.field.find('.') != std::string::npos) != paths; });
  return rows;
}

// "messages[].content" → "messages_content", as GoogleTest wants names.
inline std::string NameOfRow(const ::testing::TestParamInfo<FieldRow>& info) {
  std::string name = info.param.field;
  std::erase_if(name, [](char c) { return c == '[' || c == ']'; });
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

// `decode` reads a request with the object in it. A member that is null must be read as none.
template <class Decode>
void ExpectNullIsAbsent(boost::json::object sample, const std::string& member, const Decode& decode) {
  sample.erase(member);
  const auto without = decode(sample);
  sample[member] = nullptr;
  const auto decoded = decode(sample);
  ASSERT_EQ(decoded.ok(), without.ok());
  if (decoded.ok()) {
    EXPECT_EQ(decoded->ignored, without->ignored);
  }
}

}  // namespace patchbay::frontend
