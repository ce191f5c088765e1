#include "tests/compiler/support/world.h"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "common/facts/fact_codec.h"

namespace jitfarm::tests::compiler {

namespace bytecode = worker::compiler::bytecode;

namespace {
// Ids of array classes: this and the element type, 'L' for all references.
constexpr std::uint64_t kFirstArrayId = 1u << 20;

// Of the JDK: the exceptions that tests throw and catch.
constexpr std::pair<const char*, const char*> kStandIns[] = {
    {"Throwable", "Object"},
    {"Exception", "Throwable"},
    {"Error", "Throwable"},
    {"RuntimeException", "Exception"},
    {"NullPointerException", "RuntimeException"},
    {"ArithmeticException", "RuntimeException"},
    {"ClassCastException", "RuntimeException"},
    {"ArrayStoreException", "RuntimeException"},
    {"IllegalStateException", "RuntimeException"},
    {"NegativeArraySizeException", "RuntimeException"},
    {"IndexOutOfBoundsException", "RuntimeException"},
    {"ArrayIndexOutOfBoundsException", "IndexOutOfBoundsException"},
    {"StackOverflowError", "Error"},
};

}  // namespace

World::World(facts::VmConfig vm, const std::vector<std::string>& class_files) : vm_(std::move(vm)), heap_(vm_) {
  define_stand_in("java/lang/Object", "");
  for (const auto& [name, super] : kStandIns)
    define_stand_in(std::string("java/lang/") + name, std::string("java/lang/") + super);
  for (const std::string& path : class_files) {
    ClassFile file = read_class_file(path);
    std::string name = file.name;
    pending_.emplace(std::move(name), std::move(file));
  }
  while (!pending_.empty()) {
    auto next = pending_.extract(pending_.begin());
    define(std::move(next.mapped()));
  }
}

/// No fields, and for Object an empty constructor. Pool: 1 name, 2 this, 3 <init>, 4 ()V.
void World::define_stand_in(const std::string& name, const std::string& super) {
  ClassFile file{.name = name, .super = super, .flags = 0x21};
  Bytes& out = file.shape;
  const auto u2 = [&](unsigned v) {
    out.push_back(static_cast<std::uint8_t>(v >> 8));
    out.push_back(static_cast<std::uint8_t>(v));
  };
  const auto string = [&](std::string_view text) {
    u2(static_cast<unsigned>(text.size()));
    out.insert(out.end(), text.begin(), text.end());
  };
  out.push_back(1);
  u2(61);
  u2(0);
  u2(0x21);
  string(file.name);
  string(file.super);
  u2(0);
  u2(5);
  out.push_back(1);
  string(file.name);
  out.push_back(7);
  u2(1);
  out.push_back(1);
  string("<init>");
  out.push_back(1);
  string("()V");
  u2(0);
  u2(0);
  u2(super.empty() ? 1 : 0);
  if (!super.empty()) return static_cast<void>(define(std::move(file)));
  u2(1);
  u2(3);
  u2(4);
  u2(1);
  u2(0);
  u2(1);
  out.push_back(0xb1);
  u2(0);
  u2(0);
  file.methods.push_back({"<init>", "()V", 1});
  define(std::move(file));
}

LoadedClass& World::define(ClassFile file) {
  LoadedClass* super = nullptr;
  if (!file.super.empty()) {
    std::vector<std::string> above = file.interfaces;
    above.push_back(file.super);
    for (const std::string& name : above) {
      if (auto waiting = pending_.find(name); waiting != pending_.end()) {
        auto node = pending_.extract(waiting);
        define(std::move(node.mapped()));
      }
    }
    // Other classes of the JDK that tests extend count as direct subclasses of Object.
    const auto found = by_name_.find(file.super);
    super = found == by_name_.end() ? by_name_.at("java/lang/Object") : found->second;
  }
  LoadedClass& loaded = classes_.emplace_back();
  loaded.id = {classes_.size()};
  loaded.file = std::move(file);
  loaded.super = super;
  loaded.digest = digest_of(loaded.file.shape);
  auto shape = bytecode::ClassShape::parse(loaded.file.shape);
  if (!shape) throw std::runtime_error(loaded.file.name + ": " + shape.error().detail);
  loaded.shape = std::move(*shape);
  by_name_[loaded.file.name] = &loaded;
  lay_out(loaded);
  for (const ClassFileMember& member : loaded.file.methods) {
    auto method = std::make_unique<LoadedMethod>();
    method->id = {methods_.size() + 1};
    method->holder = &loaded;
    method->name = member.name;
    method->descriptor = member.descriptor;
    method->flags = member.flags;
    method->signature = *bytecode::parse_method_descriptor(member.descriptor);
    method->shape = loaded.shape.find_method(member.name, member.descriptor);
    if (!method->shape->code.empty()) method->code = bytecode::decode(*method->shape).value();
    methods_.push_back(std::move(method));
  }
  return loaded;
}

void World::lay_out(LoadedClass& loaded) {
  const std::uint32_t header = vm_.use_compressed_class_pointers ? 12 : 16;
  loaded.layout = loaded.super != nullptr ? loaded.super->layout : HeapClass{.instance_size = header};
  HeapClass mirror{.instance_size = 96};
  for (const ClassFileField& field : loaded.file.fields) {
    LoadedField result{.name = field.name, .descriptor = field.descriptor, .is_static = (field.flags & 8) != 0,
                       .is_volatile = (field.flags & 0x40) != 0, .is_final = (field.flags & 0x10) != 0};
    const bool reference = field.descriptor[0] == 'L' || field.descriptor[0] == '[';
    const std::uint32_t size = Heap::element_size(vm_, reference ? 'L' : field.descriptor[0]);
    HeapClass& layout = result.is_static ? mirror : loaded.layout;
    std::uint32_t& end = layout.instance_size;
    end = (end + size - 1) / size * size;
    result.offset = static_cast<std::int32_t>(end);
    end += size;
    if (reference) layout.references.push_back(result.offset);
    if (field.descriptor[0] == 'F') layout.floats.push_back(result.offset);
    if (field.descriptor[0] == 'D') layout.doubles.push_back(result.offset);
    loaded.fields.push_back(std::move(result));
  }
  loaded.klass = heap_.define(loaded.layout);
  std::set<Address> interfaces;
  collect_interfaces(loaded, interfaces);
  heap_.set_supers(loaded.klass, loaded.super == nullptr ? 0 : loaded.super->klass, {interfaces.begin(), interfaces.end()},
                   (loaded.file.flags & 0x200) != 0);
  loaded.mirror = heap_.allocate(heap_.define(std::move(mirror)));
}

void World::collect_interfaces(const LoadedClass& loaded, std::set<Address>& found) const {
  for (const std::string& name : loaded.file.interfaces)
    if (const auto it = by_name_.find(name); it != by_name_.end() && found.insert(it->second->klass).second)
      collect_interfaces(*it->second, found);
}

LoadedClass* World::klass_by_id(ClassId id) {
  return id.value == 0 || id.value > classes_.size() ? nullptr : &classes_[id.value - 1];
}

LoadedClass* World::class_of(Address object) {
  const Address klass = heap_.klass_of(object);
  for (LoadedClass& loaded : classes_)
    if (loaded.klass == klass) return &loaded;
  return nullptr;
}

LoadedMethod& World::method(const std::string& holder, const std::string& name) {
  for (const auto& method : methods_)
    if (method->holder->file.name == holder && method->name == name) return *method;
  throw std::runtime_error("no method " + holder + "." + name);
}

LoadedMethod* World::resolve_method(const std::string& holder, const std::string& name, const std::string& descriptor) {
  const auto found = by_name_.find(holder);
  LoadedClass* klass = found == by_name_.end() ? nullptr : found->second;
  for (LoadedClass* at = klass; at != nullptr; at = at->super)
    for (const auto& method : methods_)
      if (method->holder == at && method->name == name && method->descriptor == descriptor) return method.get();
  return nullptr;
}

LoadedMethod* World::select(LoadedClass& receiver, const LoadedMethod& resolved) {
  return resolve_method(receiver.file.name, resolved.name, resolved.descriptor);
}

const LoadedMethod* World::unique_target(MethodId called, ClassId context) {
  const LoadedClass* below = klass_by_id(context);
  if (below == nullptr || called.value == 0 || called.value > methods_.size()) return nullptr;
  const LoadedMethod* unique = nullptr;
  for (LoadedClass& klass : classes_) {
    if ((klass.file.flags & 0x0400) != 0 || !is_subclass(&klass, below->file.name)) continue;
    const LoadedMethod* selected = select(klass, *methods_[called.value - 1]);
    if (selected == nullptr || (unique != nullptr && unique != selected)) return nullptr;
    unique = selected;
  }
  return unique;
}

World::FieldOf World::resolve_field(const std::string& holder, const std::string& name) {
  const auto found = by_name_.find(holder);
  for (LoadedClass* at = found == by_name_.end() ? nullptr : found->second; at != nullptr; at = at->super)
    for (const LoadedField& field : at->fields)
      if (field.name == name) return {at, &field};
  return {};
}

Address World::klass_address(ClassId id) {
  if (id.value >= kFirstArrayId) return array_class(static_cast<char>(id.value - kFirstArrayId));
  return klass_by_id(id)->klass;
}

Address World::array_class(char element) {
  Address& klass = array_classes_[element];
  if (klass == 0) {
    klass = heap_.define({.element = element});
    heap_.set_supers(klass, by_name_.at("java/lang/Object")->klass, {});
  }
  return klass;
}

bool World::is_subclass(const LoadedClass* klass, const std::string& name) const {
  for (; klass != nullptr; klass = klass->super) {
    if (klass->file.name == name) return true;
    for (const std::string& interface : klass->file.interfaces) {
      if (interface == name) return true;
      const auto found = by_name_.find(interface);
      if (found != by_name_.end() && is_subclass(found->second, name)) return true;
    }
  }
  return false;
}

bool World::is_instance(Address object, const std::string& name) {
  if (const LoadedClass* klass = class_of(object)) return is_subclass(klass, name);
  if (name[0] == '[' && name.size() == 2) return heap_.klass_of(object) == array_class(name[1]);
  return name == "java/lang/Object";
}

void World::forward(std::int64_t distance) {
  for (LoadedClass& loaded : classes_) loaded.mirror += static_cast<std::uint64_t>(distance);
}

ByteView World::shape(const Digest& digest) const {
  for (const LoadedClass& loaded : classes_)
    if (loaded.digest == digest) return loaded.file.shape;
  return {};
}

const facts::Fact* World::find(const facts::FactKey& key) const {
  const std::lock_guard lock(mutex_);
  auto [entry, added] = facts_.try_emplace(key);
  if (added) entry->second = make(key);
  return &entry->second;
}

/// Of classes that may not be those that come: what each of them is, is true.
facts::TestProfile World::random_test(const LoadedMethod& method, const bytecode::Instruction& at, std::mt19937_64& random) {
  const auto count = [&] { return random() % 3 == 0 ? 0u : static_cast<std::uint32_t>(random() % 5000); };
  facts::TestProfile test{.bci = static_cast<std::uint32_t>(at.bci), .count = 0, .traps = random() % 10 == 0 ? vm_.reason_receiver : 0,
                          .saw_null = random() % 2 == 0, .is_complete = random() % 3 != 0, .classes = {}};
  for (const ClassFileReference& reference : method.holder->file.references) {
    if (reference.index != static_cast<std::uint32_t>(at.value) || reference.tag != 7) continue;
    for (LoadedClass& klass : classes_) {
      const bool passes = is_subclass(&klass, reference.holder);
      if ((klass.file.flags & 0x600) == 0 && random() % (passes ? 2 : 8) == 0)
        test.classes.push_back({klass.id, passes, count()});
    }
  }
  std::ranges::sort(test.classes, std::ranges::greater{}, &facts::TestedClass::count);
  for (const facts::TestedClass& klass : test.classes) test.count += klass.count;
  return test;
}

facts::MethodProfile World::random_profile(const LoadedMethod& method) {
  std::mt19937_64 random(*profile_seed * 1'000'003 + method.id.value);
  const auto count = [&] { return random() % 3 == 0 ? 0u : static_cast<std::uint32_t>(random() % 5000); };
  facts::MethodProfile profile;
  profile.invocations = count();
  for (const bytecode::Instruction& at : method.code->list) {
    const std::uint32_t effects = bytecode::info(at.op).effects;
    const auto bci = static_cast<std::uint32_t>(at.bci);
    if ((effects & bytecode::branches) != 0 && (effects & bytecode::ends) == 0)
      profile.branches.push_back({bci, count(), count(), random() % 10 == 0 ? vm_.reason_unreached : 0});
    if (at.op == bytecode::Opcode::tableswitch || at.op == bytecode::Opcode::lookupswitch) {
      facts::SwitchProfile& cases = profile.switches.emplace_back(
          facts::SwitchProfile{bci, random() % 10 == 0 ? vm_.reason_unreached : 0, {}});
      const auto& all = method.code->switches[static_cast<std::size_t>(at.extra)].cases;
      for (std::size_t c = 0; c <= all.size(); ++c) cases.counts.push_back(count());
    }
    if (at.op == bytecode::Opcode::checkcast || at.op == bytecode::Opcode::instanceof)
      profile.tests.push_back(random_test(method, at, random));
    if ((effects & bytecode::calls) == 0) continue;
    facts::CallProfile& call = profile.calls.emplace_back(facts::CallProfile{.bci = bci, .count = count(), .traps = 0, .receivers = {}});
    const LoadedMethod* named = nullptr;
    for (const ClassFileReference& reference : method.holder->file.references)
      if (reference.index == static_cast<std::uint32_t>(at.value) && (reference.tag == 10 || reference.tag == 11))
        named = resolve_method(reference.holder, reference.name, reference.descriptor);
    if (named == nullptr || named->is_static() || at.op == bytecode::Opcode::invokespecial) continue;
    for (LoadedClass& klass : classes_) {
      if (random() % 2 == 0 || (klass.file.flags & 0x600) != 0 || !is_subclass(&klass, named->holder->file.name)) continue;
      const LoadedMethod* selected = select(klass, *named);
      if (selected != nullptr && selected->code) call.receivers.push_back({klass.id, selected->id, count()});
    }
    std::ranges::sort(call.receivers, std::ranges::greater{}, &facts::ReceiverProfile::count);
    if (random() % 2 == 0) call.count = 0;
    for (const facts::ReceiverProfile& receiver : call.receivers) call.count += receiver.count;
  }
  return profile;
}

facts::Fact World::make(const facts::FactKey& key) const {
  using facts::FactKind;
  auto* self = const_cast<World*>(this);  // the tables are only read
  const auto known = [&](const auto& value) { return facts::encode_value(key, value); };
  const auto unknown = facts::unknown_fact(key);
  if (key.kind == FactKind::vm_config) return known(vm_);
  if (key.kind == FactKind::method_info) {
    if (key.subject == 0 || key.subject > methods_.size()) return unknown;
    const LoadedMethod& method = *methods_[key.subject - 1];
    const bool bound = (method.flags & 0x1a) != 0 || (method.holder->file.flags & 0x10) != 0;
    return known(facts::MethodInfo{.holder = method.holder->id, .name = method.name, .descriptor = method.descriptor,
                                   .access_flags = method.flags, .can_be_statically_bound = bound,
                                   .code_bytes = method.shape == nullptr || !says_code_bytes ? 0 : static_cast<std::uint32_t>(method.shape->code.size())});
  }
  if (key.kind == FactKind::method_profile) {
    if (!profile_seed || key.subject == 0 || key.subject > methods_.size() || !methods_[key.subject - 1]->code) return unknown;
    return known(self->random_profile(*methods_[key.subject - 1]));
  }
  if (key.kind == FactKind::unique_target) {
    const LoadedMethod* unique = self->unique_target(MethodId{key.subject}, ClassId{key.detail});
    return unique == nullptr ? unknown : known(facts::UniqueTarget{unique->id});
  }
  if (key.kind == FactKind::array_class) {
    constexpr std::string_view kTypes = "----ZCFDBSIJ";
    if (key.subject == 0 && (key.index < 4 || key.index >= kTypes.size())) return unknown;
    const char element = key.subject == 0 ? kTypes[key.index] : 'L';
    return known(facts::ArrayClass{ClassId{kFirstArrayId + static_cast<std::uint64_t>(element)}});
  }
  LoadedClass* klass = self->klass_by_id({key.subject});
  if (klass == nullptr) return unknown;
  if (key.kind == FactKind::class_info)
    return known(facts::ClassInfo{.name = klass->file.name, .shape = klass->digest,
                                  .super = klass->super == nullptr ? ClassId{} : klass->super->id,
                                  .access_flags = klass->file.flags});
  if (key.kind == FactKind::class_shape) return known(facts::ShapeRef{klass->digest});
  if (key.kind == FactKind::class_state) return known(facts::ClassState{true});
  for (const ClassFileReference& reference : klass->file.references) {
    if (reference.index != key.index) continue;
    if (unresolved.contains(reference.name) || unresolved.contains(reference.holder)) return unknown;
    if (key.kind == FactKind::resolved_class && reference.tag == 7) {
      const auto found = by_name_.find(reference.holder);
      if (found == by_name_.end()) return unknown;
      // Half of the classes are those of a client that does not say where their supers are.
      const LoadedClass& resolved = *found->second;
      const bool says = resolved.id.value % 2 == 0;
      // The VM's own allocation is tested with some of the classes.
      const std::uint32_t size = resolved.file.name.ends_with("FromVm") ? 0 : (resolved.layout.instance_size + 7) / 8 * 8;
      return known(facts::ResolvedClass{.klass = resolved.id, .initialized = true, .instance_size = size,
                                        .super_check_offset = says ? heap_.super_check_offset(resolved.klass) : 0});
    }
    if (key.kind == FactKind::resolved_field && reference.tag == 9) {
      const FieldOf found = self->resolve_field(reference.holder, reference.name);
      if (found.field == nullptr) return unknown;
      return known(facts::ResolvedField{.holder = found.holder->id, .offset = found.field->offset,
                                        .type = found.field->descriptor[0], .is_static = found.field->is_static,
                                        .is_volatile = found.field->is_volatile, .is_final = found.field->is_final});
    }
    if (key.kind == FactKind::resolved_method && (reference.tag == 10 || reference.tag == 11)) {
      const LoadedMethod* found = self->resolve_method(reference.holder, reference.name, reference.descriptor);
      if (found == nullptr) return unknown;
      const bool bound = (found->flags & 0x1a) != 0 || (found->holder->file.flags & 0x10) != 0;
      return known(facts::ResolvedMethod{.method = found->id, .holder = found->holder->id, .is_static = found->is_static(),
                                         .can_be_statically_bound = bound});
    }
  }
  return unknown;
}

}  // namespace jitfarm::tests::compiler
