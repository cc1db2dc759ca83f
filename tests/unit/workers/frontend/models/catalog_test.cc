#include "workers/frontend/models/catalog.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace patchbay::frontend {
namespace {

using namespace std::chrono_literals;

class ModelCatalogTest : public ::testing::Test {
 protected:
  static accounts::v1::ListModelsReply ListOf(const std::string& id, bool pending = false) {
    accounts::v1::ListModelsReply list;
    list.add_models()->set_id(id);
    list.add_claude_names()->set_id("claude-" + id);
    list.mutable_claude_names(0)->set_display_name("Second");
    list.set_pending(pending);
    return list;
  }
  // What somebody who asks is told, when he is.
  void Ask() {
    const auto ask = [this]() -> Awaitable<void> {
      const auto list = co_await catalog_.List();
      told_ = list.ok() ? (*list)->models(0).id() : list.error().message;
    };
    asio::co_spawn(io_, ask, [](std::exception_ptr error) { ASSERT_FALSE(error); });
    io_.restart();
    io_.poll();
  }
  Result<accounts::v1::ModelInfo> Find(const std::string& name) {
    std::optional<Result<accounts::v1::ModelInfo>> found;
    const auto find = [&]() -> Awaitable<void> { found.emplace(co_await catalog_.Find(name)); };
    asio::co_spawn(io_, find, [](std::exception_ptr error) { ASSERT_FALSE(error); });
    io_.restart();
    io_.run();
    return *found;
  }

  asio::io_context io_;
  std::string told_, resolved_;
  ModelCatalog catalog_{io_.get_executor(),
                        [this](std::string name) -> Awaitable<Result<accounts::v1::ResolveModelReply>> {
                          resolved_ = name;
                          accounts::v1::ResolveModelReply reply;
                          reply.set_found(name == "claude-m" || name == "alias");
                          reply.set_provider("p");
                          reply.set_wire_model("m");
                          reply.set_problem("no such model, but 'm'");
                          co_return reply;
                        }};
};

TEST_F(ModelCatalogTest, AnswersFromMemoryWithWhatWasToldLast) {
  catalog_.Put(ListOf("m"));
  Ask();
  EXPECT_EQ(told_, "m");
  catalog_.Put(ListOf("n"));
  Ask();
  EXPECT_EQ(told_, "n");
}

TEST_F(ModelCatalogTest, WaitsForTheFirstListAndForOneThatIsAboutToChange) {
  Ask();
  EXPECT_EQ(told_, "");
  catalog_.Put(ListOf("shipped", /*pending=*/true));
  io_.poll();
  EXPECT_EQ(told_, "");
  catalog_.Put(ListOf("live"));
  io_.poll();
  EXPECT_EQ(told_, "live");
}

TEST_F(ModelCatalogTest, DoesNotWaitForEver) {
  catalog_.Put(ListOf("shipped", /*pending=*/true));
  Ask();
  io_.run_for(ModelCatalog::kListWait + 200ms);
  EXPECT_EQ(told_, "shipped");
}

TEST_F(ModelCatalogTest, FindsAModelByEachOfItsNames) {
  catalog_.Put(ListOf("m"));
  EXPECT_EQ(Find("m")->id(), "m");
  EXPECT_EQ(Find("claude-m")->display_name(), "Second");
  EXPECT_EQ(Find("alias")->alias_of(), "m");
}

TEST_F(ModelCatalogTest, SaysWhatAccountsSaysOfANameThatMeansNothing) {
  catalog_.Put(ListOf("m"));
  const auto found = Find(std::string("\xff\n") + std::string(5000, 'x'));
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(found.error().message, "no such model, but 'm'");
  EXPECT_EQ(resolved_.substr(0, 8), "\\xFF\\x0A") << "nothing that a message between processes cannot hold";
  EXPECT_LE(resolved_.size(), 256U);
}

}  // namespace
}  // namespace patchbay::frontend
