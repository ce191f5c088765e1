#include "vmagent/jvmci/world.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "vmagent/jvmci/hierarchy.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::jvmci {

namespace {

template <class T>
using ByName = std::map<std::string, T, std::less<>>;

/// "(JLjava/lang/String;[BZ)V" -> "JLLZ"
std::string argument_kinds(std::string_view signature) {
  std::string kinds;
  for (std::size_t i = 1; i < signature.size() && signature[i] != ')'; ++i) {
    char c = signature[i];
    if (c == '[') {
      while (i < signature.size() && signature[i] == '[') ++i;
      c = i < signature.size() && signature[i] == 'L' ? 'L' : '[';
    }
    if (c == 'L')
      while (i < signature.size() && signature[i] != ';') ++i;
    kinds += c == '[' ? 'L' : c;
  }
  return kinds;
}

struct ClassEntry {
  explicit ClassEntry(Class* c) : klass(c) {}
  Class* klass;
  ByName<std::unique_ptr<Field>> fields;
  ByName<std::unique_ptr<Method>> methods;
  ByName<ByName<void*>> natives;  // name, signature
  std::vector<Field*> field_order;
};

}  // namespace

struct World::State {
  std::mutex mutex;
  ByName<std::unique_ptr<ClassEntry>> classes;
  std::map<const Class*, ClassEntry*> entries;
  ByName<Upcall> upcalls;  // "class.method"
  ByName<std::string> constructors;
  std::map<const Class*, std::vector<Field*>> constructor_fields;
};

World& World::get() {
  static World* world = new World;
  return *world;
}

World::World() : state_(new State) {}

Class& World::find_class(std::string_view name) {
  struct Finder {
    State& state;
    Class* find(std::string_view n) {
      auto it = state.classes.find(n);
      if (it != state.classes.end()) return it->second->klass;
      Class* super = nullptr;
      if (const std::string_view super_name = super_of(n); !super_name.empty())
        super = find(super_name);
      Class* meta = n == "java/lang/Class" ? nullptr : find("java/lang/Class");
      auto* klass = new Class(meta, std::string(n), super);
      auto entry = std::make_unique<ClassEntry>(klass);
      state.entries[klass] = entry.get();
      state.classes.emplace(std::string(n), std::move(entry));
      return klass;
    }
  };
  std::lock_guard lock(state_->mutex);
  return *Finder{*state_}.find(name);
}

Field* World::find_field(Class& klass, std::string_view name, std::string_view signature,
                         bool is_static) {
  if (signature.empty()) return nullptr;
  std::lock_guard lock(state_->mutex);
  const std::string key = (is_static ? "static " : "") + std::string(name);
  for (const Class* c = &klass; c; c = c->super()) {
    auto& fields = state_->entries.at(c)->fields;
    if (auto it = fields.find(key); it != fields.end()) {
      if (it->second->type != signature[0])
        JF_AGENT_LOG(warn, "field {}.{} is known as {} and asked for as {}", c->name(), name,
                     it->second->type, signature);
      return it->second.get();
    }
  }
  Class& root = klass.root();
  std::uint32_t slot = 0;
  if (!is_static) {
    slot = root.slot_count_.load(std::memory_order_relaxed);
    if (slot == kSlotsMax) return nullptr;
  }
  auto field = std::unique_ptr<Field>(
      new Field{&klass, std::string(name), signature[0], is_static, slot, 0});
  Field* result = field.get();
  if (!is_static) {
    if (result->is_reference())
      root.reference_slots_.fetch_or(std::uint64_t{1} << slot, std::memory_order_release);
    root.slot_count_.store(slot + 1, std::memory_order_release);
  }
  ClassEntry& entry = *state_->entries.at(&klass);
  entry.fields.emplace(key, std::move(field));
  entry.field_order.push_back(result);
  return result;
}

Field* World::first_field_of_type(Class& klass, char type) {
  std::lock_guard lock(state_->mutex);
  for (Field* field : state_->entries.at(&klass)->field_order)
    if (!field->is_static && field->type == type) return field;
  return nullptr;
}

Method* World::find_method(Class& klass, std::string_view name, std::string_view signature) {
  std::lock_guard lock(state_->mutex);
  auto& methods = state_->entries.at(&klass)->methods;
  const std::string key = std::string(name) + std::string(signature);
  if (auto it = methods.find(key); it != methods.end()) return it->second.get();
  auto bound = state_->upcalls.find(klass.name() + "." + std::string(name));
  auto method = std::unique_ptr<Method>(
      new Method{&klass, std::string(name), std::string(signature), argument_kinds(signature),
                 bound == state_->upcalls.end() ? nullptr : bound->second});
  return methods.emplace(key, std::move(method)).first->second.get();
}

void World::bind(std::string_view klass, std::string_view method, Upcall upcall) {
  std::lock_guard lock(state_->mutex);
  state_->upcalls[std::string(klass) + "." + std::string(method)] = upcall;
}

void World::bind_constructor(std::string_view klass, std::string_view fields) {
  std::lock_guard lock(state_->mutex);
  state_->constructors[std::string(klass)] = fields;
}

void World::register_native(Class& klass, std::string_view name, std::string_view signature,
                            void* function) {
  std::lock_guard lock(state_->mutex);
  state_->entries.at(&klass)->natives[std::string(name)][std::string(signature)] = function;
}

void* World::find_native(std::string_view klass, std::string_view name,
                         std::string_view signature) {
  Class& c = find_class(klass);
  std::lock_guard lock(state_->mutex);
  auto& natives = state_->entries.at(&c)->natives;
  auto overloads = natives.find(name);
  if (overloads == natives.end()) return nullptr;
  if (signature.empty())
    return overloads->second.size() == 1 ? overloads->second.begin()->second : nullptr;
  auto it = overloads->second.find(signature);
  return it == overloads->second.end() ? nullptr : it->second;
}

Object* World::allocate(Class& klass) {
  return Object::make(klass, ObjectKind::plain,
                      klass.root().slot_count_.load(std::memory_order_acquire));
}

Object* World::construct(const Method& constructor, std::span<const jvalue> args) {
  Class& klass = *constructor.holder;
  const std::vector<Field*>* fields = nullptr;
  {
    std::unique_lock lock(state_->mutex);
    auto it = state_->constructor_fields.find(&klass);
    if (it == state_->constructor_fields.end()) {
      std::string names;
      for (const Class* c = &klass; c && names.empty(); c = c->super())
        if (auto bound = state_->constructors.find(c->name()); bound != state_->constructors.end())
          names = bound->second;
      lock.unlock();
      std::vector<Field*> found;
      std::size_t argument = 0;
      for (std::size_t begin = 0; !names.empty() && begin <= names.size() && argument < args.size();
           ++argument) {
        const std::size_t end = std::min(names.find(',', begin), names.size());
        const std::string name = names.substr(begin, end - begin);
        found.push_back(name.empty()
                            ? nullptr
                            : find_field(klass, name,
                                         std::string_view(&constructor.arguments[argument], 1),
                                         false));
        begin = end + 1;
      }
      lock.lock();
      it = state_->constructor_fields.emplace(&klass, std::move(found)).first;
    }
    fields = &it->second;  // nodes of a map stay where they are, and an entry is never changed
  }
  Object* object = allocate(klass);
  if (!object) return nullptr;
  for (std::size_t i = 0; i < std::min(fields->size(), args.size()); ++i)
    if ((*fields)[i]) set_field(*object, *(*fields)[i], args[i]);
  return object;
}

jvalue get_field(Object& object, const Field& field) {
  jvalue none;
  none.j = 0;
  if (object.kind() != ObjectKind::plain || &object.klass().root() != &field.holder->root() ||
      field.slot >= object.length()) {
    JF_AGENT_LOG(error, "read of {}.{} in an object of {}", field.holder->name(), field.name,
                 object.klass().name());
    return none;
  }
  return object.slots()[field.slot];
}

void set_field(Object& object, const Field& field, jvalue value) {
  if (object.kind() != ObjectKind::plain || &object.klass().root() != &field.holder->root() ||
      field.slot >= object.length()) {
    JF_AGENT_LOG(error, "write of {}.{} in an object of {}", field.holder->name(), field.name,
                 object.klass().name());
    return;
  }
  jvalue& slot = object.slots()[field.slot];
  if (!field.is_reference()) {
    slot = value;
    return;
  }
  if (value.l) from_jni(value.l)->retain();
  Object* old = from_jni(std::exchange(slot.l, value.l));
  if (old) old->release();
}

jvalue get_static_field(const Field& field) {
  jvalue value;
  value.j = field.static_value.load(std::memory_order_acquire);
  return value;
}

void set_static_field(Field& field, jvalue value) {
  if (!field.is_reference()) {
    field.static_value.store(value.j, std::memory_order_release);
    return;
  }
  if (value.l) from_jni(value.l)->retain();
  jvalue old;
  old.j = field.static_value.exchange(value.j, std::memory_order_acq_rel);
  if (old.l) from_jni(old.l)->release();
}

}  // namespace jitfarm::vmagent::jvmci
