// The smallest worker: attaches, says ready, drains when told; it only wants a place for its state.
#include "lib/worker/worker.h"

int main(int argc, char** argv) {
  using namespace patchbay;
  return worker::Main(argc, argv, {.name = "stub", .standalone = {}}, [](worker::Runtime& runtime) -> Result<void> {
    if (runtime.state_dir().empty()) return Error(ErrorCode::kFailedPrecondition, "no state directory");
    return {};
  });
}
