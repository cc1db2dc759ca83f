#include "lib/keyterms/network.h"

#include <arpa/inet.h>

#include <algorithm>

#include "lib/base/number.h"
#include "lib/base/text.h"

namespace patchbay::keyterms {
namespace {

constexpr int kMappedBits = 96;  // of ::ffff:0:0/96, where IPv4 lives
constexpr int kAddressBits = 128;

std::optional<Address> ParseIpv4(const std::string& text) {
  std::array<std::uint8_t, 4> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) != 1) return std::nullopt;
  Address address{};
  address[10] = address[11] = 0xff;
  std::copy(bytes.begin(), bytes.end(), address.begin() + 12);
  return address;
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string bare(text.substr(0, text.find('%')));
  if (bare.find(':') == std::string::npos) return ParseIpv4(bare);
  Address address{};
  return inet_pton(AF_INET6, bare.c_str(), address.data()) == 1 ? std::optional(address) : std::nullopt;
}

std::string PlainAddress(std::string_view text) {
  const auto address = ParseAddress(text);
  if (!address) return {};
  const Network mapped{*ParseIpv4("0.0.0.0"), kMappedBits};
  std::array<char, INET6_ADDRSTRLEN> plain{};
  const bool ipv4 = mapped.Holds(*address);
  const std::uint8_t* bytes = address->data() + (ipv4 ? 12 : 0);
  return inet_ntop(ipv4 ? AF_INET : AF_INET6, bytes, plain.data(), plain.size()) == nullptr ? "" : plain.data();
}

bool Network::Holds(const Address& address) const {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || (first[whole] ^ address[whole]) >> (8 - rest) == 0;
}

Result<Network> ParseNetwork(std::string_view text) {
  const auto wrong = [&](const char* what) {
    return Error(ErrorCode::kInvalidArgument, "'" + Printable(text, 64) + "' " + what);
  };
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto first = ParseAddress(host);
  if (!first || host.find('%') != std::string_view::npos) {
    return wrong("is no address and no network, like 192.0.2.7, 10.0.0.0/8 or fd00::/8");
  }
  Network network{*first, kAddressBits};
  if (slash != std::string_view::npos) {
    const bool ipv6 = host.find(':') != std::string_view::npos;
    const auto bits = ParseNumber<int>(text.substr(slash + 1));
    if (!bits || *bits < 0 || *bits > (ipv6 ? kAddressBits : kAddressBits - kMappedBits)) {
      return wrong(ipv6 ? "needs a prefix of 0 to 128 bits" : "needs a prefix of 0 to 32 bits");
    }
    network.bits = ipv6 ? *bits : *bits + kMappedBits;
  }
  for (int bit = network.bits; bit < kAddressBits; ++bit) {
    if ((network.first[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1) != 0) {
      return wrong("has bits behind its prefix");
    }
  }
  return network;
}

bool AllowsSource(const accounts::v1::KeyTerms& terms, std::string_view source) {
  if (terms.sources().empty() || source.empty()) return true;
  const auto address = ParseAddress(source);
  return address && std::any_of(terms.sources().begin(), terms.sources().end(), [&](const std::string& text) {
           const auto network = ParseNetwork(text);
           return network.ok() && network->Holds(*address);
         });
}

}  // namespace patchbay::keyterms
