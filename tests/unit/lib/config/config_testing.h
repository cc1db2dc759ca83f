// A configuration file that exists for one test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "lib/base/random.h"
#include "lib/config/loader.h"

namespace patchbay::config {

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / (RandomId("patchbay-config-") + ".yaml")) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() {
    std::error_code error;
    std::filesystem::remove(path_, error);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Result<Loaded> LoadText(const std::string& text, const EnvironmentMap& environment = {}) {
  const TemporaryFile file(text);
  return LoadConfig(file.path(), environment);
}

// What is wrong with `text`: the message, with the file's name written as FILE.
inline std::string Problems(const std::string& text, const EnvironmentMap& environment = {}) {
  const TemporaryFile file(text);
  const auto loaded = LoadConfig(file.path(), environment);
  if (loaded.ok()) return "";
  auto message = loaded.error().message;
  for (auto at = message.find(file.path().string()); at != std::string::npos; at = message.find(file.path().string())) {
    message.replace(at, file.path().string().size(), "FILE");
  }
  return message;
}

// A configuration in which everything that is printed differently occurs.
inline config::v1::Config Unusual() {
  const auto loaded = LoadText(R"(
log: {level: debug}
frontend: {listen: "[::1]:0", allowed_hosts: ["a b", "true", "-", "\"q\""], limits: {body_bytes: 1025}}
ollama: {version: "1"}
providers: {codex: {base_url: "https://z.example", allow_private: true, auth: {oauth: {redirect_ports: [4001, 4002]}}}}
workers: {hello: {command: "/bin/x y", arguments: [""]}}
models: {aliases: {"claude-*": "a, b", plain: plain, none: ""}}
)");
  EXPECT_TRUE(loaded.ok()) << loaded.error().message;
  return loaded->config;
}

}  // namespace patchbay::config
