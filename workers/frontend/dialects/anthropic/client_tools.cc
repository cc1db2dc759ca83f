#include "workers/frontend/dialects/anthropic/client_tools.h"

#include <array>
#include <utility>

namespace patchbay::frontend::anthropic {
namespace {

constexpr ClientTool kBash = {
    "Runs a command in a bash session that keeps its state between calls.",
    R"({"type":"object","properties":{"command":{"type":"string","description":"The command to run"},)"
    R"("restart":{"type":"boolean","description":"Start a new session instead of running a command"}}})"};

constexpr ClientTool kTextEditor = {
    "Views, creates and edits text files.",
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","enum":["view","create","str_replace","insert"]},)"
    R"("path":{"type":"string","description":"The file or directory"},)"
    R"("file_text":{"type":"string","description":"For create: the whole content"},)"
    R"("old_str":{"type":"string","description":"For str_replace: the text to replace; it must occur exactly once"},)"
    R"("new_str":{"type":"string","description":"For str_replace: the new text"},)"
    R"("insert_line":{"type":"integer","description":"For insert: the line to put it after, 0 for the start"},)"
    R"("insert_text":{"type":"string","description":"For insert: the text"},)"
    R"("view_range":{"type":"array","items":{"type":"integer"},)"
    R"("description":"For view: first and last line, -1 for the end"}},)"
    R"("required":["command","path"]})"};

constexpr ClientTool kMemory = {
    "Keeps notes in files below /memories that outlive the conversation.",
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},)"
    R"("path":{"type":"string","description":"A path below /memories"},)"
    R"("view_range":{"type":"array","items":{"type":"integer"}},)"
    R"("file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},)"
    R"("insert_line":{"type":"integer"},"insert_text":{"type":"string"},)"
    R"("old_path":{"type":"string"},"new_path":{"type":"string"}},"required":["command"]})"};

constexpr std::array<std::pair<std::string_view, const ClientTool*>, 3> kTools = {
    {{"bash_", &kBash}, {"text_editor_", &kTextEditor}, {"memory_", &kMemory}}};

}  // namespace

std::optional<ClientTool> FindClientTool(std::string_view type) {
  for (const auto& [prefix, tool] : kTools) {
    if (type.starts_with(prefix)) return *tool;
  }
  return std::nullopt;
}

}  // namespace patchbay::frontend::anthropic
