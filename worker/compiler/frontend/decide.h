// What becomes of one instruction? Compiled, an uncommon trap, or a reason not to compile the
// method.
#pragma once
#include <cstdint>
#include <string>

#include "common/base/id.h"
#include "common/code/bailout.h"
#include "common/code/code_image.h"
#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/instructions.h"
#include "worker/compiler/frontend/fact_reader.h"

namespace jitfarm::worker::compiler::frontend {

enum class Action : std::uint8_t {
  compile,
  trap,     ///< its constant-pool entry is not resolved: the interpreter runs it and resolves it
  bail,     ///< `bailout` says why
  unknown,  ///< facts are missing
};

struct Decision {
  Action action = Action::compile;
  bool traps_unless_null = false;  ///< not resolved, but for null that does not matter
  code::Bailout bailout;
};

/// Asks the facts that the instruction, of `method`, depends on. `holder` is the class whose constant
/// pool `shape` has.
Decision decide(FactReader& facts, const facts::VmConfig& vm, MethodId method, ClassId holder,
                const bytecode::ClassShape& shape, const bytecode::Instruction& instruction);

/// What the invoke `at`, of `caller`, calls. Of an invokedynamic: its call site's adapter.
Answer<facts::ResolvedMethod> called_by(FactReader& facts, MethodId caller, ClassId holder,
                                        const bytecode::Instruction& at);

/// Whether `at` may read Reference.referent, which G1 may be about to clear: it must see that (its name says so: to
/// tell it of another field does no harm).
bool reads_referent(const facts::VmConfig& vm, const bytecode::ClassShape& shape,
                    const bytecode::Instruction& at);

/// Whether `at` reads a static field of type MethodHandle: when that is final, its value and what that
/// is made of are the fact constant_object.
bool names_handle(const bytecode::ClassShape& shape, const bytecode::Instruction& at);

/// First character of the descriptor of the field entry that the instruction names; its type was
/// checked before.
char field_type(const bytecode::ClassShape& shape, const bytecode::Instruction& instruction);

}  // namespace jitfarm::worker::compiler::frontend
