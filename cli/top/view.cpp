#include "cli/top/view.h"

#include <fmt/format.h>

#include <algorithm>

namespace jitfarm::cli::top {
namespace {

constexpr std::size_t kNameMax = 28;  // of a text column; longer texts are cut

std::vector<std::size_t> widths(const Table& table) {
  std::vector<std::size_t> all;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t width = table.columns[c].title.size();
    for (const Row& row : table.rows) width = std::max(width, row.cells[c].text.size());
    all.push_back(std::max(std::min(width, kNameMax), table.columns[c].title.size()));
  }
  return all;
}

template <class TextOf>
std::string line_of(const Table& table, const std::vector<std::size_t>& width, TextOf text_of) {
  std::string line;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string text = std::string(text_of(c)).substr(0, width[c]);
    line += c == 0 ? "" : "  ";
    line += table.columns[c].text ? fmt::format("{:<{}}", text, width[c])
                                  : fmt::format("{:>{}}", text, width[c]);
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string title_line(const Table& table, const std::vector<std::size_t>& width,
                       std::optional<std::size_t> sorted) {
  return line_of(table, width, [&](std::size_t c) {
    std::string title(table.columns[c].title);
    if (sorted == c)
      std::ranges::transform(title, title.begin(),
                             [](unsigned char l) { return l >= 'a' && l <= 'z' ? l - 32 : l; });
    return title;
  });
}

std::string about(const State& state) {
  std::string text(name(state.panel));
  if (state.panel == Panel::kinds && state.client) text += " of client " + state.client_name;
  if (state.panel == Panel::clients && !state.kind.empty()) text += " asked for " + state.kind;
  if (state.paused) text += "  (paused)";
  if (!state.trouble.empty()) text += "  (" + state.trouble + ")";
  return text;
}

void show(State& state, Panel panel) {
  state.panel = panel;
  state.sort.reset();
  state.selected = 0;
  state.client = {};
  state.client_name.clear();
  state.kind.clear();
}

}  // namespace

std::size_t usual_sort(const State& state) {
  switch (state.panel) {
    case Panel::messages:
      return 1;  // count
    case Panel::kinds:
      return 1;  // asked
    case Panel::clients:
      return state.kind.empty() ? 2 : 10;  // requests, of-kind
    case Panel::workers:
      return 4;  // compiled
  }
  return 0;
}

std::size_t sort_column(const State& state) { return state.sort.value_or(usual_sort(state)); }

std::optional<std::size_t> column_named(const Table& table, std::string_view title) {
  const auto at = std::ranges::find(table.columns, title, &Column::title);
  if (at == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(at - table.columns.begin());
}

protocol::StatusRequest request_of(const State& state) {
  return {.session = state.client, .kind = state.kind};
}

void press(State& state, Key key, const Table& table, std::size_t page) {
  const std::size_t last = table.rows.empty() ? 0 : table.rows.size() - 1;
  const std::size_t columns = table.columns.size();
  state.selected = std::min(state.selected, last);
  const auto sort_by = [&](std::initializer_list<std::string_view> titles) {
    for (const std::string_view title : titles)
      if (const auto column = column_named(table, title)) {
        state.sort = column;
        return;
      }
  };
  switch (key) {
    case Key::none:
      break;
    case Key::messages:
      return show(state, Panel::messages);
    case Key::kinds:
      return show(state, Panel::kinds);
    case Key::clients:
      return show(state, Panel::clients);
    case Key::workers:
      return show(state, Panel::workers);
    case Key::up:
      if (state.selected > 0) --state.selected;
      break;
    case Key::down:
      state.selected = std::min(state.selected + 1, last);
      break;
    case Key::page_up:
      state.selected -= std::min(state.selected, page);
      break;
    case Key::page_down:
      state.selected = std::min(state.selected + page, last);
      break;
    case Key::left:
      if (columns > 0) state.sort = (sort_column(state) + columns - 1) % columns;
      break;
    case Key::right:
      if (columns > 0) state.sort = (sort_column(state) + 1) % columns;
      break;
    case Key::by_count:
      sort_by({"count", "asked", "of-kind", "requests", "compiled"});
      break;
    case Key::by_time:
      sort_by({"waited", "age"});
      break;
    case Key::by_bytes:
      sort_by({"bytes", "memory"});
      break;
    case Key::enter: {
      if (table.rows.empty()) break;
      const Row row = table.rows[state.selected];
      if (state.panel == Panel::clients) {
        show(state, Panel::kinds);
        state.client = row.session;
        state.client_name = row.cells[0].text;
      } else if (state.panel == Panel::kinds) {
        show(state, Panel::clients);
        state.kind = row.key;
      } else if (state.panel == Panel::messages) {
        // A question is told apart by its kinds.
        if (row.key == "fact_query" || row.key == "fact_answer") show(state, Panel::kinds);
      }
      break;
    }
    case Key::back:
      if (state.client)
        show(state, Panel::clients);
      else if (!state.kind.empty())
        show(state, Panel::kinds);
      else
        show(state, Panel::messages);
      break;
    case Key::pause:
      state.paused = !state.paused;
      break;
    case Key::quit:
      state.over = true;
      break;
  }
}

std::vector<Line> draw(const State& state, const std::string& summary, const Table& table,
                       std::size_t width, std::size_t height) {
  using Style = Line::Style;
  std::vector<Line> lines{{Style::plain, summary}, {Style::dim, about(state)}};
  const std::vector<std::size_t> column_width = widths(table);
  lines.push_back({Style::head, title_line(table, column_width, sort_column(state))});
  const std::size_t room = height > lines.size() + 1 ? height - lines.size() - 1 : 0;
  const std::size_t selected =
      table.rows.empty() ? 0 : std::min(state.selected, table.rows.size() - 1);
  const std::size_t first = selected < room ? 0 : selected - room + 1;
  for (std::size_t r = first; r < table.rows.size() && r < first + room; ++r)
    lines.push_back(
        {r == selected ? Style::selected : Style::plain,
         line_of(table, column_width, [&](std::size_t c) { return table.rows[r].cells[c].text; })});
  while (lines.size() + 1 < height) lines.push_back({});
  lines.push_back({Style::dim,
                   "m messages  k kinds  c clients  w workers  n/t/b sort by count/time/bytes  "
                   "< > column  Enter into  Esc back  p pause  q quit"});
  if (lines.size() > height) lines.resize(height);
  for (Line& line : lines) line.text.resize(std::min(line.text.size(), width));
  return lines;
}

std::string print(const Table& table) {
  const std::vector<std::size_t> width = widths(table);
  std::string text = title_line(table, width, std::nullopt) + "\n";
  for (const Row& row : table.rows)
    text += line_of(table, width, [&](std::size_t c) { return row.cells[c].text; }) + "\n";
  return text;
}

}  // namespace jitfarm::cli::top
