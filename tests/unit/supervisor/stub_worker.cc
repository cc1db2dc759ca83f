// The smallest worker: attaches, says ready, drains when told. Stands in for every worker of ours in tests that are
// about the supervisor.
#include "lib/worker/worker.h"

int main(int argc, char** argv) {
  using patchbay::Result;
  return patchbay::worker::Main(argc, argv, {.name = "stub", .standalone = {}},
                                [](patchbay::worker::Runtime&) -> Result<void> { return {}; });
}
