#include "workers/accounts/books/client_key_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lib/async/spawn.h"
#include "lib/base/sha256.h"
#include "tests/unit/workers/accounts/store/counting_store.h"
#include "tests/unit/workers/accounts/store/store_fixture.h"

namespace patchbay::accounts {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class StandingClock final : public Clock {
 public:
  WallTime Now() const override { return now; }
  SteadyTime Steady() const override { return SteadyTime(); }
  WallTime now{std::chrono::seconds(1'790'000'000)};
};

// A book on a real store, which refuses to commit while `full_`.
class ClientKeyBookTest : public ::testing::Test {
 protected:
  // What a task gave, once the event loop has brought it to its end.
  template <class T>
  using Later = std::shared_ptr<std::optional<T>>;
  template <class T>
  Later<T> Begin(Awaitable<T> task) {
    auto result = std::make_shared<std::optional<T>>();
    async::Spawn(io_, "test", Keep(std::move(task), result));
    return result;
  }
  template <class T>
  static Awaitable<void> Keep(Awaitable<T> task, Later<T> out) {
    out->emplace(co_await std::move(task));
  }
  template <class T>
  T Await(const Later<T>& later) {
    while (!*later) {
      if (io_.run_one() == 0) io_.restart();
    }
    return std::move(**later);
  }
  static KeyWish Wish(const std::string& name) {
    KeyWish wish;
    wish.name = name;
    return wish;
  }
  Result<NewClientKey> Create(const std::string& name) { return Await(Begin(book_.Create(Wish(name)))); }
  Result<StoredClientKey> Update(const std::string& key, const KeyEdit& edit) {
    return Await(Begin(book_.Update(key, edit)));
  }
  Result<NewClientKey> Rotate(const std::string& key, std::chrono::milliseconds keep_old = {}) {
    return Await(Begin(book_.Rotate(key, keep_old)));
  }
  std::vector<std::string> LiveHashes(const ClientKeyId& key) {
    std::vector<std::string> hashes;
    for (const KeySecret& secret : book_.SecretsOf(*book_.Find(key.str()))) hashes.push_back(secret.sha256);
    return hashes;
  }
  Result<StoredClientKey> Revoke(const std::string& key) { return Await(Begin(book_.Revoke(key))); }
  std::vector<std::string> Names(const ClientKeyBook& book, bool include_revoked) {
    std::vector<std::string> names;
    for (const StoredClientKey& key : book.List(include_revoked)) names.push_back(key.name);
    return names;
  }
  std::vector<StoredClientKey> Stored() {
    std::function<Result<std::vector<StoredClientKey>>(Store&)> load = [](Store& store) {
      return store.LoadClientKeys();
    };
    return *Await(Begin(storage_->Run<std::vector<StoredClientKey>>(std::move(load))));
  }

  TemporaryDirectory directory_;
  asio::io_context io_;
  StandingClock clock_;
  std::atomic<int> commits_{0};
  std::atomic<bool> full_{false};
  std::unique_ptr<StorageThread> storage_ = std::make_unique<StorageThread>(
      io_, std::make_unique<CountingStore>(std::move(*OpenStore(directory_.path)), commits_, full_));
  ClientKeyBook book_{*storage_, clock_};
  std::shared_ptr<UpdateHub::Watcher> watcher_ = std::make_shared<UpdateHub::Watcher>(io_.get_executor());
};

TEST_F(ClientKeyBookTest, ShowsASecretOnceAndKeepsItsHash) {
  const auto made = Create("laptop");
  ASSERT_TRUE(made.ok());
  const std::string secret = made->secret.Reveal();
  EXPECT_THAT(secret, StartsWith("pbk_"));
  EXPECT_THAT(secret, EndsWith(made->key.hint));
  EXPECT_EQ(made->key.hint.size(), 4u);
  EXPECT_EQ(made->key.created_at, clock_.now);
  const auto stored = Stored();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_THAT(stored[0].secrets, ElementsAre(KeySecret{Sha256(secret), std::nullopt}));
  for (const auto& file : std::filesystem::directory_iterator(directory_.path)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(in), {}};
    EXPECT_THAT(content, Not(HasSubstr(secret))) << file.path();
  }
}

TEST_F(ClientKeyBookTest, MakesNoKeyTwice) {
  const auto one = Create("one"), two = Create("two");
  EXPECT_NE(one->secret.Reveal(), two->secret.Reveal());
  EXPECT_NE(one->key.id, two->key.id);
}

TEST_F(ClientKeyBookTest, RefusesANameThatIsTakenEmptyOrTooLong) {
  ASSERT_TRUE(Create("laptop").ok());
  const std::string longest(ClientKeyBook::kMaxNameBytes, 'n');
  EXPECT_TRUE(Create(longest).ok());
  EXPECT_EQ(Create("laptop").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(Create("").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Create(longest + "n").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Stored().size(), 2u);
}

TEST_F(ClientKeyBookTest, GivesANameToOneOfTwoWhoAskAtOnce) {
  const auto first = Begin(book_.Create(Wish("laptop"))), second = Begin(book_.Create(Wish("laptop")));
  EXPECT_TRUE(Await(first).ok());
  EXPECT_EQ(Await(second).error().code, ErrorCode::kAlreadyExists);
}

TEST_F(ClientKeyBookTest, FreesANameWithItsKey) {
  ASSERT_TRUE(Create("laptop").ok());
  ASSERT_TRUE(Revoke("laptop").ok());
  EXPECT_TRUE(Create("laptop").ok());
  EXPECT_THAT(Names(book_, true), ElementsAre("laptop", "laptop"));
}

TEST_F(ClientKeyBookTest, HasABound) {
  std::vector<StoredClientKey> keys(ClientKeyBook::kMaxKeys);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i].id = ClientKeyId("ck_" + std::to_string(i));
  book_.Load(std::move(keys));
  EXPECT_EQ(Create("one more").error().code, ErrorCode::kResourceExhausted);
}

TEST_F(ClientKeyBookTest, CountsOnlyThoseThatAreNotRevoked) {
  std::vector<StoredClientKey> keys(ClientKeyBook::kMaxKeys + 1);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].id = ClientKeyId("ck_" + std::to_string(i));
    keys[i].name = std::to_string(i);
    if (i < 2) keys[i].revoked_at = clock_.now;
  }
  book_.Load(std::move(keys));
  EXPECT_TRUE(Create("one more").ok());
  EXPECT_EQ(Create("too many").error().code, ErrorCode::kResourceExhausted);
  EXPECT_TRUE(Revoke("9").ok());
  EXPECT_TRUE(Create("in its place").ok());
}

TEST_F(ClientKeyBookTest, ForgetsTheOldestOfTooManyThatAreRevoked) {
  const auto first = Create("first"), second = Create("second");
  ASSERT_TRUE(Revoke("first").ok());
  std::vector<StoredClientKey> keys = Stored();
  ASSERT_EQ(keys.size(), 2u);
  keys.resize(ClientKeyBook::kMaxRevoked + 1);  // all but "second" are revoked
  for (std::size_t i = 2; i < keys.size(); ++i) {
    keys[i].id = ClientKeyId("ck_" + std::to_string(i));
    keys[i].revoked_at = clock_.now + std::chrono::seconds(1);
  }
  book_.Load(std::move(keys));
  clock_.now += std::chrono::hours(1);
  ASSERT_TRUE(Revoke("second").ok());
  EXPECT_EQ(book_.Find(first->key.id.str()), nullptr);
  EXPECT_EQ(book_.List(/*include_revoked=*/true).size(), ClientKeyBook::kMaxRevoked);
  ASSERT_EQ(Stored().size(), 1u);
  EXPECT_EQ(Stored().front().id, second->key.id);
}

TEST_F(ClientKeyBookTest, RevokesByIdOrNameForGood) {
  const auto one = Create("one"), two = Create("two");
  clock_.now += std::chrono::hours(1);
  EXPECT_EQ(Revoke("one")->revoked_at, clock_.now);
  EXPECT_EQ(Revoke(two->key.id.str())->revoked_at, clock_.now);
  EXPECT_FALSE(book_.IsValid(one->key.id));
  const WallTime when = std::exchange(clock_.now, clock_.now + std::chrono::hours(1));
  EXPECT_EQ(Revoke(one->key.id.str())->revoked_at, when) << "a second time changes nothing";
  EXPECT_EQ(Revoke("one")->revoked_at, when) << "by its name too, while no other key has it";
  EXPECT_EQ(Revoke("nobody").error().code, ErrorCode::kNotFound);

  ClientKeyBook after_restart(*storage_, clock_);
  after_restart.Load(Stored());
  EXPECT_FALSE(after_restart.IsValid(one->key.id));
  EXPECT_THAT(Names(after_restart, false), IsEmpty());
}

TEST_F(ClientKeyBookTest, ListsInOrderOfAge) {
  for (const char* name : {"first", "second", "third"}) {
    ASSERT_TRUE(Create(name).ok());
    clock_.now += std::chrono::seconds(1);
  }
  ASSERT_TRUE(Revoke("second").ok());
  EXPECT_THAT(Names(book_, false), ElementsAre("first", "third"));
  EXPECT_THAT(Names(book_, true), ElementsAre("first", "second", "third"));
}

TEST_F(ClientKeyBookTest, KnowsItsOwnKeysOnly) {
  EXPECT_TRUE(book_.IsValid(ClientKeyId("worker:ollama"))) << "the frontend's name for a caller without a key";
  EXPECT_FALSE(book_.IsValid(ClientKeyId("ck_unknown")));
  EXPECT_TRUE(book_.IsValid(Create("laptop")->key.id));
}

TEST_F(ClientKeyBookTest, TellsOfAChangeOnceItIsDurable) {
  book_.changes().Subscribe(watcher_);
  const auto making = Begin(book_.Create(Wish("laptop")));
  io_.poll_one();  // up to the disk
  std::string changed;
  EXPECT_FALSE(*making);
  EXPECT_FALSE(watcher_->Next(changed));
  const auto made = Await(making);
  ASSERT_TRUE(watcher_->Next(changed));
  EXPECT_EQ(changed, made->key.id.str());
  ASSERT_TRUE(Revoke("laptop").ok());
  EXPECT_TRUE(watcher_->Next(changed));
}

TEST_F(ClientKeyBookTest, KeepsAndTellsNothingThatWasNotWritten) {
  const auto kept = Create("kept");
  book_.changes().Subscribe(watcher_);
  full_ = true;
  EXPECT_EQ(Create("lost").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Revoke("kept").error().code, ErrorCode::kUnavailable);
  full_ = false;
  std::string changed;
  EXPECT_FALSE(watcher_->Next(changed));
  EXPECT_TRUE(book_.IsValid(kept->key.id));
  EXPECT_THAT(Names(book_, true), ElementsAre("kept"));
  EXPECT_TRUE(Create("lost").ok()) << "its name is free again";
}

// Who begins to watch meanwhile must not see what is taken back later, since nobody would tell.
TEST_F(ClientKeyBookTest, ShowsNobodyWhatIsNotDurable) {
  const auto kept = Create("kept");
  full_ = true;
  const auto revoking = Begin(book_.Revoke("kept"));
  const auto creating = Begin(book_.Create(Wish("lost")));
  io_.poll_one();
  io_.poll_one();  // both up to the disk
  EXPECT_FALSE(book_.Find(kept->key.id.str())->revoked_at);
  EXPECT_THAT(LiveHashes(kept->key.id), ElementsAre(Sha256(kept->secret.Reveal())));
  EXPECT_THAT(Names(book_, true), ElementsAre("kept"));
  EXPECT_EQ(Await(revoking).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Await(creating).error().code, ErrorCode::kUnavailable);
  full_ = false;
  EXPECT_TRUE(book_.IsValid(kept->key.id));
  EXPECT_TRUE(Revoke("kept").ok());
}

TEST_F(ClientKeyBookTest, ChangesTheTermsThatAreNamedAndNoOthers) {
  KeyWish wish = Wish("laptop");
  wish.terms.add_models("gpt-5.5");
  wish.terms.set_concurrency(2);
  ASSERT_TRUE(Await(Begin(book_.Create(wish))).ok());
  KeyEdit edit;
  edit.terms.add_models("claude-*");
  edit.terms.set_concurrency(9);
  edit.terms_changed = {"models"};
  const auto changed = Update("laptop", edit);
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  EXPECT_THAT(changed->terms.models(), ElementsAre("claude-*"));
  EXPECT_EQ(changed->terms.concurrency(), 2);
  edit.terms.clear_models();
  EXPECT_THAT(Update("laptop", edit)->terms.models(), IsEmpty()) << "nothing in its place: no limit any more";
  edit.terms_changed = {"no_such_term"};
  EXPECT_EQ(Update("laptop", edit).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Stored().front().terms.concurrency(), 2);
}

TEST_F(ClientKeyBookTest, RefusesTermsThatCannotBe) {
  KeyWish wish = Wish("laptop");
  wish.terms.add_sources("10.0.0.1/8");
  const auto made = Await(Begin(book_.Create(wish)));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(made.error().message, HasSubstr("sources"));
}

TEST_F(ClientKeyBookTest, LosesNoneOfTwoChangesAtTheSameTime) {
  ASSERT_TRUE(Create("laptop").ok());
  KeyEdit edit;
  edit.name = "notebook";
  const auto revoking = Begin(book_.Revoke("laptop"));
  const auto updating = Begin(book_.Update("laptop", edit));
  EXPECT_TRUE(Await(revoking).ok());
  EXPECT_EQ(Await(updating).error().code, ErrorCode::kNotFound) << "it was revoked before";
  EXPECT_TRUE(Stored().front().revoked_at);
}

TEST_F(ClientKeyBookTest, KeepsTheSecretBeforeARotationForAsLongAsItIsToldTo) {
  const auto made = Create("laptop");
  book_.changes().Subscribe(watcher_);
  const auto second = Rotate("laptop", std::chrono::hours(1));
  ASSERT_TRUE(second.ok());
  const std::string first_hash = Sha256(made->secret.Reveal()), second_hash = Sha256(second->secret.Reveal());
  EXPECT_THAT(LiveHashes(made->key.id), ElementsAre(second_hash, first_hash));
  EXPECT_EQ(second->key.rotated_at, clock_.now);
  std::string changed;
  ASSERT_TRUE(watcher_->Next(changed));
  book_.Tick();
  EXPECT_FALSE(watcher_->Next(changed)) << "nothing has ended";
  clock_.now += std::chrono::hours(1);
  EXPECT_THAT(LiveHashes(made->key.id), ElementsAre(second_hash));
  book_.Tick();
  EXPECT_TRUE(watcher_->Next(changed)) << "whoever watches is told";
}

TEST_F(ClientKeyBookTest, EndsTheOlderOfTwoSecretsAtOnce) {
  const auto first = Create("laptop");
  const auto second = Rotate("laptop", std::chrono::hours(1));
  const auto third = Rotate("laptop", std::chrono::hours(1));
  EXPECT_THAT(LiveHashes(first->key.id), ElementsAre(Sha256(third->secret.Reveal()), Sha256(second->secret.Reveal())));
  const auto fourth = Rotate("laptop");
  EXPECT_THAT(LiveHashes(first->key.id), ElementsAre(Sha256(fourth->secret.Reveal())));
  EXPECT_EQ(Stored().front().secrets.size(), 1u);
  EXPECT_EQ(Rotate("laptop", std::chrono::days(31)).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ClientKeyBookTest, LetsAKeyExpireAndTellsWhoWatches) {
  KeyWish wish = Wish("guest");
  wish.expires_at = clock_.now;
  EXPECT_EQ(Await(Begin(book_.Create(wish))).error().code, ErrorCode::kInvalidArgument) << "it would be over already";
  wish.expires_at = clock_.now + std::chrono::hours(1);
  const auto made = Await(Begin(book_.Create(wish)));
  ASSERT_TRUE(made.ok());
  book_.changes().Subscribe(watcher_);
  EXPECT_TRUE(book_.IsValid(made->key.id));
  clock_.now += std::chrono::hours(1);
  EXPECT_FALSE(book_.IsValid(made->key.id));
  EXPECT_THAT(LiveHashes(made->key.id), IsEmpty());
  book_.Tick();
  std::string changed;
  EXPECT_TRUE(watcher_->Next(changed));
  KeyEdit never;
  never.expires_at = WallTime{};
  EXPECT_TRUE(Update("guest", never).ok());
  EXPECT_TRUE(book_.IsValid(made->key.id)) << "and may be given more time";
}

}  // namespace
}  // namespace patchbay::accounts
