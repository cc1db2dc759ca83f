#include "cli/table.h"

#include <algorithm>

#include "cli/human.h"
#include "lib/base/check.h"

namespace patchbay::cli {
namespace {

constexpr std::size_t kGap = 2;

// Columns that the text takes: its code points. Wide characters are rare in labels and only cost alignment.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string Paint(bool enabled, Colour colour, std::string_view text) {
  const char* code = "";
  switch (colour) {
    case Colour::kNone: return std::string(text);
    case Colour::kGood: code = "32"; break;
    case Colour::kWarn: code = "33"; break;
    case Colour::kBad: code = "31"; break;
    case Colour::kDim: code = "2"; break;
    case Colour::kStrong: code = "1"; break;
  }
  return enabled ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m" : std::string(text);
}

Table::Table(std::vector<std::string> headers) : headers_(std::move(headers)) {
  for (auto& header : headers_) {
    right_.push_back(header.starts_with('>'));
    if (right_.back()) header.erase(0, 1);
  }
}

void Table::Add(std::vector<Cell> row) {
  PATCHBAY_CHECK(row.size() == headers_.size());
  for (auto& cell : row) cell.text = Printable(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::Render(bool colour) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    widths.push_back(Width(headers_[i]));
    for (const auto& row : rows_) widths[i] = std::max(widths[i], Width(row[i].text));
  }
  std::string out;
  const auto write = [&](const std::vector<Cell>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const std::string padding(widths[i] - Width(row[i].text), ' ');
      if (right_[i]) out += padding;
      out += Paint(colour, row[i].colour, row[i].text);
      if (!last) out += (right_[i] ? "" : padding) + std::string(kGap, ' ');
    }
    out.erase(out.find_last_not_of(' ') + 1);  // the last column's padding, and what stands before empty ones
    out += '\n';
  };
  std::vector<Cell> header;
  for (const auto& name : headers_) header.emplace_back(name, Colour::kDim);
  write(header);
  for (const auto& row : rows_) write(row);
  return out;
}

}  // namespace patchbay::cli
