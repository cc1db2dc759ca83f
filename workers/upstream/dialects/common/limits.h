// What a provider takes in a request, as its dialect states it: fit_request.h makes a request fit. Whoever states
// nothing takes everything.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <limits>

namespace patchbay::upstream {

inline constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

enum class Alphabet {
  kAny,
  kWord,          // A-Z a-z 0-9 _ -
  kAlphanumeric,  // A-Z a-z 0-9
};

// Names and ids that the provider takes as they are; others get a form that it takes, and are restored in the answer.
struct IdentifierRule {
  Alphabet alphabet = Alphabet::kAny;
  std::size_t bytes_min = 0;
  std::size_t bytes_max = kUnbounded;
};

// Which JSON Schemas may stand in a request.
enum class SchemaRules {
  kAny,
  // lib/schema/tool_schema.h for tools, which are not strict; of answers any.
  kTools,
  // The same for tools, an object at the root of an answer, and strict mode (strict_schema.h).
  kOpenAi,
};

// What a client may wish for, and a provider may have no place for.
enum class Wish : unsigned {
  kTemperature,
  kTopP,
  kTopK,
  kMinP,
  kMaxOutputTokens,
  kSeed,
  kPresencePenalty,
  kFrequencyPenalty,
  kRepetitionPenalty,
  kLogitBias,
  kLogprobs,
  kChoices,
  kUserId,
  kSafetyIdentifier,
  kMetadata,
};

class Wishes {
 public:
  static constexpr Wishes All() { return Wishes(~0U); }
  static constexpr Wishes None() { return Wishes(0); }
  constexpr Wishes(std::initializer_list<Wish> wishes) {
    for (const Wish wish : wishes) bits_ |= Bit(wish);
  }
  constexpr bool Have(Wish wish) const { return (bits_ & Bit(wish)) != 0; }
  constexpr Wishes Without(Wish wish) const { return Wishes(bits_ & ~Bit(wish)); }

 private:
  explicit constexpr Wishes(unsigned bits) : bits_(bits) {}
  static constexpr unsigned Bit(Wish wish) { return 1U << static_cast<unsigned>(wish); }

  unsigned bits_ = 0;
};

// In what a provider takes how much the model should think.
enum class Thinking { kWordsOrTokens, kWords, kTokens };

// Where the provider looks for the word JSON before it answers in JSON without a schema.
enum class JsonWord {
  kNowhere,
  kAnywhere,
  kInMessages,  // of the conversation: in the instructions it does not count
};

struct RequestLimits {
  // What it takes; anything else is left out and named.
  Wishes takes = Wishes::All();
  Thinking thinking = Thinking::kWordsOrTokens;
  // It goes on with an answer that the client has begun. Others are told to.
  bool continues_answers = true;

  // Tools whose input is free text, and tools in namespaces. For others they are functions of one name.
  bool custom_tools = true;
  bool namespaces = true;

  IdentifierRule tool_names;
  IdentifierRule call_ids;
  // Two calls of one conversation may not have the same id.
  bool unique_call_ids = false;

  // Of `user_id` and `safety_identifier`: a longer one is cut and gets a hash, for whoever it stands for is told by
  // both.
  IdentifierRule user_ids;

  SchemaRules schemas = SchemaRules::kAny;
  // Where a request has to speak of JSON that wants it without a schema.
  JsonWord json_word = JsonWord::kNowhere;

  // How many stop sequences it knows; more than that are looked for in the answer here. What it says behind one is read
  // and counted, not told.
  std::size_t stops_max = kUnbounded;

  // A file that is sent along must have a name.
  bool files_have_names = false;
  // Longer keys of the prompt cache are left out, and the session stands in for them.
  std::size_t cache_key_bytes_max = kUnbounded;
};

}  // namespace patchbay::upstream
