#include "cli/top/top.h"

#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "cli/farm/status_connection.h"
#include "cli/top/screen.h"
#include "cli/top/table.h"
#include "cli/top/view.h"

namespace jitfarm::cli::top {
namespace {

constexpr Panel kPanels[] = {Panel::messages, Panel::kinds, Panel::clients, Panel::workers};

double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::optional<Panel> panel_named(std::string_view text) {
  for (const Panel panel : kPanels)
    if (name(panel) == text) return panel;
  return std::nullopt;
}

Result<State> first_state(const TopOptions& options) {
  State state;
  if (!options.client.empty()) {
    const char* end = options.client.data() + options.client.size();
    const auto [at, error] = std::from_chars(options.client.data(), end, state.client.value, 16);
    if (error != std::errc{} || at != end)
      return fail(Errc::bad_configuration,
                  "'" + options.client + "' is no session: take one of the clients panel");
    state.client_name = options.client;
    state.panel = Panel::kinds;
  }
  if (!options.kind.empty()) {
    state.kind = options.kind;
    state.panel = Panel::clients;
  }
  if (!options.panel.empty()) {
    const auto panel = panel_named(options.panel);
    if (!panel) return fail(Errc::bad_configuration, "there is no panel '" + options.panel + "'");
    state.panel = *panel;
  }
  if (!options.sort.empty()) {
    state.sort = column_named(make_table(state.panel, {}, nullptr), options.sort);
    if (!state.sort)
      return fail(Errc::bad_configuration, "the panel '" + std::string(name(state.panel)) +
                                               "' has no column '" + options.sort + "'");
  }
  return state;
}

Table sorted(const State& state, const Sample& now, const Sample* before) {
  Table table = make_table(state.panel, now, before);
  sort(table, sort_column(state));
  return table;
}

Status print_once(const TopOptions& options, StatusConnection& farm, State state) {
  JF_TRY(auto reply, farm.ask(request_of(state)));
  const Sample now{.reply = std::move(reply), .seconds = clock_seconds()};
  std::string text = summary(now, nullptr) + "\n";
  const bool one = !options.panel.empty() || state.client || !state.kind.empty();
  for (const Panel panel : kPanels) {
    if (one && panel != state.panel) continue;
    State of = state;
    if (panel != state.panel) of.sort.reset();
    of.panel = panel;
    text += "\n" + print(sorted(of, now, nullptr));
  }
  std::fputs(text.c_str(), stdout);
  return {};
}

class Live {
 public:
  Live(const TopOptions& options, StatusConnection farm, State state)
      : options_(options), farm_(std::move(farm)), state_(std::move(state)) {}

  Status run() {
    JF_TRY(auto screen, Screen::open());
    ask();
    while (!state_.over) {
      const Sample* before = before_ ? &*before_ : nullptr;
      const Table table = now_ ? sorted(state_, *now_, before) : Table{};
      const std::string line = now_ ? summary(*now_, before) : options_.coordinator;
      const std::size_t height = screen->height();
      screen->show(draw(state_, line, table, screen->width(), height));
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          next_ - std::chrono::steady_clock::now());
      const protocol::StatusRequest asked = request_of(state_);
      press(state_, screen->key(std::max(left, std::chrono::milliseconds(1))), table,
            height > 5 ? height - 5 : 1);
      const protocol::StatusRequest wanted = request_of(state_);
      const bool other = wanted.session != asked.session || wanted.kind != asked.kind;
      // Rates of another client's kinds begin anew.
      if (other) now_.reset(), before_.reset();
      // Also while paused: the session's lease must be kept.
      if (other || std::chrono::steady_clock::now() >= next_) ask();
    }
    return {};
  }

 private:
  void ask() {
    next_ = std::chrono::steady_clock::now() + options_.interval;
    auto reply = farm_.ask(request_of(state_));
    if (!reply) {
      state_.trouble = reply.error().detail;
      if (auto again =
              StatusConnection::open(options_.coordinator, "jitfarm top", options_.timeout))
        farm_ = *std::move(again);
      return;
    }
    state_.trouble.clear();
    if (state_.paused && now_) return;
    before_ = std::move(now_);
    now_ = Sample{.reply = *std::move(reply), .seconds = clock_seconds()};
  }

  const TopOptions& options_;
  StatusConnection farm_;
  State state_;
  std::optional<Sample> now_, before_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace

Status top(const TopOptions& options) {
  JF_TRY(auto state, first_state(options));
  JF_TRY(auto farm, StatusConnection::open(options.coordinator, "jitfarm top", options.timeout));
  if (options.once) return print_once(options, farm, std::move(state));
  return Live(options, std::move(farm), std::move(state)).run();
}

}  // namespace jitfarm::cli::top
