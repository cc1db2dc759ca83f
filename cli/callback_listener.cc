#include "cli/callback_listener.h"

#include <httplib.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>
#include <utility>

namespace patchbay::cli {
namespace {

constexpr const char* kLoopback = "127.0.0.1";
constexpr std::size_t kMaxBodyBytes = 1024;
constexpr time_t kSeconds = 5;  // for a browser to say what it wants, and to hear the answer
constexpr std::size_t kThreads = 1;
constexpr std::chrono::milliseconds kMoment{1};

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

void Answer(httplib::Response& response, int status, const std::string& title, const std::string& text) {
  response.status = status;
  // The address holds a code: nothing may carry it on or keep it.
  response.set_header("Cache-Control", "no-store");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_content(CallbackPage(title, text), "text/html; charset=utf-8");
}

}  // namespace

std::string CallbackPage(const std::string& title, const std::string& text) {
  return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>patchbay</title>"
         "<body style=\"font-family: sans-serif; margin: 4em\"><h1>" +
         Escaped(title) + "</h1><p>" + Escaped(text) + "</p></body></html>\n";
}

struct CallbackListener::Running {
  httplib::Server server;
  std::thread thread;
};

CallbackListener::CallbackListener(std::unique_ptr<Running> running, int port)
    : running_(std::move(running)), port_(port) {}

CallbackListener::~CallbackListener() {
  running_->server.stop();
  running_->thread.join();
}

Result<std::unique_ptr<CallbackListener>> CallbackListener::Open(int port, const std::string& path, Take take) {
  auto running = std::make_unique<Running>();
  httplib::Server& server = running->server;
  // The library would share the port with whoever else does, and half of the answers would be theirs.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kMaxBodyBytes);
  server.set_read_timeout(kSeconds);
  server.set_write_timeout(kSeconds);
  server.set_keep_alive_max_count(1);
  server.Get(".*", [path, take = std::move(take)](const httplib::Request& request, httplib::Response& response) {
    const std::size_t question = request.target.find('?');
    if (request.target.substr(0, question) != path)
      return Answer(response, 404, "Nothing here", "There is no such page.");
    if (question == std::string::npos) return Answer(response, 400, "Not logged in", "The address has no code.");
    const Result<void> taken = take(request.target.substr(question + 1));
    if (!taken.ok()) return Answer(response, 400, "Not logged in", taken.error().message);
    Answer(response, 200, "Thank you",
           "patchbay goes on by itself; the terminal tells the rest. You can close this page.");
  });
  const bool bound = port == 0 ? (port = server.bind_to_any_port(kLoopback)) > 0 : server.bind_to_port(kLoopback, port);
  if (!bound) return Error(ErrorCode::kUnavailable, "port " + std::to_string(port) + " is in use");
  running->thread = std::thread([&server] { server.listen_after_bind(); });
  // A server that is told to stop before it runs would never hear of it.
  while (!server.is_running()) std::this_thread::sleep_for(kMoment);
  return std::unique_ptr<CallbackListener>(new CallbackListener(std::move(running), port));
}

}  // namespace patchbay::cli
