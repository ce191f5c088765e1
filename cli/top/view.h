// What does `jitfarm top` look like, and what do its keys do? Pure: state, table and size in, lines
// out; a key changes the state.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/top/table.h"

namespace jitfarm::cli::top {

enum class Key : std::uint8_t {
  none,
  messages,
  kinds,
  clients,
  workers,
  up,
  down,
  page_up,
  page_down,
  left,  ///< sort by the column on the left
  right,
  by_count,
  by_time,
  by_bytes,
  enter,  ///< into the row
  back,
  pause,
  quit,
};

/// What the view is about.
struct State {
  Panel panel = Panel::messages;
  std::optional<std::size_t> sort;  ///< column; nothing: the panel's usual one
  std::size_t selected = 0;         ///< row
  SessionId client;                 ///< the kinds are this one's; 0: everybody's
  std::string client_name;
  std::string kind;  ///< clients are ranked by it; empty: by requests
  bool paused = false;
  bool over = false;
  std::string trouble;  ///< the last answer did not come: shown instead of silence
};

/// The column that a panel is sorted by when nobody chose one.
std::size_t usual_sort(const State& state);
std::size_t sort_column(const State& state);
/// The column with this title, if the panel has it.
std::optional<std::size_t> column_named(const Table& table, std::string_view title);

/// What has to be asked for this view.
protocol::StatusRequest request_of(const State& state);

/// `table` is the sorted table that the user sees.
void press(State& state, Key key, const Table& table, std::size_t page);

struct Line {
  enum class Style : std::uint8_t { plain, head, selected, dim } style = Style::plain;
  std::string text;  ///< at most `width` characters
};
/// At most `height` lines: summary, column titles, rows around the selected one, keys.
std::vector<Line> draw(const State& state, const std::string& summary, const Table& table,
                       std::size_t width, std::size_t height);

/// The whole table without a selection, for --once.
std::string print(const Table& table);

}  // namespace jitfarm::cli::top
