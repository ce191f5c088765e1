#include "cli/top/screen.h"

#define NCURSES_NOMACROS  // functions only: its macros have names like erase and timeout
#include <curses.h>
#include <unistd.h>

#include <cstdio>

namespace jitfarm::cli::top {

Result<std::unique_ptr<Screen>> Screen::open() {
  if (!::isatty(STDIN_FILENO) || !::isatty(STDOUT_FILENO))
    return fail(Errc::io_failure, "there is no terminal: use --once");
  std::unique_ptr<Screen> screen(new Screen);
  // Not initscr(): it ends the process when it does not know the terminal.
  SCREEN* terminal = ::newterm(nullptr, stdout, stdin);
  if (!terminal)
    return fail(Errc::io_failure, "ncurses does not know this terminal (TERM): use --once");
  screen->terminal_ = terminal;
  ::cbreak();
  ::noecho();
  ::curs_set(0);
  ::keypad(stdscr, TRUE);
  ::set_escdelay(50);  // ms; Esc alone against the begin of a key's sequence
  return screen;
}

Screen::~Screen() {
  if (!terminal_) return;
  ::endwin();
  ::delscreen(static_cast<SCREEN*>(terminal_));
}

std::size_t Screen::width() const { return static_cast<std::size_t>(getmaxx(stdscr)); }
std::size_t Screen::height() const { return static_cast<std::size_t>(getmaxy(stdscr)); }

void Screen::show(const std::vector<Line>& lines) {
  ::erase();
  int y = 0;
  for (const Line& line : lines) {
    const attr_t attributes = line.style == Line::Style::head       ? A_BOLD | A_UNDERLINE
                              : line.style == Line::Style::selected ? A_REVERSE
                              : line.style == Line::Style::dim      ? A_DIM
                                                                    : A_NORMAL;
    ::attrset(static_cast<int>(attributes));
    ::mvaddnstr(y++, 0, line.text.c_str(), static_cast<int>(line.text.size()));
  }
  ::attrset(A_NORMAL);
  ::refresh();
}

Key Screen::key(std::chrono::milliseconds limit) {
  ::timeout(static_cast<int>(limit.count()));
  switch (::getch()) {
    case 'm':
      return Key::messages;
    case 'k':
      return Key::kinds;
    case 'c':
      return Key::clients;
    case 'w':
      return Key::workers;
    case KEY_UP:
      return Key::up;
    case KEY_DOWN:
      return Key::down;
    case KEY_PPAGE:
      return Key::page_up;
    case KEY_NPAGE:
      return Key::page_down;
    case '<':
    case KEY_LEFT:
      return Key::left;
    case '>':
    case KEY_RIGHT:
      return Key::right;
    case 'n':
      return Key::by_count;
    case 't':
      return Key::by_time;
    case 'b':
      return Key::by_bytes;
    case '\n':
    case '\r':
    case KEY_ENTER:
      return Key::enter;
    case 27:  // Esc
    case KEY_BACKSPACE:
      return Key::back;
    case 'p':
    case ' ':
      return Key::pause;
    case 'q':
      return Key::quit;
    case 'L' - '@':  // Ctrl-L: somebody else wrote on the terminal
      ::clearok(curscr, TRUE);
      return Key::none;
    default:
      return Key::none;
  }
}

}  // namespace jitfarm::cli::top
