#include "workers/frontend/models/catalog.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace patchbay::frontend {
namespace {

TEST(ModelCatalog, KeepsItsListWhileAccountsIsAway) {
  asio::io_context io;
  SystemClock clock;
  bool away = true;
  ModelCatalog catalog(
      [&]() -> Awaitable<Result<accounts::v1::ListModelsReply>> {
        if (away) co_return Error(ErrorCode::kUnavailable, "away");
        accounts::v1::ListModelsReply reply;
        reply.add_models()->set_id("m");
        co_return reply;
      },
      [](std::string) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
        co_return accounts::v1::ResolveModelReply();
      },
      clock);
  const auto run = [&]() -> Awaitable<void> {
    const auto first = co_await catalog.List();
    EXPECT_EQ(first.error().code, ErrorCode::kUnavailable);
    away = false;
    const auto second = co_await catalog.List();
    EXPECT_EQ(second->models(0).id(), "m");
    away = true;
    const auto refreshed = co_await catalog.Refresh();
    EXPECT_FALSE(refreshed.ok());
    const auto third = co_await catalog.List();
    EXPECT_EQ(third->models(0).id(), "m");
  };
  asio::co_spawn(io, run, [](std::exception_ptr error) { ASSERT_FALSE(error); });
  io.run();
}

}  // namespace
}  // namespace patchbay::frontend
