#include "worker/compiler/translate/abi.h"

#include <llvm/IR/DerivedTypes.h>

#include <array>

namespace jitfarm::worker::compiler::translate {
namespace {

// j_rarg0 to j_rarg5 are rsi rdx rcx r8 r9 rdi.
constexpr std::array<unsigned, 6> kIntegerArguments = {5, 6, 7, 8, 9, 4};
constexpr unsigned kFloatRegisters = 8;  // xmm0 to xmm7

/// Floats in registers travel in lane 0 of a vector, so that a float argument and a double result
/// can share xmm0 without a conversion.
llvm::Type* float_register_type(llvm::LLVMContext& context, char type) {
  return type == 'F' ? llvm::FixedVectorType::get(llvm::Type::getFloatTy(context), 4)
                     : llvm::FixedVectorType::get(llvm::Type::getDoubleTy(context), 2);
}

struct Layout {
  std::vector<llvm::Type*> parameters;
  std::vector<unsigned> argument_parameter;
  unsigned first_float = 0;
};

Layout lay_out(llvm::LLVMContext& context, std::string_view arguments) {
  Layout layout;
  layout.parameters.assign(kFixedParameters, llvm::Type::getInt64Ty(context));
  layout.parameters[kThreadParameter] = llvm::PointerType::get(context, 0);
  unsigned integers = 0;
  unsigned floats = 0;
  for (char type : arguments) {
    const bool is_float = type == 'F' || type == 'D';
    if (!is_float && integers < kIntegerArguments.size()) {
      const unsigned parameter = kIntegerArguments[integers++];
      layout.parameters[parameter] = value_type(context, type);
      layout.argument_parameter.push_back(parameter);
      continue;
    }
    const bool in_register = is_float && floats < kFloatRegisters;
    const auto parameter = static_cast<unsigned>(layout.parameters.size());
    if (is_float && floats++ == 0) layout.first_float = parameter;
    layout.parameters.push_back(in_register ? float_register_type(context, type)
                                            : value_type(context, type));
    layout.argument_parameter.push_back(parameter);
  }
  return layout;
}

}  // namespace

llvm::Type* value_type(llvm::LLVMContext& context, char type) {
  switch (type) {
    case 'J':
      return llvm::Type::getInt64Ty(context);
    case 'F':
      return llvm::Type::getFloatTy(context);
    case 'D':
      return llvm::Type::getDoubleTy(context);
    case 'A':
      return llvm::PointerType::get(context, kHeapSpace);
    case 'V':
      return llvm::Type::getVoidTy(context);
    default:
      return llvm::Type::getInt32Ty(context);
  }
}

Prototype method_prototype(llvm::LLVMContext& context, std::string_view arguments, char result) {
  Layout layout = lay_out(context, arguments);
  // A reference that is returned stays one: it never becomes an integer.
  if (result == 'A') layout.parameters[kResultParameter] = value_type(context, 'A');
  const bool is_float = result == 'F' || result == 'D';
  if (is_float && layout.first_float == 0) {
    layout.first_float = static_cast<unsigned>(layout.parameters.size());
    layout.parameters.push_back(float_register_type(context, result));
  }
  return {llvm::FunctionType::get(llvm::Type::getVoidTy(context), layout.parameters, false),
          std::move(layout.argument_parameter), is_float ? layout.first_float : 0};
}

Prototype call_prototype(llvm::LLVMContext& context, std::string_view arguments, char result) {
  Layout layout = lay_out(context, arguments);
  return {llvm::FunctionType::get(value_type(context, result), layout.parameters, false),
          std::move(layout.argument_parameter), 0};
}

}  // namespace jitfarm::worker::compiler::translate
