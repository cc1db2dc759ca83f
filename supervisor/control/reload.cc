#include "supervisor/control/reload.h"

#include <algorithm>

#include "lib/log/log.h"
#include "supervisor/system/notify.h"

namespace patchbay::supervisor {
namespace {

using Kind = WorkerAnswer::Kind;

// Of a process that was told the configuration of `revision`.
bool HasAnswered(const Process& process, std::int64_t revision) { return process.applied.revision() >= revision; }

bool MayAnswer(const Process& process) {
  return process.running() && process.link && process.stop_step() == StopStep::kRunning;
}

WorkerAnswer AnswerOf(const Process& process, std::int64_t revision) {
  WorkerAnswer answer;
  answer.worker = process.worker();
  if (!HasAnswered(process, revision)) {
    answer.kind = Kind::kNoAnswer;
    answer.words =
        !process.running() ? "it ended meanwhile" : (process.ready() ? "it does not answer" : "it is starting");
    return answer;
  }
  answer.new_files.assign(process.applied.new_files().begin(), process.applied.new_files().end());
  for (const std::string& setting : process.applied.needs_restart()) {
    answer.kind = Kind::kNeedsRestart;
    answer.words += (answer.words.empty() ? "" : ", ") + setting;
    answer.settings.push_back(setting);
  }
  if (!process.applied.error().empty()) {
    answer.kind = Kind::kRefused;
    answer.words = process.applied.error();
  }
  return answer;
}

// A file says nothing new where the setting itself is another one, nor a second time of a second worker.
void AddNewFiles(const std::vector<std::string>& settings, std::vector<std::string>& applied) {
  const auto known = [&](const std::string& text) {
    return std::find(applied.begin(), applied.end(), text) != applied.end();
  };
  for (const std::string& setting : settings) {
    const std::string text = setting + " (what is in the file)";
    if (!known(setting) && !known(text)) applied.push_back(text);
  }
}

bool AnyRefused(const std::vector<WorkerAnswer>& answers) {
  return std::any_of(answers.begin(), answers.end(), [](const auto& answer) { return answer.kind == Kind::kRefused; });
}

}  // namespace

Reloader::Turn::Turn(Reloader& reloader)
    : reloader_(reloader), told_(reloader.supervisor_.told_ready() && !reloader.supervisor_.stopping()) {
  reloader_.busy_ = true;
  if (told_) notify::Reloading();
}

Reloader::Turn::~Turn() {
  // The reload is over, whatever came of it. Systemd takes this word also as one about a start or a stop.
  if (told_ && !reloader_.supervisor_.stopping()) notify::Ready();
  reloader_.busy_ = false;
  reloader_.supervisor_.changed().Notify();
}

Awaitable<Result<ReloadOutcome>> Reloader::Reload() {
  while (busy_) co_await supervisor_.changed().Wait(kAnswerPatience);
  const Turn turn(*this);
  co_return co_await ReloadNow();
}

Awaitable<Result<ReloadOutcome>> Reloader::ReloadNow() {
  Result<config::Loaded> loaded = supervisor_.ReadConfiguration();
  if (!loaded.ok()) {
    log::Error("config.rejected", {{"error", loaded.error().message}});
    co_return std::move(loaded).error();
  }
  const config::Loaded before = supervisor_.loaded();
  ReloadOutcome outcome;
  for (const config::Change& change : config::Diff(before.config, loaded->config)) {
    if (change.needs_restart) {
      outcome.needs_restart.push_back(change.path + " (restart patchbayd)");
    } else {
      outcome.applied.push_back(change.path);
    }
  }
  supervisor_.Enforce(std::move(loaded).value());
  outcome.workers = co_await Answers();
  outcome.refused = AnyRefused(outcome.workers);
  if (outcome.refused) {
    outcome.applied.clear();
    outcome.needs_restart.clear();
    supervisor_.Enforce(before);
    co_await Answers();  // so that the old one is in force everywhere when this returns
  } else {
    supervisor_.FollowSettings(before.config);
  }
  for (const WorkerAnswer& answer : outcome.workers) {
    if (outcome.refused) break;
    AddNewFiles(answer.new_files, outcome.applied);
    for (const std::string& setting : answer.settings) {
      outcome.needs_restart.push_back(setting + " (restart " + answer.worker + ")");
      std::erase(outcome.applied, setting);
    }
  }
  outcome.revision = supervisor_.revision();
  log::Info("config.reloaded", {{"revision", outcome.revision},
                                {"source", supervisor_.config_source()},
                                {"refused", outcome.refused},
                                {"applied", outcome.applied.size()},
                                {"needs_restart", outcome.needs_restart.size()}});
  co_return outcome;
}

Awaitable<std::vector<WorkerAnswer>> Reloader::Answers() {
  const std::int64_t revision = supervisor_.revision();
  std::vector<std::shared_ptr<Process>> asked;
  for (const auto& slot : supervisor_.slots()) {
    for (const auto& process : slot->Processes()) {
      if (MayAnswer(*process)) asked.push_back(process);
    }
  }
  const SteadyTime deadline = supervisor_.clock().Steady() + kAnswerPatience;
  for (;;) {
    const bool all = std::all_of(asked.begin(), asked.end(), [&](const auto& process) {
      return HasAnswered(*process, revision) || !MayAnswer(*process);
    });
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - supervisor_.clock().Steady());
    if (all || left.count() <= 0) break;
    co_await supervisor_.changed().Wait(left);
  }
  std::vector<WorkerAnswer> answers;
  for (const auto& process : asked) answers.push_back(AnswerOf(*process, revision));
  co_return answers;
}

}  // namespace patchbay::supervisor
