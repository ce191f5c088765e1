#include "vmagent/facts/class_table.h"

#include <algorithm>
#include <utility>

namespace jitfarm::vmagent::facts {

using hotspot::KlassRef;
using hotspot::MethodRef;

Result<ClassId> ClassTable::id_of(jvmci::Env& env, KlassRef klass) {
  if (!klass) return fail(Errc::class_unreadable, "no class");
  JF_TRY(const LoaderId loader, loaders_.loader_of(env, klass));
  const std::uint64_t version = adapter_.class_version(klass);
  std::lock_guard lock(mutex_);
  if (const auto it = by_klass_.find(klass.address); it != by_klass_.end()) {
    // The same address under another loader is another class, whose predecessor was unloaded.
    const auto known = classes_.find(it->second.value);
    if (known != classes_.end() && known->second.entry.loader == loader) {
      if (known->second.entry.version == version) return it->second;
      end_all_locked();
    }
  }
  const ClassId id{next_class_++};
  classes_.emplace(id.value, Class{.entry = {klass, loader, version}, .digest = {}, .methods = {}});
  by_klass_[klass.address] = id;
  return id;
}

Result<MethodId> ClassTable::id_of(jvmci::Env& env, MethodRef method) {
  const hotspot::MethodDetails details = adapter_.method_details(method);
  if (!details.holder || details.name.empty()) return fail(Errc::class_unreadable, "no method");
  JF_TRY(const ClassId holder, id_of(env, details.holder));
  std::lock_guard lock(mutex_);
  const auto klass = classes_.find(holder.value);
  if (klass == classes_.end()) return fail(Errc::class_unreadable, "unloaded");
  auto key = std::pair<std::string, std::string>(details.name, details.descriptor);
  if (const auto it = klass->second.methods.find(key); it != klass->second.methods.end())
    return it->second;
  const MethodId id{next_method_++};
  methods_.emplace(id.value,
                   MethodEntry{holder, key.first, key.second,
                               details.is_method_handle_intrinsic ? method : hotspot::MethodRef{}});
  klass->second.methods.emplace(std::move(key), id);
  return id;
}

std::optional<ClassEntry> ClassTable::find(ClassId id) const {
  std::lock_guard lock(mutex_);
  const auto it = classes_.find(id.value);
  if (it == classes_.end()) return std::nullopt;
  return it->second.entry;
}

std::optional<MethodEntry> ClassTable::find(MethodId id) const {
  std::lock_guard lock(mutex_);
  const auto it = methods_.find(id.value);
  if (it == methods_.end()) return std::nullopt;
  return it->second;
}

void ClassTable::remember_digest(ClassId id, const Digest& digest) {
  std::lock_guard lock(mutex_);
  if (const auto it = classes_.find(id.value); it != classes_.end()) it->second.digest = digest;
}

std::optional<Digest> ClassTable::digest(ClassId id) const {
  std::lock_guard lock(mutex_);
  const auto it = classes_.find(id.value);
  return it == classes_.end() ? std::nullopt : it->second.digest;
}

void ClassTable::end_all_locked() {
  for (const auto& [id, klass] : classes_) ended_.push_back(ClassId{id});
  classes_.clear();
  methods_.clear();
  by_klass_.clear();
}

void ClassTable::redefined(ClassId id) {
  std::lock_guard lock(mutex_);
  if (classes_.contains(id.value)) end_all_locked();
}

std::vector<ClassId> ClassTable::take_unloaded() {
  const std::vector<LoaderId> dead = loaders_.take_dead();
  std::lock_guard lock(mutex_);
  std::vector<ClassId> unloaded = std::exchange(ended_, {});
  if (dead.empty()) return unloaded;
  for (auto it = classes_.begin(); it != classes_.end();) {
    const ClassEntry& entry = it->second.entry;
    if (std::find(dead.begin(), dead.end(), entry.loader) == dead.end()) {
      ++it;
      continue;
    }
    const ClassId id{it->first};
    unloaded.push_back(id);
    for (const auto& [name, method] : it->second.methods) methods_.erase(method.value);
    if (const auto at = by_klass_.find(entry.klass.address);
        at != by_klass_.end() && at->second == id)
      by_klass_.erase(at);
    it = classes_.erase(it);
  }
  std::sort(unloaded.begin(), unloaded.end());
  return unloaded;
}

}  // namespace jitfarm::vmagent::facts
