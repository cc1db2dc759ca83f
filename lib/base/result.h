// Result<T>: a T or the Error that stood in its way. Result<void>: nothing or an Error.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "lib/base/check.h"
#include "lib/base/error.h"

namespace patchbay {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // The value; a CHECK fails when there is none.
  T& value() & {
    PATCHBAY_CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    PATCHBAY_CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    PATCHBAY_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // The error; a CHECK fails when there is none.
  const Error& error() const& {
    PATCHBAY_CHECK(!ok());
    return std::get<1>(state_);
  }
  Error&& error() && {
    PATCHBAY_CHECK(!ok());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const { PATCHBAY_CHECK(ok()); }

  const Error& error() const& {
    PATCHBAY_CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    PATCHBAY_CHECK(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace patchbay

#define PATCHBAY_CONCAT_INNER(a, b) a##b
#define PATCHBAY_CONCAT(a, b) PATCHBAY_CONCAT_INNER(a, b)

// ASSIGN_OR_RETURN(auto file, Open(path)): the value, or this function returns the error.
#define PATCHBAY_ASSIGN_OR(ret, var, lhs, expr) \
  auto var = (expr);                            \
  if (!var.ok()) ret std::move(var).error();    \
  lhs = std::move(var).value()
#define ASSIGN_OR_RETURN(lhs, expr) PATCHBAY_ASSIGN_OR(return, PATCHBAY_CONCAT(result_, __LINE__), lhs, expr)
#define RETURN_IF_ERROR(expr)                                                 \
  do {                                                                        \
    if (auto status = (expr); !status.ok()) return std::move(status).error(); \
  } while (false)

// The same inside a coroutine.
#define CO_ASSIGN_OR_RETURN(lhs, expr) PATCHBAY_ASSIGN_OR(co_return, PATCHBAY_CONCAT(result_, __LINE__), lhs, expr)
#define CO_RETURN_IF_ERROR(expr)                                                 \
  do {                                                                           \
    if (auto status = (expr); !status.ok()) co_return std::move(status).error(); \
  } while (false)
