// The pure compiler: (CompileTask, Facts) -> CodeImage. No network, no clock, no threads, no global state.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/code/bailout.h"
#include "common/code/code_image.h"
#include "common/code/compile_task.h"
#include "common/facts/fact.h"

namespace jitfarm::worker::compiler {

/// An immutable snapshot of facts. Thread-compatible; outlives the compilation.
class FactSource {
 public:
  virtual ~FactSource() = default;
  /// The fact, or null when nobody asked for it yet. A fact that is not `known` is an answer.
  virtual const facts::Fact* find(const facts::FactKey& key) const = 0;
  /// Canonical bytes of a class, or empty when they are not here.
  virtual ByteView shape(const Digest& digest) const = 0;
  /// The compiler has read all that this compilation depends on and begins to make code. Not called
  /// when facts are missing or the plan bails out.
  virtual void all_read() const {}
};

/// Facts that the compilation needs and does not have, with all others that it can foresee; no duplicates.
struct MissingFacts {
  std::vector<facts::FactKey> keys;
};

/// Bounds on one compilation. Over a bound is a bail-out.
struct Limits {
  std::size_t bytecode_bytes = 8000;        // HotSpot's HugeMethodLimit
  std::size_t ir_instructions = 60'000;     // after translation
};

struct Options {
  Limits limits;
  /// Called after a stage with the stage's name and its printed result (IR, assembly); null: nothing is printed.
  std::function<void(std::string_view stage, std::string_view text)> dump;
  /// Called after a stage with its name and the nanoseconds it took, when a clock is given.
  std::function<std::uint64_t()> now_ns;
  std::function<void(std::string_view stage, std::uint64_t ns)> timed;
};

using Outcome = std::variant<code::CodeImage, MissingFacts, code::Bailout>;

/// Same task and facts give the same bytes. Reentrant: any number of threads at once.
/// Never throws and never aborts on any facts, however malformed.
Outcome compile(const code::CompileTask& task, const FactSource& facts, const Options& options = {});

}  // namespace jitfarm::worker::compiler
