// The process of a test: runs the test's `main`, and tells what came of it on standard error.
//
// It is linked with the test and with nothing of the program's. `main` is the test's own: the linker calls this one
// first (`--wrap=main`).

#include <csignal>
#include <cstdio>
#include <exception>
#include <fcntl.h>

#include "judge.hpp"

namespace rlcf {

bool has_thrown = false;

namespace {

int report = 2;

/// Ends the process with its outcome, as a line of JSON.
[[noreturn]] void tell(const char* status, const std::string& detail) {
  std::string line = std::string("[\"") + status + "\", \"";
  for (const char c : detail.substr(0, 500)) {
    if (c == '"' || c == '\\') line += '\\';
    line += c < ' ' || c > '~' ? ' ' : c;
  }
  line += "\"]\n";
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t count = ::write(report, line.data() + at, line.size() - at);
    if (count <= 0) break;
    at += static_cast<std::size_t>(count);
  }
  ::_exit(0);
}

/// The channel takes the place of standard input and output, before anything of the test runs.
[[gnu::constructor(101)]] void open() {
  channel().incoming = ::fcntl(0, F_DUPFD, 10);
  channel().outgoing = ::fcntl(1, F_DUPFD, 10);
  report = ::fcntl(2, F_DUPFD, 10);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (int each = 0; each < 3; each++) ::dup2(nothing, each);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGABRT, [](int) { tell("failed", "the test aborts"); });
  for (const int each : {SIGSEGV, SIGFPE, SIGBUS, SIGILL}) {
    std::signal(each, [](int) { tell("error", "the test breaks down"); });
  }
  ::on_exit([](int status, void*) { tell(status == 0 ? "passed" : "failed", status == 0 ? "" : "exit"); }, nullptr);
  if (::write(report, "ready\n", 6) != 6) ::_exit(1);
}

}  // namespace

void broken(const char* why) {
  const std::string text = why;
  if (text == "RLCF: memory") tell("memory", "no memory left for the program");
  if (text.rfind("RLCF: ", 0) == 0) tell("error", text.substr(6));
  tell("error", "the program ended before its test did: " + text);
}

}  // namespace rlcf

/// What `assert` calls.
extern "C" void __assert_fail(const char* condition, const char*, unsigned int, const char*) noexcept {
  rlcf::tell("failed", condition);
}

extern "C" int __real_main(int count, char** arguments);

extern "C" int __wrap_main(int count, char** arguments) {
  int status = 1;
  try {
    status = __real_main(count, arguments);
  } catch (const std::exception& error) {
    rlcf::tell(rlcf::has_thrown ? "error" : "failed", error.what());
  } catch (...) {
    rlcf::tell(rlcf::has_thrown ? "error" : "failed", "an exception");
  }
  if (status != 0) rlcf::tell("failed", "main returns " + std::to_string(status));
  rlcf::tell("passed", "");
}
