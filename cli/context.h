// What every command is given: the options that all share, and where to write.
#pragma once

#include <google/protobuf/message.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "cli/human.h"
#include "cli/table.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace patchbay::cli {

struct Context {
  bool json = false;
  std::string runtime_dir;  // as typed; empty: see RuntimeDir()
  bool colour = false;      // of standard output

  // The command that was chosen; main runs it after the command line was understood.
  std::function<Result<void>()> chosen;

  // Makes `run` the action of `command`.
  void On(CLI::App& command, std::function<Result<void>()> run) {
    command.callback([this, run = std::move(run)] { chosen = run; });
  }
};

// Where patchbayd's sockets are: --runtime-dir, $PATCHBAY_RUNTIME_DIR, $RUNTIME_DIRECTORY, else the first place where
// a gateway of this user or of the system has its admin socket.
std::string RuntimeDir(const Context& context);

void Print(std::string_view text);
// protobuf's JSON with the contract's own field names; default values are written too, so that scripts can rely on
// every field. One line when `compact`.
std::string ToJson(const google::protobuf::Message& message, bool compact = false);
void PrintJson(const google::protobuf::Message& message);

WallTime Now();

}  // namespace patchbay::cli
