#include "lib/wire/multipart.h"

#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

const std::string kForm =
    "--xyz\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nA cat\r\n"
    "--xyz\r\ncontent-disposition: form-data; name=\"image[]\"; filename=\"a;b.png\"\r\nContent-Type: image/png\r\n\r\n"
    "\x89PNG\r\n\r\n--xy\r\n"
    "--xyz\r\nContent-Disposition: form-data; filename=x; name=empty\r\n\r\n\r\n"
    "--xyz--\r\n";

TEST(Multipart, FindsTheBoundary) {
  EXPECT_EQ(FormBoundary("multipart/form-data; boundary=xyz"), "xyz");
  EXPECT_EQ(FormBoundary("Multipart/Form-Data; charset=utf-8; Boundary=\"x y\""), "x y");
  EXPECT_FALSE(FormBoundary("multipart/form-data"));
  EXPECT_FALSE(FormBoundary("multipart/form-data; boundary="));
  EXPECT_FALSE(FormBoundary("multipart/form-data; boundary=" + std::string(71, 'x')));
  EXPECT_FALSE(FormBoundary("application/json; boundary=x"));
  EXPECT_FALSE(FormBoundary(""));
}

TEST(Multipart, TakesTheFormApart) {
  const auto parts = ParseForm(kForm, "xyz");
  ASSERT_TRUE(parts.ok()) << parts.error().message;
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].name, "prompt");
  EXPECT_EQ((*parts)[0].body, "A cat");
  EXPECT_EQ((*parts)[0].filename, "");
  EXPECT_EQ((*parts)[1].name, "image[]");
  EXPECT_EQ((*parts)[1].filename, "a;b.png");
  EXPECT_EQ((*parts)[1].content_type, "image/png");
  EXPECT_EQ((*parts)[1].body, "\x89PNG\r\n\r\n--xy");
  EXPECT_EQ((*parts)[2].name, "empty");
  EXPECT_EQ((*parts)[2].body, "");
}

TEST(Multipart, OverlooksWhatStandsBeforeTheFirstBoundary) {
  const auto parts = ParseForm("hello\r\n" + kForm, "xyz");
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(parts->size(), 3u);
}

TEST(Multipart, RefusesEveryFormThatWasCut) {
  for (std::size_t size = 0; size + 4 < kForm.size(); ++size) {
    EXPECT_FALSE(ParseForm(std::string_view(kForm).substr(0, size), "xyz").ok()) << size;
  }
}

TEST(Multipart, RefusesPartsWithoutNameAndTooManyOfThem) {
  EXPECT_FALSE(ParseForm("--x\r\nContent-Type: text/plain\r\n\r\na\r\n--x--", "x").ok());
  EXPECT_FALSE(ParseForm("--x\r\nno head\r\n--x--", "x").ok());
  std::string many;
  for (std::size_t i = 0; i <= kMaxFormParts; ++i) {
    many += "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n";
  }
  const auto parts = ParseForm(many + "--x--", "x");
  ASSERT_FALSE(parts.ok());
  EXPECT_EQ(parts.error().code, ErrorCode::kTooLarge);
  const std::string head(kMaxFormHeadBytes, 'h');
  EXPECT_FALSE(
      ParseForm("--x\r\nContent-Disposition: form-data; name=a\r\nX: " + head + "\r\n\r\nb\r\n--x--", "x").ok());
}

}  // namespace
}  // namespace patchbay::wire
