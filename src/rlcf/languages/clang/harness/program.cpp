// The process of a program: waits for calls and answers them. All of its memory is the program's, and so is the channel:
// the test believes nothing that comes from here but values of the types that it asked for.

#include <csignal>
#include <exception>
#include <fcntl.h>

#include "program.hpp"

/// Answers a call of the program's function: stands at the end of the program's own text.
extern "C" void rlcf_answer();

namespace rlcf {

void broken(const char*) { ::_exit(3); }

std::size_t readable(const void* address, std::size_t most) {
  const auto* at = static_cast<const char*>(address);
  const auto* const heap_end = static_cast<const char*>(::sbrk(0));
  static const char first = 0;
  if (at < heap_end && at > heap_end - (1l << 30) && at > &first && reinterpret_cast<std::uintptr_t>(at) % 16 == 0) {
    const std::size_t size = ::malloc_usable_size(const_cast<char*>(at));
    if (size > 0 && size <= static_cast<std::size_t>(heap_end - at)) return size;
  }
  int pipe[2];
  if (::pipe(pipe) != 0) return 0;
  std::size_t size = 0;
  while (size < most && ::write(pipe[1], at + size, 1) == 1) {
    char taken;
    if (::read(pipe[0], &taken, 1) != 1) break;
    size += 4096 - (reinterpret_cast<std::uintptr_t>(at) + size) % 4096;
  }
  ::close(pipe[0]), ::close(pipe[1]);
  return size < most ? size : most;
}

namespace {

[[gnu::constructor(101)]] void open() {
  channel().incoming = ::fcntl(0, F_DUPFD, 10);
  channel().outgoing = ::fcntl(1, F_DUPFD, 10);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (int each = 0; each < 3; each++) ::dup2(nothing, each);
  std::signal(SIGPIPE, SIG_IGN);
}

void threw(std::size_t kind, const std::string& what) {
  send(Came::threw);
  put_count(kind);
  send(what.substr(0, 1000));
}

}  // namespace
}  // namespace rlcf

int main() {
  using namespace rlcf;
  for (;;) {
    bool called;
    receive(called);
    try {
      rlcf_answer();
    } catch (const std::bad_alloc&) {
      send(Came::no_memory);
    } catch (const std::exception& error) {
      threw(kind_of(error), error.what());
    } catch (...) {
      threw(99, "an exception");
    }
    channel().flush();
  }
}
