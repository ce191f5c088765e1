// How do lines come onto a terminal, and keys from it? ncurses, and nothing of it outside.
#pragma once
#include <chrono>
#include <memory>
#include <vector>

#include "cli/top/view.h"
#include "common/base/result.h"

namespace jitfarm::cli::top {

/// The terminal is ours from open() until the destructor, which leaves it as it was. One at a time,
/// one thread.
class Screen {
 public:
  /// io_failure when standard output is no terminal, or one that ncurses does not know.
  static Result<std::unique_ptr<Screen>> open();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  std::size_t width() const;
  std::size_t height() const;
  void show(const std::vector<Line>& lines);
  /// Waits for a key for so long. none: the time is over, the window has another size, or the key
  /// means nothing.
  Key key(std::chrono::milliseconds limit);

 private:
  Screen() = default;
  void* terminal_ = nullptr;  // ncurses' SCREEN
};

}  // namespace jitfarm::cli::top
