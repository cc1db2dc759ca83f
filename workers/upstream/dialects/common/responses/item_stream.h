// The items of one response, kept in canonical order: dense indexes from 0, an ItemBegan before an
// item's deltas, deltas for everything that ItemDone tells, and nothing after ItemDone.
//
// The provider keys its events by `output_index`, may skip numbers, and may send an item whole
// without its deltas. Used by event_decoder; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "lib/base/result.h"
#include "workers/upstream/dialects/common/responses/event_types.h"
#include "workers/upstream/dialects/dialect.h"

namespace patchbay::upstream::responses {

// Output items of one response; far above what any answer has.
inline constexpr std::size_t kMaxOutputItems = 10'000;

class ItemStream {
 public:
  // Each appends what the event means. Errors: kTooLarge over kMaxOutputItems.
  Result<void> Begin(const EventFields& fields, GenerateEvents& out);
  Result<void> Delta(EventType type, const EventFields& fields, GenerateEvents& out);
  Result<void> Progress(const EventFields& fields, std::string_view json, GenerateEvents& out);
  Result<void> Annotate(const EventFields& fields, GenerateEvents& out);
  Result<void> Finish(const EventFields& fields, GenerateEvents& out);

  // A tool call that the client has to answer was among the finished items.
  bool called_tool() const { return called_tool_; }

 private:
  struct State {
    int index = 0;
    bool done = false;
    bool any_delta = false;
    int citations = 0;
    std::uint64_t parts_with_delta = 0;  // a bit per part; parts above 63 share the last bit
  };

  State* Find(const EventFields& fields);
  Result<State*> Add(const inference::v1::Item& item, GenerateEvents& out);
  void GiveMissingDeltas(const State& state, const inference::v1::Item& item, GenerateEvents& out) const;
  void GiveMissingCitations(const State& state, const inference::v1::Message& message, GenerateEvents& out) const;

  std::unordered_map<std::int64_t, State> items_;  // by the provider's output_index
  std::int64_t current_ = 0;                       // output_index of the item being told
  bool called_tool_ = false;
};

}  // namespace patchbay::upstream::responses
