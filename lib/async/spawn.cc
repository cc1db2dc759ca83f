#include "lib/async/spawn.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "lib/base/exit.h"
#include "lib/log/log.h"

namespace patchbay::async {

void Spawn(const asio::any_io_executor& executor, std::string_view name, Awaitable<void> task) {
  asio::co_spawn(executor, std::move(task), [name = std::string(name)](const std::exception_ptr& exception) {
    if (exception) EndByBug(name, exception);
  });
}

void Spawn(asio::io_context& io, std::string_view name, Awaitable<void> task) {
  Spawn(io.get_executor(), name, std::move(task));
}

std::string TextOf(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "not a std::exception";
  }
}

void EndByBug(std::string_view name, const std::exception_ptr& exception) {
  log::Error("bug", {{"task", name}, {"exception", TextOf(exception)}});
  log::Flush();
  _exit(kExitBug);
}

}  // namespace patchbay::async
