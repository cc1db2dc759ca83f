// The buffer of a machine whose listener methods write: what its caller gave, for the length of one call.
//
// A step has no parameter for it, and between calls the machine holds an empty string of its own, never a pointer to
// one that may be gone.
#pragma once

#include <string>

namespace patchbay::frontend {

class LentBuffer {
 public:
  // Both outlive this. `own` has the caller's bytes until then, and gives them back with what was added.
  LentBuffer(std::string& own, std::string& callers) : own_(own), callers_(callers) { own_.swap(callers_); }
  ~LentBuffer() { own_.swap(callers_); }
  LentBuffer(const LentBuffer&) = delete;
  LentBuffer& operator=(const LentBuffer&) = delete;

 private:
  std::string& own_;
  std::string& callers_;
};

}  // namespace patchbay::frontend
