#include "workers/frontend/dialects/common/request/ignored_fields.h"

#include <algorithm>
#include <boost/json/object.hpp>

namespace patchbay::frontend {

void NoteIgnored(std::vector<std::string>& ignored, std::string field) {
  if (ignored.size() >= kMaxIgnoredFields) return;
  if (std::find(ignored.begin(), ignored.end(), field) == ignored.end()) ignored.push_back(std::move(field));
}

void NoteOthers(std::vector<std::string>& ignored, const JsonNode& object,
                std::initializer_list<std::string_view> known) {
  if (!object.IsObject()) return;
  for (const auto& member : object.value().get_object()) {
    if (std::find(known.begin(), known.end(), std::string_view(member.key())) != known.end()) continue;
    if (const auto other = object.Find(member.key())) NoteIgnored(ignored, other->Path());
  }
}

}  // namespace patchbay::frontend
