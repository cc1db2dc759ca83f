// Of a stream of server-sent events, the one that has begun and is not whole yet: how much of it has come, and whether
// its beginning says what it is. For the route on which bytes pass as they come; the parser beside it has the whole
// ones.
//
// Looks at line ends from the back of each piece, so a piece that ends with an event costs nothing, and a long line one
// memrchr. Streams that end their lines with CR alone are not understood: of them no event ever ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::upstream {

class UnfinishedEvent {
 public:
  void Feed(std::string_view piece);

  // 0 between two events.
  std::size_t bytes() const { return bytes_; }

  enum class Type { kNone, kUnknown, kKnown };
  // kNone: nothing has begun but comments. kKnown: `name` is its type.
  Type ReadType(std::string_view& name) const;

 private:
  // The type stands there, in events of whoever writes it at all.
  static constexpr std::size_t kBeginningBytes = 256;

  std::string beginning_;
  std::size_t bytes_ = 0;
  bool line_began_ = false;  // the last byte of the stream was not a line end
};

}  // namespace patchbay::upstream
