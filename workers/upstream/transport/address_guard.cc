#include "workers/upstream/transport/address_guard.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace patchbay::upstream {
namespace {

namespace ip = boost::asio::ip;

struct Range4 {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t V4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr Range4 kRefused4[] = {
    {V4(0, 0, 0, 0), 8},        // this network
    {V4(10, 0, 0, 0), 8},       // private
    {V4(100, 64, 0, 0), 10},    // shared (carrier NAT)
    {V4(127, 0, 0, 0), 8},      // loopback
    {V4(169, 254, 0, 0), 16},   // link-local, cloud metadata
    {V4(172, 16, 0, 0), 12},    // private
    {V4(192, 0, 0, 0), 24},     // protocol assignments
    {V4(192, 0, 2, 0), 24},     // documentation
    {V4(192, 88, 99, 0), 24},   // 6to4 relays
    {V4(192, 168, 0, 0), 16},   // private
    {V4(198, 18, 0, 0), 15},    // benchmarking
    {V4(198, 51, 100, 0), 24},  // documentation
    {V4(203, 0, 113, 0), 24},   // documentation
    {V4(224, 0, 0, 0), 3},      // multicast, reserved, broadcast
};

bool IsPublic4(std::uint32_t address) {
  return std::none_of(std::begin(kRefused4), std::end(kRefused4), [&](const Range4& range) {
    return (address >> (32 - range.bits)) == (range.network >> (32 - range.bits));
  });
}

struct Range6 {
  std::array<std::uint8_t, 6> network;
  int bits;
};

constexpr Range6 kRefused6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},  // protocol assignments: Teredo, ORCHID, benchmarking
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff, 0x00, 0x00}, 20},  // documentation
};

bool Matches(const ip::address_v6::bytes_type& bytes, const Range6& range) {
  for (int bit = 0; bit < range.bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if ((bytes[byte] & mask) != (range.network[byte] & mask)) return false;
  }
  return true;
}

std::uint32_t Embedded4(const ip::address_v6::bytes_type& bytes, std::size_t at) {
  return V4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool IsPublic6(const ip::address_v6& address) {
  const ip::address_v6::bytes_type bytes = address.to_bytes();
  if (address.is_v4_mapped()) return IsPublic4(Embedded4(bytes, 12));
  const std::array<std::uint8_t, 12> nat64 = {0x00, 0x64, 0xff, 0x9b};  // 64:ff9b::/96
  if (std::equal(nat64.begin(), nat64.end(), bytes.begin())) return IsPublic4(Embedded4(bytes, 12));
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return IsPublic4(Embedded4(bytes, 2));  // 6to4, 2002::/16
  // Only 2000::/3 is global unicast; everything private, local or multicast lies outside it.
  if ((bytes[0] & 0xe0) != 0x20) return false;
  return std::none_of(std::begin(kRefused6), std::end(kRefused6),
                      [&](const Range6& range) { return Matches(bytes, range); });
}

}  // namespace

bool IsPublicAddress(const ip::address& address) {
  return address.is_v4() ? IsPublic4(address.to_v4().to_uint()) : IsPublic6(address.to_v6());
}

}  // namespace patchbay::upstream
