#include "lib/sqlite/sqlite.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <stdexcept>

#include "lib/base/random.h"

namespace patchbay::sqlite {
namespace {

using namespace std::chrono_literals;

class Sqlite : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / RandomId("patchbay-sqlite-");
    std::filesystem::create_directories(directory_);
    database_ = Open().value();
    ASSERT_TRUE(database_->Execute("CREATE TABLE words(word TEXT PRIMARY KEY, number INTEGER)").ok());
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(directory_);
  }
  std::filesystem::path File() const { return directory_ / "words.db"; }
  Result<std::unique_ptr<Database>> Open() { return Database::Open(File()); }

  Result<void> Add(std::string_view word) {
    ASSIGN_OR_RETURN(auto query, database_->Prepare("INSERT INTO words(word) VALUES (?)"));
    return query->Bind(word).Run();
  }
  std::int64_t Count() {
    auto query = database_->Prepare("SELECT count(*) FROM words").value();
    EXPECT_TRUE(query->Step().value());
    return query->Integer(0);
  }

  std::filesystem::path directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(Sqlite, GivesBackWhatWasBound) {
  auto query = database_->Prepare("SELECT ?, ?, ?, ?, ?, ?").value();
  query->Bind(std::string_view("a\0b", 3)).BindBlob("\xff").Bind(std::int64_t{-7}).Bind(0.5);
  query->Bind(WallTime(1500ms)).Bind(std::optional<WallTime>());
  ASSERT_TRUE(query->Step().value());
  EXPECT_EQ(query->Text(0), std::string("a\0b", 3));
  EXPECT_EQ(query->Text(1), "\xff");
  EXPECT_EQ(query->Integer(2), -7);
  EXPECT_EQ(query->Real(3), 0.5);
  EXPECT_EQ(query->Time(4), WallTime(1500ms));
  EXPECT_EQ(query->MaybeTime(5), std::nullopt);
  EXPECT_FALSE(query->Step().value());
}

TEST_F(Sqlite, TellsAnEmptyTextFromNothing) {
  auto query = database_->Prepare("SELECT ?, ?").value();
  query->Bind(std::string_view()).BindNull();
  ASSERT_TRUE(query->Step().value());
  EXPECT_FALSE(query->IsNull(0));
  EXPECT_TRUE(query->IsNull(1));
}

TEST_F(Sqlite, ForgetsTheBindingsOfAnEarlierRun) {
  ASSERT_TRUE(Add("one").ok());
  ASSERT_TRUE(Add("two").ok());
  EXPECT_EQ(Count(), 2);
  EXPECT_EQ(database_->changes(), 1);
}

TEST_F(Sqlite, NamesTheKindOfAnError) {
  ASSERT_TRUE(Add("one").ok());
  EXPECT_EQ(Add("one").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(database_->Execute("no such statement").error().code, ErrorCode::kInternal);
  EXPECT_EQ(Database::Open(directory_ / "none" / "x.db").error().code, ErrorCode::kUnavailable);
}

TEST_F(Sqlite, SaysThatAFileIsNoDatabase) {
  const auto file = directory_ / "strange.db";
  std::ofstream(file) << std::string(4096, 'x');
  const auto opened = Database::Open(file);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(opened.error().message.find("strange.db"), std::string::npos);
}

TEST_F(Sqlite, KeepsItsFilesToTheirOwner) {
  ASSERT_TRUE(Add("one").ok());
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 077, 0u) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3);  // the database, its -wal and its -shm
}

TEST_F(Sqlite, TakesBackAFailedTransaction) {
  const auto done = database_->InTransaction([&]() -> Result<void> {
    RETURN_IF_ERROR(Add("one"));
    return Error(ErrorCode::kCancelled, "changed my mind");
  });
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Count(), 0);
}

TEST_F(Sqlite, KeepsAWholeWithoutThePartThatFailed) {
  ASSERT_TRUE(database_
                  ->InTransaction([&]() -> Result<void> {
                    RETURN_IF_ERROR(Add("one"));
                    const auto part = database_->InTransaction([&]() -> Result<void> {
                      RETURN_IF_ERROR(Add("two"));
                      return Error(ErrorCode::kCancelled, "not this one");
                    });
                    EXPECT_FALSE(part.ok());
                    return Add("three");
                  })
                  .ok());
  EXPECT_EQ(Count(), 2);
}

TEST_F(Sqlite, SaysThatTheWholeIsLostWithAPart) {
  const auto done = database_->InTransaction([&]() -> Result<void> {
    RETURN_IF_ERROR(Add("one"));
    return database_->InTransaction([&]() -> Result<void> {
      RETURN_IF_ERROR(database_->Execute("ROLLBACK"));  // as SQLite does by itself when the disk is full
      return Error(ErrorCode::kAlreadyExists, "refused");
    });
  });
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Count(), 0);
}

TEST_F(Sqlite, TakesBackATransactionWhoseWorkThrew) {
  const auto throws = [&]() -> Result<void> {
    EXPECT_TRUE(Add("one").ok());
    throw std::runtime_error("no");
  };
  EXPECT_THROW((void)database_->InTransaction(throws), std::runtime_error);
  EXPECT_EQ(Count(), 0);
  EXPECT_TRUE(database_->InTransaction([&] { return Add("two"); }).ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(Sqlite, ReadsOneStateWhileAnotherConnectionWrites) {
  ASSERT_TRUE(Add("before").ok());
  const auto reader = Database::OpenToRead(File()).value();
  const auto count = [&] {
    auto query = reader->Prepare("SELECT count(*) FROM words").value();
    EXPECT_TRUE(query->Step().value());
    return query->Integer(0);
  };
  const auto done = reader->InSnapshot([&]() -> Result<void> {
    EXPECT_EQ(count(), 1);
    const auto added = database_->InTransaction([&] { return Add("meanwhile"); });
    EXPECT_TRUE(added.ok()) << "it waits for no reader";
    EXPECT_EQ(count(), 1);
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(count(), 2);
  EXPECT_FALSE(reader->InSnapshot([] { return Result<void>(Error(ErrorCode::kInternal, "failed")); }).ok());
  EXPECT_EQ(count(), 2) << "nothing is left open";
  EXPECT_FALSE(reader->Execute("INSERT INTO words(word) VALUES ('x')").ok());
}

TEST_F(Sqlite, MakesNoFileForWhoeverReads) { EXPECT_FALSE(Database::OpenToRead(directory_ / "other.db").ok()); }

TEST_F(Sqlite, HasWhatWasCommittedAfterItWasClosed) {
  ASSERT_TRUE(Add("one").ok());
  database_ = Database::Open(File(), Durability::kSoon).value();
  EXPECT_EQ(Count(), 1);
}

}  // namespace
}  // namespace patchbay::sqlite
