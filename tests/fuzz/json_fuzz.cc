// Any bytes as a body: our JSON helpers never crash, never disagree with each other or with Boost's parser, and a
// splice changes nothing but the value it replaces.
#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lib/wire/boost_json.h"
#include "lib/wire/json.h"
#include "lib/wire/json_writer.h"
#include "lib/wire/utf8.h"

namespace {

using namespace patchbay::wire;  // a fuzz target is one page long

void Expect(bool truth) {
  if (!truth) std::abort();
}

// Boost's own doubles may be off by their last digit, and 0e999 is none to it.
bool Same(const boost::json::value& ours, const boost::json::value& boosts) {
  if (ours.kind() != boosts.kind()) return false;
  if (ours.is_double()) {
    const double a = ours.get_double(), b = boosts.get_double();
    if (std::isnan(b)) return a == 0 || std::isnan(a);
    return a == b || std::abs(a - b) <= std::abs(b) * 1e-14 + 1e-307;
  }
  if (ours.is_array()) {
    const auto &a = ours.get_array(), &b = boosts.get_array();
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), Same);
  }
  if (!ours.is_object()) return ours == boosts;
  const auto &a = ours.get_object(), &b = boosts.get_object();
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return one.key() == other.key() && Same(one.value(), other.value());
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string body(reinterpret_cast<const char*>(data), size);
  const std::string original = body;

  const bool valid = ValidateJson(body, kMaxJsonDepth, Duplicates::kAllow).ok();
  Expect(body == original);
  const auto parsed = ParseJson(body);
  if (parsed.ok()) Expect(valid);
  if (valid) Expect(IsValidUtf8(body));
  boost::json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::json::error_code code;
  const boost::json::value boosts = boost::json::parse(body, code, {}, options);
  // 0e99999999999 is valid JSON, whose exponent is too long for Boost.
  Expect(parsed.ok() == !code || (parsed.ok() && code == boost::json::error::exponent_overflow));
  if (!code) Expect(Same(*parsed, boosts));

  const auto found = FindTopLevel(body, "model");
  Expect(body == original);
  const auto spliced = SpliceTopLevel(body, "model", "\"spliced\"");
  Expect(found.ok() == spliced.ok());
  if (found.ok()) {
    Expect(found->offset + found->size <= body.size());
    Expect(*spliced == body.substr(0, found->offset) + "\"spliced\"" + body.substr(found->offset + found->size));
    if (parsed.ok()) {
      const auto value = ParseJson(found->In(body));
      Expect(value.ok() && *value == *FindMember(*parsed, "model"));
    }
  }

  std::string quoted;
  AppendJsonString(quoted, body);
  const auto unquoted = ParseJson(quoted);
  Expect(unquoted.ok());
  if (IsValidUtf8(body)) Expect(std::string_view(unquoted->get_string().data(), unquoted->get_string().size()) == body);
  return 0;
}
