// What does a method handle call that the code names? Its code and that of everything it is made of
// can be known: handles keep their parts in final fields, and the VM links each to a method.
//
// The code for handles casts nothing that it passes on: whoever made the handle has checked that types
// fit. We conclude nothing from the types of a method's parameters, so there is nothing to cast here.
#include <algorithm>

#include "worker/compiler/translate/method_translator.h"

namespace jitfarm::worker::compiler::translate {

using facts::FactKind;

namespace {

constexpr std::uint16_t kAccStatic = 0x0008;

}  // namespace

/// `value` is what the class's code names: `where` and `index` as in the fact.
void MethodTranslator::note_constant(llvm::Value* value, ClassId klass, std::uint32_t index,
                                     std::uint32_t where) {
  const facts::FactKey key{FactKind::constant_object, klass.value, index, where};
  auto known = shared_.constant_facts.find(key);
  if (known == shared_.constant_facts.end()) {
    auto answer = facts_.ask<FactKind::constant_object>(key.subject, key.index, key.detail);
    known = shared_.constant_facts.emplace(key, std::move(answer.value)).first;
  }
  if (!known->second.objects.empty()) note_constant(value, known->second, 0);
}

void MethodTranslator::note_constant(llvm::Value* value, const facts::ConstantObjects& tree,
                                     std::uint32_t index) {
  shared_.constants.try_emplace(value, FunctionInProgress::Constant{&tree, index});
  known_objects_.try_emplace(value, nullptr);
  const std::vector<ClassId>& classes = tree.objects[index].classes;
  if (!classes.empty() && classes.front()) shared_.exact_classes.try_emplace(value, classes.front());
}

/// Null: it is none.
const facts::ConstantObject* MethodTranslator::constant_of(llvm::Value* value) const {
  const auto found = shared_.constants.find(value);
  return found == shared_.constants.end() ? nullptr : &found->second.object();
}

/// False: perhaps.
bool MethodTranslator::is_of_class(llvm::Value* value, ClassId klass) const {
  const facts::ConstantObject* object = constant_of(value);
  return object != nullptr && klass &&
         std::ranges::find(object->classes, klass) != object->classes.end();
}

/// Null: nothing is known of the field.
const facts::ConstantField* MethodTranslator::constant_field(llvm::Value* value,
                                                             std::int32_t offset,
                                                             char type) const {
  const facts::ConstantObject* object = constant_of(value);
  if (object == nullptr) return nullptr;
  const bool is_reference = bytecode::slot_type(type) == bytecode::SlotType::a;
  for (const facts::ConstantField& field : object->fields)
    if (field.offset == offset)
      return is_reference == (field.object != 0) &&
                     field.object < shared_.constants.at(value).tree->objects.size()
                 ? &field
                 : nullptr;
  return nullptr;
}

/// invokeBasic of a handle, or linkToStatic and linkToSpecial of a member, that the code names. False:
/// nothing was done. What dispatches stays a call.
bool MethodTranslator::call_through_handle(const bytecode::Instruction& at,
                                           const facts::ResolvedMethod& resolved,
                                           const std::vector<llvm::Value*>& arguments,
                                           const std::string& types, char result) {
  if (!resolved.is_method_handle_intrinsic || arguments.empty()) return false;
  const auto named = plan_.shape.member(static_cast<std::uint32_t>(at.value));
  if (!named) return false;
  const bool is_basic = named->name == "invokeBasic";
  const bool is_static = named->name == "linkToStatic";
  if (!is_basic && !is_static && named->name != "linkToSpecial") return false;
  if ((is_basic ? types.front() : types.back()) != 'A') return false;
  const facts::ConstantObject* object = constant_of(is_basic ? arguments.front() : arguments.back());
  if (object == nullptr) return false;
  const MethodId target = is_basic ? object->form : object->member;
  const frontend::Plan* plan = target ? plan_to_inline(target) : nullptr;
  // The member is linkTo's own argument.
  const std::size_t count = types.size() - (is_basic ? 0 : 1);
  if (plan == nullptr || !takes(*plan, types.substr(0, count), result)) return false;
  const bool has_receiver = (plan->method->access_flags & kAccStatic) == 0;
  if (has_receiver != (!is_basic && !is_static)) return false;
  if (has_receiver) throw_if_null(arguments.front());
  if (is_dead_ || !error_.empty()) return true;
  const std::vector<llvm::Value*> passed(arguments.begin(),
                                         arguments.begin() + static_cast<std::ptrdiff_t>(count));
  translate_body({{target, {}}, plan}, passed, types.substr(0, count), result);
  return true;
}

}  // namespace jitfarm::worker::compiler::translate
