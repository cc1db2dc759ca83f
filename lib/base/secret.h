// A string that must not be seen: it prints as ‹redacted› and is wiped when it goes away.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::exchange(other.value_, {})) {}
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      Wipe();
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      Wipe();
      value_ = std::exchange(other.value_, {});
    }
    return *this;
  }
  ~Secret() { Wipe(); }

  bool empty() const { return value_.empty(); }
  // The value itself. Every call is a place where it may leak: keep them few and short.
  const std::string& Reveal() const { return value_; }

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << kRedacted; }
  static constexpr std::string_view kRedacted = "‹redacted›";

  // Compares without telling by its duration where the first difference is.
  friend bool ConstantTimeEqual(std::string_view a, std::string_view b);

 private:
  void Wipe();
  std::string value_;
};

bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace patchbay
