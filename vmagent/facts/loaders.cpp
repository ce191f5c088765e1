#include "vmagent/facts/loaders.h"

#include <algorithm>

namespace jitfarm::vmagent::facts {

using hotspot::KlassRef;
using hotspot::LoaderRef;

bool LoaderTable::is_alive(const Loader& loader) {
  return loader.permanent || (loader.weak && loader.weak->is_alive());
}

const LoaderTable::Loader* LoaderTable::get(LoaderId id) const {
  const auto it = loaders_.find(id);
  return it == loaders_.end() ? nullptr : &it->second;
}

LoaderId LoaderTable::find_locked(LoaderRef address) {
  const auto it = by_address_.find(address.address);
  if (it == by_address_.end()) return 0;
  // The address may belong to a new loader by now.
  const Loader* const loader = get(it->second);
  return loader != nullptr && is_alive(*loader) ? it->second : 0;
}

LoaderId LoaderTable::find(LoaderRef loader) {
  std::lock_guard lock(mutex_);
  return find_locked(loader);
}

Result<LoaderId> LoaderTable::loader_of(jvmci::Env& env, KlassRef klass) {
  const LoaderRef address = adapter_.class_details(klass).loader;
  if (!address) return fail(Errc::class_unreadable, "no class loader data");
  if (const LoaderId id = find(address)) return id;
  Loader loader;
  loader.address = address;
  loader.permanent = adapter_.is_permanent(address);
  // Outside the lock: a call of the VM may wait for a safepoint.
  if (!loader.permanent) {
    JF_TRY(loader.weak, adapter_.weak(env, klass));
  }
  std::lock_guard lock(mutex_);
  if (const LoaderId id = find_locked(address)) return id;  // another thread was faster
  const LoaderId id = ++last_;
  loaders_.emplace(id, std::move(loader));
  by_address_[address.address] = id;
  return id;
}

void LoaderTable::keeps(LoaderId from, LoaderId to) {
  if (from == to || from == 0 || to == 0) return;
  std::lock_guard lock(mutex_);
  const auto source = loaders_.find(from);
  const Loader* const target = get(to);
  if (source == loaders_.end() || target == nullptr || target->permanent) return;
  auto& edges = source->second.keeps;
  if (std::find(edges.begin(), edges.end(), to) == edges.end()) edges.push_back(to);
}

bool LoaderTable::is_held(HeldLoaders& held, LoaderId loader) const {
  if (loader == 0) return false;
  if (std::find(held.reached.begin(), held.reached.end(), loader) != held.reached.end())
    return true;
  std::lock_guard lock(mutex_);
  const Loader* const asked = get(loader);
  if (asked == nullptr) return false;
  if (asked->permanent) return true;
  // Few loaders matter to one compilation: walk from all that are reached, which may know more
  // edges by now.
  for (std::size_t i = 0; i < held.reached.size(); ++i) {
    const Loader* const from = get(held.reached[i]);
    if (from == nullptr) continue;
    for (const LoaderId next : from->keeps)
      if (std::find(held.reached.begin(), held.reached.end(), next) == held.reached.end())
        held.reached.push_back(next);
  }
  return std::find(held.reached.begin(), held.reached.end(), loader) != held.reached.end();
}

Result<hotspot::ClassHold> LoaderTable::lock(LoaderId loader) const {
  std::lock_guard guard(mutex_);
  const Loader* const known = get(loader);
  if (known == nullptr || !is_alive(*known)) return fail(Errc::class_unreadable, "unloaded");
  if (known->permanent) return hotspot::ClassHold();
  return known->weak->lock();
}

std::vector<LoaderId> LoaderTable::take_dead() {
  std::vector<LoaderId> dead;
  std::lock_guard lock(mutex_);
  for (auto it = loaders_.begin(); it != loaders_.end();) {
    if (is_alive(it->second)) {
      ++it;
      continue;
    }
    dead.push_back(it->first);
    const auto at = by_address_.find(it->second.address.address);
    if (at != by_address_.end() && at->second == it->first) by_address_.erase(at);
    it = loaders_.erase(it);  // gives the handle back
  }
  return dead;
}

}  // namespace jitfarm::vmagent::facts
