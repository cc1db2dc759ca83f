// StrongId<Tag>: a string with a type, so that two ids cannot change places.
#pragma once

#include <compare>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace patchbay {

template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}

  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  auto operator<=>(const StrongId&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const StrongId& id) { return out << id.value_; }

 private:
  std::string value_;
};

}  // namespace patchbay

template <class Tag>
struct std::hash<patchbay::StrongId<Tag>> {
  std::size_t operator()(const patchbay::StrongId<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
