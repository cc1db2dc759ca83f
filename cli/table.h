// Columns that line up, with a header and, on a terminal, colour.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::cli {

enum class Colour { kNone, kGood, kWarn, kBad, kDim, kStrong };

// `text` in `colour` when `enabled`, else as it is.
std::string Paint(bool enabled, Colour colour, std::string_view text);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;

  Cell(std::string value, Colour painted = Colour::kNone) : text(std::move(value)), colour(painted) {}  // NOLINT
  Cell(const char* value) : text(value) {}                                                              // NOLINT
};

class Table {
 public:
  // A header that begins with '>' makes a column of numbers, aligned to the right.
  explicit Table(std::vector<std::string> headers);
  void Add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }
  std::string Render(bool colour) const;

 private:
  std::vector<std::string> headers_;
  std::vector<bool> right_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace patchbay::cli
