// Which numbers does `jitfarm top` show, and in which order? Pure: two answers of the coordinator
// in, a sorted table out.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/messages.h"

namespace jitfarm::cli::top {

enum class Panel : std::uint8_t { messages, kinds, clients, workers };
std::string_view name(Panel panel);

struct Column {
  std::string_view title;  ///< one word, in small letters: also what --sort takes
  bool text = false;       ///< sorted upwards, aligned to the left
};

struct Cell {
  std::string text;
  double number = 0;  ///< to sort by; texts: unused
};

struct Row {
  std::string key;  ///< what a drill goes into: name of a kind, session in hexadecimal digits
  SessionId session;
  std::vector<Cell> cells;  ///< one per column
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;
};

/// One answer, and when it came.
struct Sample {
  protocol::StatusReply reply;
  double seconds = 0;  ///< of any clock
};

/// `before` gives the rates; null: rates are over the coordinator's life. Texts of peers have only
/// printable ASCII characters afterwards.
Table make_table(Panel panel, const Sample& now, const Sample* before);
/// Largest first, texts smallest first; ties in the order of their keys.
void sort(Table& table, std::size_t column);
/// One line above every panel.
std::string summary(const Sample& now, const Sample* before);

std::string short_number(double value);   ///< "1234", "12.3k", "4.5M"
std::string short_bytes(double value);    ///< "512", "12.0K", "3.4M": powers of 1024
std::string short_seconds(double value);  ///< "1.23", "45", "2m10s"

}  // namespace jitfarm::cli::top
