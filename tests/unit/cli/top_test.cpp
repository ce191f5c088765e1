// Does `jitfarm top` show the right numbers, and do its keys do what its last line says?
#include <algorithm>
#include <catch2/catch.hpp>

#include "cli/top/table.h"
#include "cli/top/view.h"

namespace jitfarm::cli::top {
namespace {

Sample sample(double seconds, std::uint64_t queries) {
  protocol::StatusReply reply;
  reply.requests = 10;
  reply.messages = {
      {.name = "fact_query", .count = queries, .bytes = queries * 100, .waited_ns = 2'000'000'000},
      {.name = "fact_query", .count = queries, .bytes = queries * 90, .sent = true},
      {.name = "heartbeat", .count = 3, .bytes = 30}};
  reply.kinds = {{.name = "class_info", .asked = 5, .waited_ns = 1'000'000, .cached = 15},
                 {.name = "method_profile", .asked = 20}};
  reply.clients = {{.session = {0xab}, .name = "host:1\x1b[2J", .requested = 4, .facts_asked = 9},
                   {.session = {0xcd}, .name = "host:2", .requested = 6}};
  return {.reply = reply, .seconds = seconds};
}

const Row& row(const Table& table, std::string_view key) {
  const auto at = std::ranges::find(table.rows, key, &Row::key);
  REQUIRE(at != table.rows.end());
  return *at;
}

double number(const Table& table, std::string_view key, std::string_view column) {
  return row(table, key).cells.at(column_named(table, column).value()).number;
}

TEST_CASE("top: what the coordinator passes on is one message; rates are of the last two looks") {
  const Sample before = sample(10, 100), now = sample(12, 140);
  const Table table = make_table(Panel::messages, now, &before);
  CHECK(number(table, "fact_query", "count") == 140);
  CHECK(number(table, "fact_query", "count/s") == 20);
  CHECK(number(table, "fact_query", "bytes/s") == 2000);
  CHECK(number(table, "fact_query", "waited") == 2);
  CHECK(number(table, "heartbeat", "count/s") == 0);
}

TEST_CASE("top: a counter that fell is another coordinator's, and has no rate") {
  const Sample before = sample(10, 100), now = sample(12, 40);
  CHECK(number(make_table(Panel::messages, now, &before), "fact_query", "count/s") == 0);
}

TEST_CASE("top: questions are ranked by any column, largest first") {
  Table table = make_table(Panel::kinds, sample(1, 1), nullptr);
  sort(table, column_named(table, "asked").value());
  CHECK(table.rows[0].key == "method_profile");
  sort(table, column_named(table, "waited").value());
  CHECK(table.rows[0].key == "class_info");
  CHECK(number(table, "class_info", "hit-rate") == 0.75);
  CHECK(number(table, "class_info", "per-request") == 0.5);
}

TEST_CASE("top: a peer's text cannot write on the terminal") {
  const Table table = make_table(Panel::clients, sample(1, 1), nullptr);
  CHECK(row(table, "ab").cells[0].text == "host:1?[2J");
}

TEST_CASE("top: keys sort, drill into a client and into a kind, and come back") {
  const Sample now = sample(1, 1);
  State state;
  const auto shown = [&] {
    Table table = make_table(state.panel, now, nullptr);
    sort(table, sort_column(state));
    return table;
  };
  const auto hit = [&](Key key) { press(state, key, shown(), 10); };
  hit(Key::by_time);
  CHECK(shown().columns[sort_column(state)].title == "waited");
  hit(Key::clients);
  CHECK(state.panel == Panel::clients);
  CHECK_FALSE(state.sort);
  hit(Key::down);
  hit(Key::down);  // there are two
  CHECK(state.selected == 1);
  hit(Key::enter);
  CHECK(state.panel == Panel::kinds);
  CHECK(request_of(state).session == SessionId{0xab});
  hit(Key::back);
  CHECK(state.panel == Panel::clients);
  CHECK_FALSE(request_of(state).session);
  hit(Key::kinds);
  hit(Key::enter);
  CHECK(state.panel == Panel::clients);
  CHECK(request_of(state).kind == "method_profile");
  CHECK(shown().columns[sort_column(state)].title == "of-kind");
  hit(Key::back);
  CHECK(state.panel == Panel::kinds);
  hit(Key::left);
  hit(Key::left);
  CHECK(sort_column(state) == shown().columns.size() - 1);
  hit(Key::pause);
  CHECK(state.paused);
  hit(Key::quit);
  CHECK(state.over);
  press(state, Key::enter, Table{}, 1);  // nothing is there yet
}

TEST_CASE("top: lines fit the terminal, whatever its size, and show the selected row") {
  Sample now = sample(1, 1);
  for (std::uint64_t i = 0; i < 100; ++i)
    now.reply.clients.push_back(
        {.session = {1000 + i}, .name = std::string(200, 'x'), .requested = 1000 - i});
  State state{.panel = Panel::clients, .sort = {}, .selected = 90};
  Table table = make_table(Panel::clients, now, nullptr);
  sort(table, sort_column(state));
  for (const std::size_t height : {0, 1, 2, 3, 4, 5, 24, 300})
    for (const std::size_t width : {0, 1, 80, 500}) {
      const auto lines = draw(state, summary(now, nullptr), table, width, height);
      CHECK(lines.size() <= height);
      for (const Line& line : lines) CHECK(line.text.size() <= width);
      if (height >= 5) CHECK(std::ranges::count(lines, Line::Style::selected, &Line::style) == 1);
    }
}

TEST_CASE("top: numbers are short") {
  CHECK(short_number(9999) == "9999");
  CHECK(short_number(12'345) == "12.3k");
  CHECK(short_number(4.5e6) == "4.5M");
  CHECK(short_bytes(1023) == "1023");
  CHECK(short_bytes(1536) == "1.5K");
  CHECK(short_seconds(1.234) == "1.23");
  CHECK(short_seconds(130) == "2m10s");
  CHECK(short_seconds(7300) == "2h01m");
}

}  // namespace
}  // namespace jitfarm::cli::top
