#include "lib/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>

#include "lib/base/check.h"
#include "lib/base/encoding.h"

namespace patchbay {
namespace {

constexpr std::size_t kPoolBytes = 256;  // one system call serves several ids

void Fill(char* out, std::size_t count) {
  while (count > 0) {
    const ssize_t got = getrandom(out, count, 0);
    if (got < 0 && errno == EINTR) continue;
    PATCHBAY_CHECK(got > 0);
    out += got;
    count -= static_cast<std::size_t>(got);
  }
}

// Ids are not secrets, so they may share a read-ahead pool; keys and tokens come fresh.
unsigned char PooledByte() {
  thread_local char pool[kPoolBytes];
  thread_local std::size_t next = kPoolBytes;
  if (next == kPoolBytes) {
    Fill(pool, kPoolBytes);
    next = 0;
  }
  return static_cast<unsigned char>(pool[next++]);
}

}  // namespace

std::string RandomBytes(std::size_t count) {
  std::string out(count, '\0');
  Fill(out.data(), count);
  return out;
}

std::string RandomId(std::string_view prefix, int bits) {
  static constexpr char kAlphabet[] = "abcdefghjkmnpqrstuvwxyz023456789";
  static_assert(sizeof(kAlphabet) == 33);
  std::string out(prefix);
  for (int i = 0; i < (bits + 4) / 5; ++i) out.push_back(kAlphabet[PooledByte() & 31]);
  return out;
}

std::string OrderedId(std::string_view prefix, WallTime now, int bits) {
  static constexpr char kSorted[] = "023456789abcdefghjkmnpqrstuvwxyz";
  constexpr int kTimeCharacters = 9;  // 45 bits of milliseconds: until the year 3084
  const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count());
  std::string out(prefix);
  for (int i = kTimeCharacters - 1; i >= 0; --i) out.push_back(kSorted[time >> (5 * i) & 31]);
  return RandomId(out, bits);
}

std::string RandomUuid() {
  unsigned char bytes[16];
  for (auto& byte : bytes) byte = PooledByte();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHexDigits[bytes[i] >> 4]);
    out.push_back(kHexDigits[bytes[i] & 15]);
  }
  return out;
}

}  // namespace patchbay
