// Which checks of a loop can be made once for many iterations?
//
// An innermost loop whose calls are all inlined, or instructions, is translated twice. While its ordinary ("careful") body is
// translated, it writes down the checks whose outcome is a matter of counting: a local that grows
// by the same step in every iteration, plus something that the loop does not change, compared with
// something that it does not change. Then
//
//   head:     phis of everything the loop changes; fields that it reads and does not write
//             count = iterations for which every such check passes, at most kStripIterations
//             count >= kFastIterationsMin ? fast : careful
//   fast:     body without those checks; repeats `count` times, then latch
//   careful:  one iteration as written; then latch
//   latch:    safepoint poll, then head
//
// So checks and polls leave the hot loop, LLVM sees a counted loop with one exit and can vectorise
// it, and whatever goes wrong goes wrong in the careful body, with the exact state. Nothing is
// speculated.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "common/base/id.h"

namespace llvm {
class BasicBlock;
class Value;
}  // namespace llvm

namespace jitfarm::worker::compiler::translate {

/// Iterations between two polls: a multiple of every vector width and unrolling; short enough for a
/// safepoint to come within some hundred microseconds.
inline constexpr std::uint32_t kStripIterations = 4096;
/// Below that the careful body alone is cheaper.
inline constexpr std::uint32_t kFastIterationsMin = 4;
/// Loops that were seen to end after fewer lose more by counting than they gain.
inline constexpr std::uint32_t kIterationsSeenMin = 8;
/// Longer loops (in instructions) gain little from losing their checks, and would be compiled
/// twice.
inline constexpr std::size_t kFastInstructionsMax = 250;

/// An int that the loop counts: header phi + the sum of values that it does not change.
struct Linear {
  llvm::Value* phi = nullptr;
  std::int32_t step = 0;
  std::vector<std::pair<llvm::Value*, bool>> terms;  ///< value, negated
};

/// A field that the loop reads and does not write.
struct FieldLoad {
  llvm::Value* object = nullptr;  ///< null for statics
  ClassId holder;                 ///< of statics
  std::int32_t offset = 0;
  char type = 0;
};

/// One check of the careful body.
struct CountedCheck {
  enum class Kind : std::uint8_t { below, at_most, above, at_least, index_of, array, not_null };
  Kind kind{};
  Linear value;  ///< not for array and not_null
  llvm::Value* bound =
      nullptr;  ///< int; index_of, array (an array that is not null), not_null: the reference
  llvm::Value* first =
      nullptr;  ///< i64: `value` in the first fast iteration; set when the fast body is made
};

class MethodTranslator;

/// An instruction of the loop: from the loop's own body inwards, of each body its method and the
/// instruction that it is at.
using Place = std::vector<std::uint64_t>;

/// What the translator knows about the loop that it is in. One at a time; bodies that are inlined in
/// it share it.
struct CountedLoop {
  enum class Mode : std::uint8_t { off, careful, fast };
  Mode mode = Mode::off;
  const MethodTranslator* owner = nullptr;         ///< whose loop
  std::uint32_t loop = 0;
  bool calls = false;            ///< the careful body has a call after all: no fast one then
  std::size_t inlined_bytes = 0;  ///< before the careful body
  std::map<Place, CountedCheck> checks;
  std::map<llvm::Value*, std::int32_t> steps;      ///< header phi -> step per iteration
  std::set<llvm::BasicBlock*> inside;              ///< blocks of the careful body
  std::map<llvm::Value*, llvm::Value*> length_of;  ///< loaded length -> array
  std::map<llvm::Value*, FieldLoad> field_loads;   ///< loaded value -> from where
  std::map<Place, llvm::Value*> load_at;           ///< loaded value
  std::set<std::tuple<bool, std::int32_t, char>>
      stored;  ///< fields that the loop writes: static, offset, type
  std::map<llvm::Value*, llvm::Value*>
      safe_length;                             ///< array -> length before the fast body, 0 for null
  std::map<llvm::Value*, llvm::Value*> moved;  ///< computed in the loop -> the same in the head
  llvm::BasicBlock* preheader = nullptr;       ///< of the head; grows at its end
  llvm::Value* iteration = nullptr;            ///< fast: i64, from 0
};

}  // namespace jitfarm::worker::compiler::translate
