// Where every coroutine begins that nobody awaits. An exception that leaves one is a bug of ours, and is never dropped:
// what waits for that coroutine would wait for ever. So it is recorded by name, and the process ends with kExitBug; its
// supervisor starts a fresh one. Whoever can answer for a failure (an RPC's handler, an HTTP request) catches it
// before.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "lib/async/asio.h"

namespace patchbay::async {

// Runs `task` to its end on `executor`. `name` says in the record whose bug it was.
void Spawn(const asio::any_io_executor& executor, std::string_view name, Awaitable<void> task);
void Spawn(asio::io_context& io, std::string_view name, Awaitable<void> task);

// What an exception says, whatever its type.
std::string TextOf(const std::exception_ptr& exception);

// Records that `exception` left `name`, and ends the process with kExitBug. For who runs a coroutine in another way.
[[noreturn]] void EndByBug(std::string_view name, const std::exception_ptr& exception);

}  // namespace patchbay::async
