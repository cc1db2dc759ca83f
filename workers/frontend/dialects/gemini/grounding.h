// Where the sentences of an answer come from: citations → Gemini's `groundingMetadata` (client-protocols
// E.5). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/inference/v1/event.pb.h"

namespace patchbay::frontend::gemini {

class Grounding {
 public:
  void AddText(std::string_view text) { text_.append(text); }
  // Its range is of the whole text; what is no page cannot be told.
  void AddCitation(const inference::v1::Citation& citation);
  void AddSearch(const inference::v1::WebSearchCall& search);

  // The object; empty when nothing was looked for and nothing cited.
  std::string Encode() const;

 private:
  struct Source {
    std::string url, title;
  };
  struct Support {
    std::int64_t begin, end;  // characters
    std::size_t source;
  };

  std::string text_;
  std::vector<std::string> queries_;
  std::vector<Source> sources_;
  std::vector<Support> supports_;
};

}  // namespace patchbay::frontend::gemini
