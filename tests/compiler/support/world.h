// Which classes are loaded in the VM that compiler tests pretend to have? Also the facts about them.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/facts/values.h"
#include "tests/compiler/support/class_file.h"
#include "tests/compiler/support/heap.h"
#include "worker/compiler/bytecode/class_shape.h"
#include "worker/compiler/bytecode/descriptor.h"
#include "worker/compiler/bytecode/instructions.h"
#include "worker/compiler/compiler.h"

namespace jitfarm::tests::compiler {

struct LoadedClass;

struct LoadedField {
  std::string name;
  std::string descriptor;
  bool is_static = false;
  bool is_volatile = false;
  bool is_final = false;
  std::int32_t offset = 0;  ///< in the object, or in the mirror
};

struct LoadedMethod {
  MethodId id;
  LoadedClass* holder = nullptr;
  std::string name;
  std::string descriptor;
  std::uint32_t flags = 0;
  worker::compiler::bytecode::MethodDescriptor signature;
  const worker::compiler::bytecode::MethodShape* shape = nullptr;
  std::optional<worker::compiler::bytecode::Instructions> code;  ///< none: native or abstract
  bool is_static() const { return (flags & 8) != 0; }
};

struct LoadedClass {
  ClassId id;
  ClassFile file;
  Digest digest;
  worker::compiler::bytecode::ClassShape shape;
  LoadedClass* super = nullptr;
  std::vector<LoadedField> fields;
  HeapClass layout;          ///< of instances
  Address klass = 0;
  Address mirror = 0;  ///< the collector updates it
};

/// Loads every class of a folder. Everything is resolved and initialised unless a switch says otherwise.
class World final : public worker::compiler::FactSource {
 public:
  World(facts::VmConfig vm, const std::vector<std::string>& class_files);

  const facts::Fact* find(const facts::FactKey& key) const override;
  ByteView shape(const Digest& digest) const override;

  /// From now on these are answered with "not known": a member or class name of an entry.
  std::set<std::string> unresolved;
  /// False: this client does not say how small its methods are, so every call stays a call.
  bool says_code_bytes = true;
  /// Methods were profiled, with counts that have nothing to do with what they do; else not at all.
  std::optional<std::uint64_t> profile_seed;

  const facts::VmConfig& vm() const { return vm_; }
  Heap& heap() { return heap_; }
  LoadedClass& klass(const std::string& name) { return *by_name_.at(name); }
  LoadedClass* klass_by_id(ClassId id);
  LoadedClass* class_of(Address object);  ///< null: an array
  LoadedMethod& method(const std::string& klass, const std::string& name);
  LoadedMethod& method(MethodId id) { return *methods_.at(id.value - 1); }
  const std::deque<std::unique_ptr<LoadedMethod>>& methods() const { return methods_; }
  std::deque<LoadedClass>& classes() { return classes_; }

  /// The method that a reference names, searched upwards; null: none.
  LoadedMethod* resolve_method(const std::string& holder, const std::string& name, const std::string& descriptor);
  /// The method that a virtual call of `resolved` reaches for this class.
  LoadedMethod* select(LoadedClass& receiver, const LoadedMethod& resolved);
  /// The method that every class of `context` or below it has for this call; null: there are several, or none.
  const LoadedMethod* unique_target(MethodId called, ClassId context);
  struct FieldOf {
    LoadedClass* holder = nullptr;
    const LoadedField* field = nullptr;
  };
  FieldOf resolve_field(const std::string& holder, const std::string& name);
  Address array_class(char element);
  /// The Klass of a class, arrays among them.
  Address klass_address(ClassId id);
  /// Interfaces count, too.
  bool is_subclass(const LoadedClass* klass, const std::string& name) const;
  /// The same for an object that is not null, and for arrays of a primitive type.
  bool is_instance(Address object, const std::string& name);
  LoadedClass* find_class(const std::string& name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

  /// Adds `distance` to every reference that the world itself holds.
  void forward(std::int64_t distance);

 private:
  facts::Fact make(const facts::FactKey& key) const;
  facts::MethodProfile random_profile(const LoadedMethod& method);
  facts::TestProfile random_test(const LoadedMethod& method, const worker::compiler::bytecode::Instruction& at,
                                 std::mt19937_64& random);
  LoadedClass& define(ClassFile file);
  void lay_out(LoadedClass& loaded);
  void define_stand_in(const std::string& name, const std::string& super);
  void collect_interfaces(const LoadedClass& loaded, std::set<Address>& found) const;

  facts::VmConfig vm_;
  Heap heap_;
  std::deque<LoadedClass> classes_;
  std::map<std::string, LoadedClass*> by_name_;
  std::deque<std::unique_ptr<LoadedMethod>> methods_;
  std::map<char, Address> array_classes_;
  std::map<std::string, ClassFile> pending_;
  mutable std::mutex mutex_;  ///< find() is called from several threads
  mutable std::map<facts::FactKey, facts::Fact> facts_;
};

}  // namespace jitfarm::tests::compiler
