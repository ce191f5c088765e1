// Which class and which method does a session id stand for?
//
// A class is its Klass* in a loader that is alive, in one version; a method is its class, name and
// descriptor. Ids count up and are never reused. Nothing here keeps a class alive. When a redefined
// class is met, all ids end: what workers know under them, also about other classes, may lead to
// methods and constants that are not there any more. That is rare, and simple to be sure of.
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/digest.h"
#include "common/base/id.h"
#include "vmagent/facts/loaders.h"

namespace jitfarm::vmagent::facts {

struct ClassEntry {
  hotspot::KlassRef klass;
  LoaderId loader = 0;
  std::uint64_t version = 0;  ///< hotspot::Adapter::class_version when it was seen
};
struct MethodEntry {
  ClassId holder;
  std::string name;
  std::string descriptor;
  /// linkToStatic and its like: the VM makes them, for ever, and no class declares them. Else none.
  hotspot::MethodRef intrinsic;
};

/// Any thread. Grows with the classes that compilations meet; entries of unloaded classes are
/// dropped.
class ClassTable {
 public:
  explicit ClassTable(const hotspot::Adapter& adapter) : adapter_(adapter), loaders_(adapter) {}
  LoaderTable& loaders() { return loaders_; }

  /// The id of a class that is alive now. Class arrays have one too.
  Result<ClassId> id_of(jvmci::Env& env, hotspot::KlassRef klass);
  /// The id of a method whose class is alive now.
  Result<MethodId> id_of(jvmci::Env& env, hotspot::MethodRef method);

  /// What was known when the id was given out; alive and of this version is for the caller to
  /// check, in this order.
  std::optional<ClassEntry> find(ClassId id) const;
  std::optional<MethodEntry> find(MethodId id) const;

  // What was computed once for a class in its version.
  void remember_digest(ClassId id, const Digest& digest);
  std::optional<Digest> digest(ClassId id) const;

  /// Ends all ids: `id` was found to be of another version than the class is now.
  void redefined(ClassId id);
  /// Classes whose ids have ended since the last call, by unloading or redefinition, and with them
  /// their methods'.
  std::vector<ClassId> take_unloaded();

 private:
  struct Class {
    ClassEntry entry;
    std::optional<Digest> digest;
    std::map<std::pair<std::string, std::string>, MethodId, std::less<>> methods;
  };

  void end_all_locked();

  const hotspot::Adapter& adapter_;
  LoaderTable loaders_;
  mutable std::mutex mutex_;
  std::uint64_t next_class_ = 1;
  std::uint64_t next_method_ = 1;
  std::unordered_map<std::uint64_t, Class> classes_;
  std::unordered_map<std::uint64_t, MethodEntry> methods_;
  std::unordered_map<std::uintptr_t, ClassId> by_klass_;
  std::vector<ClassId> ended_;
};

}  // namespace jitfarm::vmagent::facts
