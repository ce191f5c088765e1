// How do values travel between Java methods? HotSpot's x86-64 calling convention as LLVM function
// types.
#pragma once
#include <string_view>
#include <vector>

namespace llvm {
class FunctionType;
class LLVMContext;
class Type;
}  // namespace llvm

namespace jitfarm::worker::compiler::translate {

/// Positions of fixed registers among the parameters of every function (preserve_nonecc hands them
/// out in this order).
inline constexpr unsigned kHeapBaseParameter = 0;  // r12
inline constexpr unsigned kThreadParameter = 3;    // r15
inline constexpr unsigned kResultParameter = 11;   // rax
inline constexpr unsigned kFixedParameters = 12;

/// References live in this address space; the collector finds them by it.
inline constexpr unsigned kHeapSpace = 1;

struct Prototype {
  llvm::FunctionType* type = nullptr;
  std::vector<unsigned> argument_parameter;  ///< parameter of each Java argument, receiver included
  unsigned float_result_parameter =
      0;  ///< of a method: parameter in xmm0; 0 when the result is not floating point
};

/// LLVM type of a value of type I J F D A.
llvm::Type* value_type(llvm::LLVMContext& context, char type);

/// The method itself: returns void, since results leave by a tail call to the return stub, whose
/// type is the same. `arguments` are of I J F D A, receiver included; `result` too, or V.
Prototype method_prototype(llvm::LLVMContext& context, std::string_view arguments, char result);

/// A call of a method: returns the result.
Prototype call_prototype(llvm::LLVMContext& context, std::string_view arguments, char result);

}  // namespace jitfarm::worker::compiler::translate
