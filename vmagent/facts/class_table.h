// Which class and which method does a session id stand for?
//
// A class is its Klass* in a loader that is alive; a method is its class, name and descriptor, because a
// redefinition replaces the Method*. Ids count up and are never reused. Nothing here keeps a class alive.
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
};
struct MethodEntry {
  ClassId holder;
  std::string name;
  std::string descriptor;
};

/// Any thread. Grows with the classes that compilations meet; entries of unloaded classes are dropped.
class ClassTable {
 public:
  explicit ClassTable(const hotspot::Adapter& adapter) : adapter_(adapter), loaders_(adapter) {}
  LoaderTable& loaders() { return loaders_; }

  /// The id of a class that is alive now. Class arrays have one too.
  Result<ClassId> id_of(jvmci::Env& env, hotspot::KlassRef klass);
  /// The id of a method whose class is alive now.
  Result<MethodId> id_of(jvmci::Env& env, hotspot::MethodRef method);

  std::optional<ClassEntry> find(ClassId id) const;
  std::optional<MethodEntry> find(MethodId id) const;

  // What was computed once for a class. The digest holds for the class as it was read: a redefined one is not kept.
  void remember_digest(ClassId id, const Digest& digest);
  std::optional<Digest> digest(ClassId id) const;

  /// Classes that have been unloaded since the last call. Their ids and their methods' stop being known.
  std::vector<ClassId> take_unloaded();

 private:
  struct Class {
    ClassEntry entry;
    std::optional<Digest> digest;
    std::map<std::pair<std::string, std::string>, MethodId, std::less<>> methods;
  };

  const hotspot::Adapter& adapter_;
  LoaderTable loaders_;
  mutable std::mutex mutex_;
  std::uint64_t next_class_ = 1;
  std::uint64_t next_method_ = 1;
  std::unordered_map<std::uint64_t, Class> classes_;
  std::unordered_map<std::uint64_t, MethodEntry> methods_;
  std::unordered_map<std::uintptr_t, ClassId> by_klass_;
};

}  // namespace jitfarm::vmagent::facts
