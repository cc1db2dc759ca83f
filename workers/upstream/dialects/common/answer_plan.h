// What has to be done to an answer so that its client finds in it what it asked for: the undoing of what fit_request
// did to the request.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace patchbay::upstream {

struct AnswerPlan {
  // The client's own, by the form that the provider was told.
  std::map<std::string, std::string, std::less<>> tool_names;
  std::map<std::string, std::string, std::less<>> call_ids;

  // Tools of free text that the provider knows as functions, and tools that are in namespaces, by the name that they
  // have without (plain_tools.h); both before tool_names.
  struct Namespaced {
    std::string space, name;
  };
  std::set<std::string, std::less<>> free_text_tools;
  std::map<std::string, Namespaced, std::less<>> namespaced;

  // Where the answer ends, looked for here.
  std::vector<std::string> stops;

  // The text is JSON of another shape: that of strict mode (the schema is what it is brought back to), inside an
  // object.
  std::string schema_json;
  bool unwraps = false;

  // What the client wrote of the answer itself: the answer goes on from there.
  std::string begun;

  bool reshapes() const { return unwraps || !schema_json.empty(); }
  bool makes_calls_plain() const { return !free_text_tools.empty() || !namespaced.empty(); }
  bool empty() const {
    return tool_names.empty() && call_ids.empty() && stops.empty() && begun.empty() && !reshapes() &&
           !makes_calls_plain();
  }
};

}  // namespace patchbay::upstream
