// How are objects, arrays and fields read and written?
#include <llvm/IR/MDBuilder.h>

#include "worker/compiler/frontend/decide.h"
#include "worker/compiler/lowering/object_access.h"
#include "worker/compiler/lowering/reference_store.h"
#include "worker/compiler/lowering/subtype.h"
#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using bytecode::Opcode;
using facts::FactKind;

namespace {

/// Element types in the order of iaload.. and iastore..; baload is for boolean[], too.
char element_type(Opcode first, Opcode op) {
  return "IJFDABCS"[static_cast<int>(op) - static_cast<int>(first)];
}

char computational(char type) { return static_cast<char>(bytecode::slot_type(type)); }

}  // namespace

bool MethodTranslator::memory(const bytecode::Instruction& at) {
  const Opcode op = at.op;
  if (op >= Opcode::iaload && op <= Opcode::saload) {
    load_element(element_type(Opcode::iaload, op));
  } else if (op >= Opcode::iastore && op <= Opcode::sastore) {
    store_element(element_type(Opcode::iastore, op));
  } else if (op == Opcode::arraylength) {
    llvm::Value* array = pop('A');
    throw_if_null(array);
    push('I', array_length(array));
  } else if (op >= Opcode::getstatic && op <= Opcode::putfield) {
    field(at);
  } else {
    return false;
  }
  return true;
}

/// The receiver, the objects beside the code, and those that the method made.
bool MethodTranslator::is_never_null(llvm::Value* object) const {
  if (known_objects_.contains(object)) return true;
  if (const auto* argument = llvm::dyn_cast<llvm::Argument>(object))
    return argument->hasNonNullAttr();
  const auto* call = llvm::dyn_cast<llvm::CallBase>(object);
  return call != nullptr && call->hasRetAttr(llvm::Attribute::NonNull);
}

void MethodTranslator::throw_if_null(llvm::Value* object) {
  if (is_never_null(object) || is_counted_away()) return;
  note_null_check(object);
  throw_if(b_.CreateIsNull(object), code::ImplicitException::null_pointer);
}

/// Precondition: `array` is not null.
llvm::Value* MethodTranslator::array_length(llvm::Value* array) {
  if (counted_.mode == CountedLoop::Mode::fast)
    if (const auto known = counted_.safe_length.find(array); known != counted_.safe_length.end())
      return known->second;
  if (const auto made = known_objects_.find(array); made != known_objects_.end() && made->second != nullptr)
    return made->second;
  llvm::Value* address = b_.CreateConstGEP1_64(
      b_.getInt8Ty(), array, static_cast<std::uint64_t>(plan_.vm.array_length_offset));
  llvm::LoadInst* length = b_.CreateAlignedLoad(b_.getInt32Ty(), address, llvm::Align(4));
  alias_.constant(*length);
  if (counted_.mode == CountedLoop::Mode::careful) counted_.length_of[length] = array;
  length->setMetadata(llvm::LLVMContext::MD_range,
                      llvm::MDBuilder(context_).createRange(llvm::APInt(32, 0),
                                                            llvm::APInt::getSignedMinValue(32)));
  return length;
}

/// The address of the element, after its checks.
llvm::Value* MethodTranslator::checked_element(llvm::Value* array, llvm::Value* index, char type) {
  if (is_counted_away()) {
    const CountedCheck& check = counted_.checks.at(place());
    if (check.kind == CountedCheck::Kind::index_of) {
      // In 64 bits, where the index plainly grows with the iteration.
      llvm::Value* steps = b_.CreateMul(
          counted_.iteration, llvm::ConstantInt::getSigned(b_.getInt64Ty(), check.value.step), "",
          false, true);
      return element_address(array, b_.CreateAdd(check.first, steps, "", false, true), type);
    }
  }
  throw_if_null(array);
  llvm::Value* length = array_length(array);
  note_index(array, index);
  throw_if(b_.CreateICmpUGE(index, length), code::ImplicitException::array_index,
           [&] { return std::pair{index, length}; });
  return element_address(array, b_.CreateZExt(index, b_.getInt64Ty(), "", /*IsNonNeg=*/true), type);
}

/// `index` is an i64 and in range.
llvm::Value* MethodTranslator::element_address(llvm::Value* array, llvm::Value* index, char type) {
  std::int32_t base = plan_.vm.array_base_primitive;
  llvm::Type* element = b_.getInt32Ty();
  switch (type) {
    case 'J':
    case 'D':
      base = plan_.vm.array_base_long;
      element = b_.getInt64Ty();
      break;
    case 'A':
      base = plan_.vm.array_base_object;
      if (!plan_.vm.use_compressed_oops) element = b_.getInt64Ty();
      break;
    case 'B':
      element = b_.getInt8Ty();
      break;
    case 'C':
    case 'S':
      element = b_.getInt16Ty();
      break;
    default:
      break;
  }
  llvm::Value* first =
      b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), array, static_cast<std::uint64_t>(base));
  return b_.CreateInBoundsGEP(element, first, index);
}

void MethodTranslator::load_element(char type) {
  llvm::Value* index = pop('I');
  llvm::Value* array = pop('A');
  llvm::Value* address = checked_element(array, index, type);
  llvm::Instruction* access = nullptr;
  llvm::Value* value = load_value(address, type, false, access);
  alias_.array_element(*access, type);
  push(computational(type), value);
}

void MethodTranslator::store_element(char type) {
  llvm::Value* value = pop(computational(type));
  llvm::Value* index = pop('I');
  llvm::Value* array = pop('A');
  llvm::Value* address = checked_element(array, index, type);
  if (type == 'A') {
    check_element(array, value);
    llvm::CallInst* store = lowering::call_store_reference(b_, thread(), address, address, value);
    return alias_.array_element(*store, type);
  }
  if (type == 'B') value = keep_low_bit_of_boolean(array, value);
  alias_.array_element(*store_value(address, type, value), type);
}

/// An array keeps only objects of its element class; the interpreter throws the ArrayStoreException.
void MethodTranslator::check_element(llvm::Value* array, llvm::Value* value) {
  if (llvm::isa<llvm::ConstantPointerNull>(value)) return;
  llvm::BasicBlock* check = new_block("element");
  llvm::BasicBlock* other = new_block("other_class");
  llvm::BasicBlock* fits = new_block("fits");
  b_.CreateCondBr(b_.CreateIsNull(value), fits, check);

  b_.SetInsertPoint(check);
  llvm::Value* array_class = klass_of(array);
  llvm::Value* place = b_.CreateConstGEP1_64(
      b_.getInt8Ty(), array_class, static_cast<std::uint64_t>(plan_.vm.element_klass));
  llvm::LoadInst* wanted = b_.CreateAlignedLoad(b_.getPtrTy(), place, llvm::Align(8));
  alias_.constant(*wanted);
  llvm::Value* klass = klass_of(value);
  b_.CreateCondBr(b_.CreateICmpEQ(klass, wanted), fits, other);

  b_.SetInsertPoint(other);
  throw_if(b_.CreateNot(lowering::call_is_subclass(b_, klass, wanted, 0)),
           code::ImplicitException::array_store,
           [&] { return std::pair<llvm::Value*, llvm::Value*>{klass, nullptr}; });
  b_.CreateBr(fits);
  b_.SetInsertPoint(fits);
}

/// bastore is for byte[] and boolean[]; a boolean keeps only its low bit (JVMS bastore). The
/// array's class tells which it is.
llvm::Value* MethodTranslator::keep_low_bit_of_boolean(llvm::Value* array, llvm::Value* value) {
  if (const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value);
      constant != nullptr && constant->getValue().ule(1))
    return value;
  const facts::VmConfig& vm = plan_.vm;
  llvm::Value* header =
      b_.CreateConstGEP1_64(b_.getInt8Ty(), array, static_cast<std::uint64_t>(vm.klass_offset));
  llvm::Value* klass;
  if (vm.use_compressed_class_pointers) {
    llvm::LoadInst* narrow_klass = b_.CreateAlignedLoad(b_.getInt32Ty(), header, llvm::Align(4));
    alias_.constant(*narrow_klass);
    llvm::Value* offset =
        b_.CreateShl(b_.CreateZExt(narrow_klass, b_.getInt64Ty()), vm.narrow_klass_shift & 63);
    klass =
        b_.CreateIntToPtr(b_.CreateAdd(offset, b_.getInt64(vm.narrow_klass_base)), b_.getPtrTy());
  } else {
    llvm::LoadInst* wide_klass = b_.CreateAlignedLoad(b_.getPtrTy(), header, llvm::Align(8));
    alias_.constant(*wide_klass);
    klass = wide_klass;
  }
  llvm::Value* helper_address = b_.CreateConstGEP1_64(
      b_.getInt8Ty(), klass, static_cast<std::uint64_t>(vm.klass_layout_helper));
  llvm::LoadInst* helper = b_.CreateAlignedLoad(b_.getInt32Ty(), helper_address, llvm::Align(4));
  alias_.constant(*helper);
  llvm::Value* is_boolean =
      b_.CreateIsNotNull(b_.CreateAnd(helper, b_.getInt32(vm.layout_helper_boolean_bit)));
  return b_.CreateSelect(is_boolean, b_.CreateAnd(value, b_.getInt32(1)), value);
}

void MethodTranslator::field(const bytecode::Instruction& at) {
  const auto answer = facts_.ask<FactKind::resolved_field>(plan_.info.holder.value,
                                                           static_cast<std::uint32_t>(at.value),
                                                           static_cast<std::uint32_t>(at.op));
  if (answer.state != frontend::FactState::known) return fail("a field that was not planned");
  const facts::ResolvedField& resolved = answer.value;
  const char type = frontend::field_type(plan_.shape, at);
  const bool is_put = at.op == Opcode::putfield || at.op == Opcode::putstatic;
  llvm::Value* value = is_put ? pop(computational(type)) : nullptr;
  llvm::Value* object = resolved.is_static ? nullptr : pop('A');
  if (counted_.mode == CountedLoop::Mode::fast) {
    if (const auto found = counted_.load_at.find(place()); found != counted_.load_at.end())
      return push(computational(type), counted_.moved.at(found->second));
  }
  const bool keeps_value = resolved.has_value && !is_put && resolved.is_static;
  if (keeps_value && computational(type) != 'A') return push_number(computational(type), resolved.bits);
  const facts::ConstantField* constant =
      is_put || resolved.is_static ? nullptr : constant_field(object, resolved.offset, type);
  if (constant != nullptr && constant->object == 0)
    return push_number(computational(type), constant->bits);
  const FieldLoad where{object, resolved.holder, resolved.offset, type};
  if (resolved.is_static)
    object = load_constant(code::ConstantKind::mirror, resolved.holder, 0);
  else
    throw_if_null(object);
  if (is_put) {
    llvm::Instruction* store =
        store_field(object, resolved.offset, type, value, resolved.is_volatile);
    annotate_field(*store, resolved.offset, type, resolved.is_static);
    return;
  }
  if (frontend::reads_referent(plan_.vm, plan_.shape, at) &&
      resolved.offset == plan_.vm.referent_offset)
    return push('A', lowering::call_load_referent(
                         b_, thread(), object,
                         b_.getInt64(static_cast<std::uint64_t>(resolved.offset))));
  llvm::Value* loaded = load_field(object, resolved.offset, type, resolved.is_static,
                                   resolved.is_volatile);
  if (!resolved.is_volatile) note_field_load(loaded, where);
  if (keeps_value)
    known_objects_.emplace(loaded, type == '[' && resolved.bits <= INT32_MAX
                                   ? b_.getInt32(static_cast<std::uint32_t>(resolved.bits))
                                   : nullptr);
  if (constant != nullptr) note_constant(loaded, *shared_.constants.at(object).tree, constant->object);
  if (keeps_value && frontend::names_handle(plan_.shape, at))
    note_constant(loaded, plan_.info.holder, static_cast<std::uint32_t>(at.value),
                  facts::kInStaticField);
  push(computational(type), loaded);
}

/// A volatile store is ordered with everything before and, by an exchange or a fence, behind it (JLS
/// 17.4).
llvm::Instruction* MethodTranslator::store_field(llvm::Value* object, std::int32_t offset, char type,
                                                 llvm::Value* value, bool is_volatile) {
  llvm::Value* address = field_address(object, offset);
  if (computational(type) == 'A') {
    if (is_volatile) b_.CreateFence(llvm::AtomicOrdering::Release);
    llvm::Instruction* store =
        lowering::call_store_reference(b_, thread(), object, address, value);
    if (is_volatile) b_.CreateFence(llvm::AtomicOrdering::SequentiallyConsistent);
    return store;
  }
  llvm::Instruction* store = store_value(address, type, narrow(value, type));
  if (is_volatile)
    llvm::cast<llvm::StoreInst>(store)->setAtomic(llvm::AtomicOrdering::SequentiallyConsistent);
  return store;
}

llvm::Value* MethodTranslator::field_address(llvm::Value* object, std::int32_t offset) {
  return b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), object, static_cast<std::uint64_t>(offset));
}

void MethodTranslator::annotate_field(llvm::Instruction& access, std::int32_t offset, char type,
                                      bool is_static) {
  if (is_static)
    alias_.static_field(access, offset, type);
  else
    alias_.instance_field(access, offset, type);
}

llvm::Value* MethodTranslator::load_field(llvm::Value* object, std::int32_t offset, char type,
                                          bool is_static, bool is_volatile) {
  llvm::Instruction* access = nullptr;
  llvm::Value* value = load_value(field_address(object, offset), type, true, access);
  annotate_field(*access, offset, type, is_static);
  if (is_volatile)
    llvm::cast<llvm::LoadInst>(access)->setAtomic(llvm::AtomicOrdering::SequentiallyConsistent);
  return value;
}

/// Loads a value of this field type as it lies on the operand stack. `access` is the load itself.
llvm::Value* MethodTranslator::load_value(llvm::Value* address, char type, bool is_field,
                                          llvm::Instruction*& access) {
  const auto load = [&](llvm::Type* memory_type, std::uint64_t size) {
    llvm::LoadInst* result = b_.CreateAlignedLoad(memory_type, address, llvm::Align(size));
    // A field or reference that another thread writes is read once: using it twice sees one value.
    // Elements of primitive arrays are left plain, or no loop over them could be vectorised.
    if (is_field || type == 'A') result->setAtomic(llvm::AtomicOrdering::Unordered);
    access = result;
    return result;
  };
  switch (type) {
    case 'Z':
      return b_.CreateZExt(load(b_.getInt8Ty(), 1), b_.getInt32Ty());
    case 'B':
      return b_.CreateSExt(load(b_.getInt8Ty(), 1), b_.getInt32Ty());
    case 'C':
      return b_.CreateZExt(load(b_.getInt16Ty(), 2), b_.getInt32Ty());
    case 'S':
      return b_.CreateSExt(load(b_.getInt16Ty(), 2), b_.getInt32Ty());
    case 'J':
    case 'D':
      return load(type_of(type), 8);
    case 'I':
    case 'F':
      return load(type_of(type), 4);
    default: {
      if (!plan_.vm.use_compressed_oops) {
        type = 'A';
        return load(type_of('A'), 8);
      }
      type = 'A';
      llvm::Value* narrow_oop = load(b_.getInt32Ty(), 4);
      llvm::FunctionCallee decode =
          module_.getOrInsertFunction(lowering::kDecodeOop, type_of('A'), b_.getInt32Ty());
      llvm::CallInst* call = b_.CreateCall(decode, {narrow_oop});
      call->addFnAttr(llvm::Attribute::get(context_, "gc-leaf-function"));
      return call;
    }
  }
}

llvm::Instruction* MethodTranslator::store_value(llvm::Value* address, char type,
                                                 llvm::Value* value) {
  std::uint64_t size = 4;
  switch (type) {
    case 'Z':
    case 'B':
      value = b_.CreateTrunc(value, b_.getInt8Ty());
      size = 1;
      break;
    case 'C':
    case 'S':
      value = b_.CreateTrunc(value, b_.getInt16Ty());
      size = 2;
      break;
    case 'J':
    case 'D':
      size = 8;
      break;
    default:
      break;
  }
  return b_.CreateAlignedStore(value, address, llvm::Align(size));
}

}  // namespace jitfarm::worker::compiler::translate
