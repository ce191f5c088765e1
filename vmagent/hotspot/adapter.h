// What do we have to know about one JDK? The one interface to everything that differs between JDKs.
//
// An Adapter reads metaspace by itself where it can and calls CompilerToVM natives where it must.
// Reading is in native state: GC and class unloading go on beside it, so it never touches an oop,
// and every method that takes a KlassRef or MethodRef relies on the caller that its class is alive
// (vmagent/facts/loaders.h decides that). All methods are const, reentrant, and do not resolve,
// link, load or initialise anything.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/facts/vm_config.h"
#include "vmagent/hotspot/configuration.h"
#include "vmagent/jvmci/env.h"

namespace jitfarm::vmagent::hotspot {

/// An address in the VM, by what is there. Null: none.
template <class Tag>
struct Ref {
  std::uintptr_t address = 0;
  friend auto operator<=>(const Ref&, const Ref&) = default;
  explicit operator bool() const { return address != 0; }
};
using KlassRef = Ref<struct KlassTag>;    ///< Klass*
using MethodRef = Ref<struct MethodTag>;  ///< Method*
using LoaderRef = Ref<struct LoaderTag>;  ///< ClassLoaderData*: what lives and dies together

/// Texts point into Symbols and are valid while the class is alive.
struct ClassDetails {
  std::string_view
      name;  ///< internal form; of a hidden class without the address that the VM appends
  KlassRef super;
  LoaderRef loader;
  std::uint32_t access_flags = 0;  ///< JVMS 4.1
  bool is_array = false;           ///< then the rest is meaningless
  bool is_linked = false;
  bool is_initialized = false;
  bool is_being_initialized = false;  ///< its initialiser runs
  bool is_hidden = false;
  bool is_redefined = false;
};

struct MethodDetails {
  std::string_view name;
  std::string_view descriptor;
  KlassRef holder;
  std::uint32_t access_flags = 0;  ///< JVMS 4.6
  std::uint32_t intrinsic_id = 0;
  bool is_old = false;  ///< replaced by a redefinition
  bool is_method_handle_intrinsic = false;
  bool can_be_statically_bound = false;
  bool dont_inline = false;
  std::uint32_t code_bytes = 0;  ///< of its bytecode, 0: none
  bool has_breakpoint = false;
};

struct PoolClass {
  KlassRef klass;
  bool is_array = false;
  bool is_initialized = false;
  std::uint32_t instance_size = 0;  ///< bytes; 0: only the VM may make an instance
  std::uint32_t super_check_offset = 0;  ///< Klass::_super_check_offset
};
struct PoolField {
  KlassRef holder;
  std::int32_t offset = 0;
  char type = 0;
  bool is_static = false;
  bool is_volatile = false;
  bool is_final = false;
};
/// Of a call through a method handle (invokevirtual of a signature-polymorphic method, JVMS 2.9.3)
/// and of an invokedynamic: the static adapter that the VM linked, not the method that is named.
struct PoolMethod {
  MethodRef method;
  KlassRef holder;
  bool is_static = false;
  bool is_method_handle_intrinsic = false;  ///< linkToStatic, invokeBasic and the like
  bool has_appendix = false;  ///< an adapter that takes one more argument
  bool can_be_statically_bound = false;
  std::uint32_t appendix = 0;  ///< that argument: index in the calling class' resolved references
};

/// A bytecode of a method that names a constant, or a newarray; a caught class counts as a
/// checkcast.
struct Operand {
  std::uint8_t opcode = 0;       ///< Java opcode
  std::uint32_t pool_index = 0;  ///< of newarray: its type code; of invokedynamic: its bci
  friend auto operator<=>(const Operand&, const Operand&) = default;
};

/// An invoke bytecode of a method, or a monitorenter, which names nothing.
struct Invoke {
  std::uint32_t bci = 0;
  std::uint8_t opcode = 0;  ///< Java opcode
  std::string_view name;    ///< of the method that the constant names; empty for invokedynamic
  std::string_view descriptor;
  bool is_linked_by_vm = false;  ///< calls not what the constant names: invokedynamic, method handles
  MethodRef linked;              ///< then: what it calls, none while it is not linked
};

/// What the interpreter and C1 counted.
struct Profile {
  std::vector<std::uint8_t> trap_history;  ///< by DeoptReason
  std::uint32_t hotness = 0;  ///< invocations + back-edges, saturating
};

/// How often a branch, a switch, an invoke or a type test ran (HotSpot's MethodData, profiled by
/// interpreter and C1). Counts saturate.
struct BciCount {
  std::uint32_t bci = 0;
  std::uint8_t opcode = 0;  ///< Java opcode
  std::uint32_t traps = 0;  ///< facts::BranchProfile::traps
  std::uint32_t count = 0;  ///< taken; of an invoke: all receivers; of a test: all but nulls
  std::uint32_t not_taken = 0;
  std::uint32_t pool_index = 0;  ///< of a test, and of an invoke but invokedynamic: what it names
  struct Receiver {
    std::uintptr_t cell = 0;  ///< Adapter::profiled_class reads it
    std::uint32_t count = 0;
  };
  std::vector<Receiver> receivers;   ///< descending; of a test: the objects' classes
  std::vector<std::uint32_t> cases;  ///< of a switch: facts::SwitchProfile::counts
  bool saw_null = false;             ///< a test
  bool is_complete = false;          ///< of a test: facts::TestProfile::is_complete
};
struct Counts {
  std::uint32_t invocations = 0;
  std::vector<BciCount> list;  ///< ascending bci
};

/// Owner of a strong JNI handle of the VM (IndirectHotSpotObjectConstantImpl): keeps the object,
/// and its class loader, alive. Not freed by the object model; release on a compiler thread.
class ObjectConstant {
 public:
  ObjectConstant() = default;
  ObjectConstant(const class Adapter& adapter, jvmci::Env& env, jvmci::Object* constant);
  ObjectConstant(ObjectConstant&& other) noexcept;
  ObjectConstant& operator=(ObjectConstant&& other) noexcept;
  ~ObjectConstant() { reset(); }
  jvmci::Object* get() const { return constant_.get(); }
  explicit operator bool() const { return static_cast<bool>(constant_); }
  void reset();

 private:
  const Adapter* adapter_ = nullptr;
  jvmci::Env* env_ = nullptr;
  jvmci::Ref constant_;
};

/// What a constant is that the VM makes when it is first used.
struct PoolValue {
  bool is_resolved = false;
  bool is_null = false;      ///< of a dynamic constant
  std::uint64_t bits = 0;    ///< of a dynamic constant of a primitive type
  ObjectConstant object;     ///< else
};

/// An object and those that it keeps for ever (facts::ConstantObjects). They and their classes are
/// alive as long as the tree is, which belongs to the thread that made it.
class ConstantTree {
 public:
  struct Field {
    std::int32_t offset = 0;
    std::uint32_t object = 0;  ///< index in `objects`; 0: a number
    std::uint64_t bits = 0;
  };
  struct Node {
    std::vector<KlassRef> classes;  ///< its exact class, then those that this extends
    MethodRef form;                 ///< of a method handle: what invokeBasic calls
    MethodRef member;               ///< of a member name: the method that it stands for
    std::vector<Field> fields;
  };
  std::vector<Node> objects;

  /// Takes over the topmost local frame of the VM's own JNI.
  explicit ConstantTree(JNIEnv& jni) : jni_(&jni) {}
  ConstantTree(ConstantTree&& other) noexcept
      : objects(std::move(other.objects)), jni_(std::exchange(other.jni_, nullptr)) {}
  ConstantTree& operator=(ConstantTree&&) = delete;
  ~ConstantTree() {
    if (jni_ != nullptr) jni_->PopLocalFrame(nullptr);
  }

 private:
  JNIEnv* jni_;
};

/// Keeps a class and its loader as long as it exists. Empty for classes that are never unloaded.
/// Any thread that the VM knows.
class ClassHold {
 public:
  ClassHold() = default;
  /// Takes over a strong global reference of the VM's own JNI.
  explicit ClassHold(jobject global) : global_(global) {}
  ClassHold(ClassHold&& other) noexcept : global_(std::exchange(other.global_, nullptr)) {}
  ClassHold& operator=(ClassHold&& other) noexcept {
    std::swap(global_, other.global_);
    return *this;
  }
  ~ClassHold();

 private:
  jobject global_ = nullptr;
};

/// Tells whether a class is still there, and does not keep it. Any thread.
class WeakClass {
 public:
  virtual ~WeakClass() = default;
  virtual bool is_alive() const = 0;
  /// On a thread that the VM knows; class_unreadable when the class is gone.
  virtual Result<ClassHold> lock() const = 0;
};

class Adapter {
 public:
  virtual ~Adapter() = default;

  const jitfarm::facts::VmConfig& vm_config() const { return vm_config_; }
  /// What readConfiguration said: stubs, marks, flags for the installer.
  const Configuration& configuration() const { return configuration_; }

  // ---- memory only
  virtual ClassDetails class_details(KlassRef klass) const = 0;
  /// Changes when the class is redefined: its code, its constant pool and its Method* are others
  /// then. 0 for arrays.
  virtual std::uint64_t class_version(KlassRef klass) const = 0;
  virtual MethodDetails method_details(MethodRef method) const = 0;
  /// docs/reference/class-shape.md; class_unreadable when there is none now.
  virtual Result<Bytes> class_shape(KlassRef klass) const = 0;
  /// A method that the class declares itself, not one that was replaced.
  virtual std::optional<MethodRef> find_method(KlassRef klass, std::string_view name,
                                               std::string_view descriptor) const = 0;
  /// Classes of this loader are never unloaded.
  virtual bool is_permanent(LoaderRef loader) const = 0;
  /// The class of arrays of `element`; nullopt while the VM has not made it.
  virtual std::optional<KlassRef> array_class(KlassRef element) const = 0;
  /// The same for elements of a primitive type, by newarray's code for it (JVMS 6.5).
  virtual std::optional<KlassRef> primitive_array_class(std::uint32_t code) const = 0;
  /// Whether every object of the first class is one of the second.
  virtual bool is_subclass(KlassRef sub, KlassRef super) const = 0;
  // Entries of the class file's constant pool; nullopt: not resolved, in error, or no such entry.
  virtual std::optional<PoolClass> pool_class(KlassRef klass, std::uint32_t index) const = 0;
  virtual std::optional<PoolField> pool_field(KlassRef klass, std::uint32_t index,
                                              std::uint32_t opcode) const = 0;
  virtual std::optional<PoolMethod> pool_method(KlassRef klass, std::uint32_t index,
                                                std::uint32_t opcode) const = 0;
  /// What the invokedynamic at `bci` calls; nullopt: not linked, or there is none.
  virtual std::optional<PoolMethod> call_site(MethodRef method, std::uint32_t bci) const = 0;
  /// Distinct constants that the code names, in order of first use; class_unreadable as
  /// class_shape.
  virtual Result<std::vector<Operand>> operands(MethodRef method) const = 0;
  /// Ascending bci; class_unreadable as class_shape.
  virtual Result<std::vector<Invoke>> invokes(MethodRef method) const = 0;
  virtual Profile profile(MethodRef method) const = 0;
  /// nullopt: the method has no profile.
  virtual std::optional<Counts> counts(MethodRef method) const = 0;
  /// The Method* of a HotSpotResolvedJavaMethodImpl; none when its class is gone.
  virtual MethodRef method_of(jvmci::Object& method) const = 0;
  /// The loader of the class of a method that may be dying: read without risk of an access fault.
  /// nullopt: not readable.
  virtual std::optional<KlassRef> try_holder(MethodRef method) const = 0;
  virtual std::optional<LoaderRef> try_loader(KlassRef klass) const = 0;

  // ---- calls of the VM, on a thread that it knows; objects are locals of the current frame
  virtual Result<std::unique_ptr<WeakClass>> weak(jvmci::Env& env, KlassRef klass) const = 0;
  /// The value of a static final field of an initialised class, which the entry `index` of `caller`
  /// names: the bits of a number (float and less in the lower half), the length of an array, 0 for
  /// another object. nullopt: null, or a field that may change.
  virtual std::optional<std::uint64_t> static_final(KlassRef caller, std::uint32_t index,
                                                    const PoolField& field) const = 0;
  virtual Result<jvmci::Object*> method_object(jvmci::Env& env, MethodRef method) const = 0;
  virtual Result<jvmci::Object*> type_object(jvmci::Env& env, KlassRef klass) const = 0;
  /// The only concrete method that a call of `method` on a `context` reaches now; none where there
  /// is not exactly one.
  virtual Result<MethodRef> unique_concrete_method(jvmci::Env& env, KlassRef context,
                                                   MethodRef method) const = 0;
  /// The class in a cell of a profile, which does not keep it: it may be unloaded as soon as this
  /// returns. none: it is already. The method that is profiled must be alive.
  virtual Result<KlassRef> profiled_class(jvmci::Env& env, std::uintptr_t cell) const = 0;
  /// What a virtual or interface call of `method` in `caller` selects for an object of exactly the
  /// class `receiver`; none: nothing, or an error.
  virtual Result<MethodRef> selected_method(jvmci::Env& env, KlassRef receiver, MethodRef method,
                                            KlassRef caller) const = 0;
  virtual Result<ObjectConstant> mirror(jvmci::Env& env, KlassRef klass) const = 0;
  /// A String, Class, MethodHandle, MethodType or dynamic entry.
  virtual Result<PoolValue> pool_value(jvmci::Env& env, KlassRef klass,
                                       std::uint32_t index) const = 0;
  /// An element of the resolved references of the class; empty: none there.
  virtual Result<ObjectConstant> reference(jvmci::Env& env, KlassRef klass,
                                           std::uint32_t index) const = 0;
  /// What is at such an element, or in the static final field of type MethodHandle that entry `index`
  /// names, and what that keeps; none: null, or there is none.
  virtual std::optional<ConstantTree> constant_objects(jvmci::Env& env, KlassRef klass,
                                                       std::uint32_t index,
                                                       bool in_static_field) const = 0;
  virtual void delete_handle(jvmci::Env& env, jvmci::Object& constant) const = 0;

  /// Runs `body`, which must not throw, on a new thread in native state that may make all these
  /// calls with an Env of Runtime::any(). To be called on a thread that the VM knows. With an error
  /// `body` is not run.
  virtual Status run_thread(const char* name, std::function<void()> body) const = 0;

 protected:
  Adapter(jitfarm::facts::VmConfig vm_config, Configuration configuration)
      : vm_config_(std::move(vm_config)), configuration_(std::move(configuration)) {}

 private:
  jitfarm::facts::VmConfig vm_config_;
  Configuration configuration_;
};

/// The adapter for the VM that we are in: reads its tables, proves itself on some classes, and
/// refuses with vm_unsupported and one clear line what it was not proved on (another JDK, GC, CPU).
/// Call once, on the first compiler thread that has a request, after CompilerToVM.registerNatives.
/// 3-5 ms.
Result<std::unique_ptr<Adapter>> create(jvmci::Env& env);

/// The same, also for a JDK whose code was not proved by every suite yet.
Result<std::unique_ptr<Adapter>> create_unproved(jvmci::Env& env);

}  // namespace jitfarm::vmagent::hotspot
