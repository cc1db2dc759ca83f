// Coroutines in tests, run to their end by the thread that waits for them.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "lib/async/asio.h"

namespace patchbay::testing {

// A coroutine that takes longer hangs.
inline constexpr std::chrono::seconds kLongestRun{20};

// Runs `task` to its end, together with whatever else is to be done on `io`. What it throws comes out here.
inline void RunToEnd(asio::io_context& io, Awaitable<void> task) {
  const auto done = std::make_shared<bool>(false);  // outlives us when the task hangs
  asio::co_spawn(io, std::move(task), [done](std::exception_ptr error) {
    *done = true;
    if (error) std::rethrow_exception(error);
  });
  const auto deadline = std::chrono::steady_clock::now() + kLongestRun;
  io.restart();
  while (!*done && std::chrono::steady_clock::now() < deadline) {
    if (io.run_one_until(deadline) == 0) io.restart();  // it had nothing to do for a moment
  }
  EXPECT_TRUE(*done) << "the test's coroutine did not end";
}

// The same for a coroutine with a value.
template <class T>
T Await(asio::io_context& io, Awaitable<T> task) {
  const auto value = std::make_shared<std::optional<T>>();
  const auto keep = [](Awaitable<T> inner, std::shared_ptr<std::optional<T>> place) -> Awaitable<void> {
    place->emplace(co_await std::move(inner));
  };
  RunToEnd(io, keep(std::move(task), value));
  return std::move(value->value());
}

}  // namespace patchbay::testing
