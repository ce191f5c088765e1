#include "worker/compiler/bytecode/flow_graph.h"

#include <algorithm>
#include <map>
#include <string>

namespace jitfarm::worker::compiler::bytecode {
namespace {

class Builder {
 public:
  Builder(const MethodShape& method, const Instructions& code, const Handlers& handlers,
          const std::vector<Ways>& ways, const CountedCases& counted, std::uint32_t entry)
      : method_(method),
        code_(code),
        handlers_(handlers),
        ways_(ways),
        counted_(counted),
        entry_(entry) {}

  Checked<FlowGraph> run() {
    find_leaders();
    for (const bool exits_are_known : {false, true}) {
      number_blocks();
      connect();
      find_dominators();
      if (auto status = find_loops(); !status) return std::unexpected(std::move(status).error());
      if (graph_.loops.empty()) break;
      if (!exits_are_known) find_exits();
    }
    return std::move(graph_);
  }

 private:
  bool falls_through(std::uint32_t i) const {
    return ways_[i] != Ways::none && ways_[i] != Ways::target &&
           (info(code_.list[i].op).effects & ends) == 0;
  }

  template <class Visit>
  void for_each_successor(std::uint32_t i, Visit visit) const {
    if (ways_[i] == Ways::none) return;
    if (ways_[i] != Ways::next)
      for_each_counted_target(code_, counted_, i,
                              [&](std::int32_t bci) { visit(code_.at(bci)); });
    if (falls_through(i)) visit(i + 1);
  }

  template <class Visit>
  void for_each_handler(std::uint32_t i, Visit visit) const {
    if (ways_[i] == Ways::none) return;
    for (const std::uint16_t h : handlers_.at(i)) visit(code_.at(method_.handlers[h].handler));
  }

  void find_leaders() {
    is_leader_.assign(code_.list.size(), false);
    std::vector<bool> seen(code_.list.size(), false);
    std::vector<std::uint32_t> work{entry_};
    is_leader_[entry_] = true;
    while (!work.empty()) {
      const std::uint32_t i = work.back();
      work.pop_back();
      if (seen[i]) continue;
      seen[i] = true;
      const bool branches_here = (info(code_.list[i].op).effects & branches) != 0;
      for_each_successor(i, [&](std::uint32_t next) {
        if (branches_here) is_leader_[next] = true;
        work.push_back(next);
      });
      for_each_handler(i, [&](std::uint32_t handler) {
        is_leader_[handler] = true;
        work.push_back(handler);
      });
    }
  }

  std::uint32_t end_of(std::uint32_t first) const {
    std::uint32_t last = first;
    while (falls_through(last) && (info(code_.list[last].op).effects & branches) == 0 &&
           !is_leader_[last + 1])
      ++last;
    return last;
  }

  /// Reverse postorder of the leaders. As if each header branched to the exits of its loop first:
  /// then nothing but the loop lies between its first and its last block.
  void number_blocks() {
    graph_ = {};
    struct Visit {
      std::uint32_t first;
      std::vector<std::uint32_t> successors;
      std::size_t next = 0;
    };
    const auto open = [&](std::uint32_t first) {
      Visit visit{first, {}, 0};
      if (const auto exits = exits_.find(first); exits != exits_.end())
        visit.successors = exits->second;
      const std::uint32_t last = end_of(first);
      for (std::uint32_t i = first; i <= last; ++i)
        for_each_handler(i, [&](std::uint32_t next) { visit.successors.push_back(next); });
      for_each_successor(last, [&](std::uint32_t next) { visit.successors.push_back(next); });
      return visit;
    };
    std::vector<bool> seen(code_.list.size(), false);
    std::vector<std::uint32_t> postorder;
    std::vector<Visit> path;
    seen[entry_] = true;
    path.push_back(open(entry_));
    while (!path.empty()) {
      Visit& top = path.back();
      if (top.next == top.successors.size()) {
        postorder.push_back(top.first);
        path.pop_back();
        continue;
      }
      const std::uint32_t next = top.successors[top.next++];
      if (seen[next]) continue;
      seen[next] = true;
      path.push_back(open(next));
    }
    graph_.block_at.assign(code_.list.size(), kNone);
    for (auto first = postorder.rbegin(); first != postorder.rend(); ++first) {
      graph_.block_at[*first] = static_cast<BlockIndex>(graph_.blocks.size());
      Block& block = graph_.blocks.emplace_back();
      block.first = *first;
      block.last = end_of(*first);
      block.stops = ways_[block.last] == Ways::none;
    }
  }

  void connect() {
    for (BlockIndex b = 0; b < graph_.blocks.size(); ++b) {
      Block& block = graph_.blocks[b];
      std::vector<BlockIndex>& successors = block.successors;
      const auto sort = [](std::vector<BlockIndex>& list) {
        std::ranges::sort(list);
        list.erase(std::unique(list.begin(), list.end()), list.end());
      };
      for_each_successor(block.last,
                         [&](std::uint32_t next) { successors.push_back(graph_.block_at[next]); });
      sort(successors);
      block.goes_on_at = successors;
      for (std::uint32_t i = block.first; i <= block.last; ++i)
        for_each_handler(i,
                         [&](std::uint32_t next) { successors.push_back(graph_.block_at[next]); });
      sort(successors);
      for (BlockIndex next : successors) graph_.blocks[next].predecessors.push_back(b);
    }
  }

  /// Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm".
  void find_dominators() {
    std::vector<Block>& blocks = graph_.blocks;
    const auto meet = [&](BlockIndex a, BlockIndex b) {
      while (a != b) {
        while (a > b) a = blocks[a].dominator;
        while (b > a) b = blocks[b].dominator;
      }
      return a;
    };
    blocks[0].dominator = 0;
    for (bool changed = true; changed;) {
      changed = false;
      for (BlockIndex b = 1; b < blocks.size(); ++b) {
        BlockIndex found = kNone;
        for (BlockIndex p : blocks[b].predecessors) {
          if (blocks[p].dominator == kNone) continue;
          found = found == kNone ? p : meet(found, p);
        }
        if (blocks[b].dominator != found) {
          blocks[b].dominator = found;
          changed = true;
        }
      }
    }
    blocks[0].dominator = kNone;
  }

  Checked<void> find_loops() {
    std::vector<Block>& blocks = graph_.blocks;
    for (BlockIndex header = 0; header < blocks.size(); ++header) {
      Loop loop;
      loop.header = header;
      for (BlockIndex p : blocks[header].predecessors) {
        if (p < header) continue;  // forward
        if (!graph_.dominates(header, p))
          return bail(code::BailoutReason::irreducible_control_flow,
                      "a cycle is entered elsewhere than at bci " +
                          std::to_string(code_.list[blocks[header].first].bci));
        loop.latches.push_back(p);
      }
      if (!loop.latches.empty()) graph_.loops.push_back(std::move(loop));
    }
    // Headers ascend in reverse postorder, so an outer loop comes before the loops in it.
    for (std::uint32_t l = 0; l < graph_.loops.size(); ++l) fill(l);
    return {};
  }

  void find_exits() {
    for (std::uint32_t l = 0; l < graph_.loops.size(); ++l) {
      std::vector<std::uint32_t>& exits = exits_[graph_.blocks[graph_.loops[l].header].first];
      for (BlockIndex b : graph_.loops[l].blocks)
        for (BlockIndex next : graph_.blocks[b].successors)
          if (!graph_.contains(l, next)) exits.push_back(graph_.blocks[next].first);
    }
  }

  void fill(std::uint32_t index) {
    Loop& loop = graph_.loops[index];
    std::vector<bool> inside(graph_.blocks.size(), false);
    inside[loop.header] = true;
    std::vector<BlockIndex> work = loop.latches;
    while (!work.empty()) {
      const BlockIndex b = work.back();
      work.pop_back();
      if (inside[b]) continue;
      inside[b] = true;
      for (BlockIndex p : graph_.blocks[b].predecessors) work.push_back(p);
    }
    loop.parent = graph_.blocks[loop.header].loop;
    if (loop.parent != kNone) graph_.loops[loop.parent].is_innermost = false;
    for (BlockIndex b = 0; b < graph_.blocks.size(); ++b) {
      if (!inside[b]) continue;
      loop.blocks.push_back(b);
      graph_.blocks[b].loop = index;
    }
  }

  const MethodShape& method_;
  const Instructions& code_;
  const Handlers& handlers_;
  const std::vector<Ways>& ways_;
  const CountedCases& counted_;
  const std::uint32_t entry_;
  std::vector<bool> is_leader_;
  std::map<std::uint32_t, std::vector<std::uint32_t>>
      exits_;  ///< of a loop, by first instruction of its header
  FlowGraph graph_;
};

}  // namespace

bool FlowGraph::contains(std::uint32_t loop, BlockIndex block) const {
  return std::ranges::binary_search(loops[loop].blocks, block);
}

Checked<FlowGraph> build_flow_graph(const MethodShape& method, const Instructions& code,
                                    const Handlers& handlers, const std::vector<Ways>& ways,
                                    const CountedCases& counted, std::uint32_t entry) {
  return Builder(method, code, handlers, ways, counted, entry).run();
}

}  // namespace jitfarm::worker::compiler::bytecode
