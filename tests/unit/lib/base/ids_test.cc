#include "lib/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace patchbay {
namespace {

using ShelfId = StrongId<struct ShelfIdTag>;
using BookId = StrongId<struct BookIdTag>;

TEST(StrongId, CannotChangePlacesWithAnotherKind) {
  static_assert(!std::is_convertible_v<BookId, ShelfId>);
  static_assert(!std::is_convertible_v<std::string, BookId>);
  EXPECT_EQ(BookId("a"), BookId("a"));
  EXPECT_LT(BookId("a"), BookId("b"));
}

}  // namespace
}  // namespace patchbay
