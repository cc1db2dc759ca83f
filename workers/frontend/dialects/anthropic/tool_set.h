// The tools of one Messages request: those of `tools`, and what its messages change about them.
//
// `tool_addition` and `tool_removal` change what is offered from their place on, and `tools` stays as it was
// (real-clients §7.3). A tool with `defer_loading` is offered once something has referred to it (§7.2). Whoever reads
// the request tells both in its order; what stands at the end is offered to the model.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/inference/v1/request.pb.h"

namespace patchbay::frontend::anthropic {

// A tool as its definition has it. Of a search that Anthropic's servers run there is nothing to offer: `tool` is unset.
struct DefinedTool {
  std::string name;  // the client's own
  inference::v1::Tool tool;
  bool deferred = false;
  bool server_search = false;  // finds deferred tools, on the provider's side
};

class ToolSet {
 public:
  // An element of `tools`. False when another one has its name.
  [[nodiscard]] bool Declare(DefinedTool defined);
  // A definition among the messages: offered at once, in the place of the one whose name it has.
  void Add(DefinedTool defined);

  // By name; false when no such tool was defined.
  [[nodiscard]] bool AddAgain(std::string_view name);
  [[nodiscard]] bool Remove(std::string_view name);
  // Loads it if it was deferred. What was removed stays so, and false says that the model cannot call it.
  bool Refer(std::string_view name);

  // Every tool waits for a reference, and there was none: nobody could ever look for one.
  bool AllDeferred() const;
  // The provider's own.
  bool IsHosted(std::string_view name);
  // Those that are offered, in their order. Once, at the end.
  void MoveTo(google::protobuf::RepeatedPtrField<inference::v1::Tool>& tools);

 private:
  struct Entry {
    DefinedTool defined;
    bool referred_to = false;
    bool removed = false;
  };

  Entry* Find(std::string_view name);
  void Append(Entry entry);
  bool IsOffered(const Entry& entry) const;

  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> positions_;  // by name
  // Nobody runs the search here, so what it would find is offered at once.
  bool server_search_ = false;
};

}  // namespace patchbay::frontend::anthropic
