// Which action answers a method and a path: the real server's routes (client-protocols §F.1). Pure.
#pragma once

#include <string_view>

namespace patchbay::ollama {

enum class Action {
  kRoot,
  kVersion,
  kTags,
  kLoaded,
  kShow,
  kChat,
  kGenerate,
  kEmbed,
  kEmbeddings,
  kPull,
  kPush,
  kCreate,
  kCopy,
  kDelete,
  kFindBlob,
  kMakeBlob,
  kCloudStatus,
  kAccount,    // of the maker's cloud, of which nobody here has one
  kWebSearch,  // the same cloud's
  kRelay,      // the frontend's own protocols
  kPreflight,
  kNotFound,
  kMethodNotAllowed,
};

Action Find(std::string_view method, std::string_view path);

}  // namespace patchbay::ollama
