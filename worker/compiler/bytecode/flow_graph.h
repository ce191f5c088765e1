// How does control flow? Blocks, dominators and natural loops of the code that can be reached.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "worker/compiler/bytecode/checked.h"
#include "worker/compiler/bytecode/handlers.h"
#include "worker/compiler/bytecode/instructions.h"

namespace jitfarm::worker::compiler::bytecode {

using BlockIndex = std::uint32_t;
inline constexpr std::uint32_t kNone = ~0u;

/// Where an instruction goes on, besides the handlers of what it throws.
enum class Ways : std::uint8_t {
  all,
  none,    ///< it always leaves the method (an uncommon trap)
  next,    ///< a conditional branch whose other way is an uncommon trap
  target,  ///< the same
};

/// By instruction: of a switch, whether each case counts, and at the end whether its default does.
/// Those that do not are uncommon traps; no entry, none of them is.
using CountedCases = std::map<std::uint32_t, std::vector<bool>>;

/// Calls `visit(target bci)` for every branch target of instruction `i` that counts.
template <class Visit>
void for_each_counted_target(const Instructions& code, const CountedCases& counted, std::uint32_t i,
                             Visit visit) {
  const auto found = counted.find(i);
  if (found == counted.end()) return code.for_each_target(code.list[i], visit);
  const Switch& all = code.switches[static_cast<std::size_t>(code.list[i].extra)];
  for (std::size_t c = 0; c < all.cases.size(); ++c)
    if (found->second[c]) visit(all.cases[c].second);
  if (found->second.back()) visit(all.default_target);
}

struct Block {
  std::uint32_t first = 0;               ///< indices of instructions
  std::uint32_t last = 0;                ///< inclusive
  bool stops = false;                    ///< `last` never completes: the graph ends there
  std::vector<BlockIndex> successors;    ///< distinct; handlers of its exceptions, too
  std::vector<BlockIndex> goes_on_at;    ///< those of them that are no handlers, or not only
  std::vector<BlockIndex> predecessors;  ///< distinct
  BlockIndex dominator = kNone;          ///< immediate; kNone for the entry
  std::uint32_t loop = kNone;            ///< innermost loop that it is in
};

/// A natural loop; all back edges to one header together. Its blocks are consecutive.
struct Loop {
  BlockIndex header = 0;
  std::vector<BlockIndex> latches;
  std::vector<BlockIndex> blocks;  ///< ascending, the header first
  std::uint32_t parent = kNone;
  bool is_innermost = true;
};

/// Blocks are in reverse postorder, 0 is the entry; every block is reachable.
struct FlowGraph {
  std::vector<Block> blocks;
  std::vector<Loop> loops;
  std::vector<BlockIndex> block_at;  ///< by index of first instruction; kNone elsewhere

  bool dominates(BlockIndex a, BlockIndex b) const {
    while (b > a && b != kNone) b = blocks[b].dominator;
    return a == b;
  }
  bool contains(std::uint32_t loop, BlockIndex block) const;
};

/// Control flow from instruction `entry`, into handlers from what throws, too. What lies only behind
/// ways that are not gone (`ways`, by instruction) does not count, nor what lies behind cases that do
/// not. Bail-out irreducible_control_flow for a cycle with two entries.
Checked<FlowGraph> build_flow_graph(const MethodShape& method, const Instructions& code,
                                    const Handlers& handlers, const std::vector<Ways>& ways,
                                    const CountedCases& counted, std::uint32_t entry);

}  // namespace jitfarm::worker::compiler::bytecode
