#include "workers/ollama/dialect/context.h"

#include <boost/json/value.hpp>
#include <cstdint>
#include <string_view>

#include "lib/base/sha256.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/utf8.h"

namespace patchbay::ollama {
namespace {

constexpr std::int64_t kMark = 0x50420001;  // "PB", and the number of this form
constexpr std::size_t kHeadNumbers = 3;
constexpr std::size_t kBytesPerNumber = 3;
constexpr std::size_t kTurnHeadBytes = 5;

// Bytes that are missing at the end count as zeros.
std::int64_t NumberAt(std::string_view bytes, std::size_t at, std::size_t count) {
  std::int64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    number = number << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0);
  }
  return number;
}

void AppendNumber(std::string& bytes, std::uint64_t number, std::size_t count) {
  for (std::size_t i = count; i-- > 0;) bytes.push_back(static_cast<char>(number >> (8 * i) & 0xFF));
}

std::int64_t SumOf(std::string_view bytes) { return NumberAt(Sha256(bytes), 0, kBytesPerNumber); }

// The newest turns that fit.
std::string BytesOf(const std::vector<Turn>& turns) {
  std::size_t first = turns.size(), size = 0;
  while (first > 0 && size + kTurnHeadBytes + turns[first - 1].text.size() <= kContextBytesMax) {
    size += kTurnHeadBytes + turns[--first].text.size();
  }
  std::string bytes;
  bytes.reserve(size);
  for (; first < turns.size(); ++first) {
    bytes.push_back(turns[first].by_user ? 'u' : 'a');
    AppendNumber(bytes, turns[first].text.size(), kTurnHeadBytes - 1);
    bytes.append(turns[first].text);
  }
  return bytes;
}

std::optional<std::vector<Turn>> TurnsOf(std::string_view bytes) {
  std::vector<Turn> turns;
  while (!bytes.empty()) {
    if (bytes.size() < kTurnHeadBytes || (bytes[0] != 'u' && bytes[0] != 'a')) return std::nullopt;
    const auto size = static_cast<std::size_t>(NumberAt(bytes, 1, kTurnHeadBytes - 1));
    const std::string_view text = bytes.substr(kTurnHeadBytes);
    if (size > text.size() || !wire::IsValidUtf8(text.substr(0, size))) return std::nullopt;
    turns.push_back({bytes[0] == 'u', std::string(text.substr(0, size))});
    bytes = text.substr(size);
  }
  return turns;
}

}  // namespace

std::string EncodeContext(const std::vector<Turn>& turns) {
  const std::string bytes = BytesOf(turns);
  std::string out;
  wire::JsonWriter json(out);
  json.BeginArray().Int(kMark).Int(static_cast<std::int64_t>(bytes.size())).Int(SumOf(bytes));
  for (std::size_t at = 0; at < bytes.size(); at += kBytesPerNumber) json.Int(NumberAt(bytes, at, kBytesPerNumber));
  json.EndArray();
  return out;
}

std::optional<std::vector<Turn>> DecodeContext(const boost::json::array& context) {
  if (context.empty()) return std::vector<Turn>();
  std::vector<std::int64_t> numbers;
  numbers.reserve(context.size());
  for (const boost::json::value& value : context) {
    boost::system::error_code error;
    numbers.push_back(value.is_number() ? value.to_number<std::int64_t>(error) : -1);
    if (error || numbers.back() < 0) return std::nullopt;
  }
  if (numbers.size() < kHeadNumbers || numbers[0] != kMark) return std::nullopt;
  const auto size = static_cast<std::uint64_t>(numbers[1]);
  if (size > kContextBytesMax || numbers.size() != kHeadNumbers + (size + kBytesPerNumber - 1) / kBytesPerNumber) {
    return std::nullopt;
  }
  std::string bytes;
  bytes.reserve(size + kBytesPerNumber);
  for (std::size_t i = kHeadNumbers; i < numbers.size(); ++i) {
    if (numbers[i] >= std::int64_t{1} << (8 * kBytesPerNumber)) return std::nullopt;
    AppendNumber(bytes, static_cast<std::uint64_t>(numbers[i]), kBytesPerNumber);
  }
  bytes.resize(size);
  if (SumOf(bytes) != numbers[2]) return std::nullopt;
  return TurnsOf(bytes);
}

}  // namespace patchbay::ollama
