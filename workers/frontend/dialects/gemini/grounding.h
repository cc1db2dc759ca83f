// Where the sentences of an answer come from: a provider's citations → Gemini's `groundingMetadata` (client-protocols
// E.5). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::frontend::gemini {

class Grounding {
 public:
  void AddText(std::string_view text) { text_.append(text); }
  // A provider's own citation {"type":"url_citation","start_index",…}; its offsets count characters from `base`.
  void AddCitation(std::string_view json, std::int64_t base);
  // A provider's own item of a search, which tells what was looked for.
  void AddSearch(std::string_view json);

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
