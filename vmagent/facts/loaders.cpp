#include "vmagent/facts/loaders.h"

#include <algorithm>

namespace jitfarm::vmagent::facts {

using hotspot::KlassRef;
using hotspot::LoaderRef;

bool LoaderTable::is_alive(const Loader& loader) {
  return !loader.dead && (loader.permanent || (loader.weak && loader.weak->is_alive()));
}

LoaderId LoaderTable::find_locked(LoaderRef address) {
  const auto it = by_address_.find(address.address);
  if (it == by_address_.end()) return 0;
  // The address may belong to a new loader by now.
  return is_alive(loaders_[it->second - 1]) ? it->second : 0;
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
  loaders_.push_back(std::move(loader));
  const auto id = static_cast<LoaderId>(loaders_.size());
  by_address_[address.address] = id;
  return id;
}

void LoaderTable::keeps(LoaderId from, LoaderId to) {
  if (from == to || from == 0 || to == 0) return;
  std::lock_guard lock(mutex_);
  if (loaders_[to - 1].permanent) return;
  auto& edges = loaders_[from - 1].keeps;
  if (std::find(edges.begin(), edges.end(), to) == edges.end()) edges.push_back(to);
}

bool LoaderTable::is_held(HeldLoaders& held, LoaderId loader) const {
  if (loader == 0) return false;
  if (std::find(held.reached.begin(), held.reached.end(), loader) != held.reached.end()) return true;
  std::lock_guard lock(mutex_);
  if (loaders_[loader - 1].permanent) return true;
  // Few loaders matter to one compilation: walk from all that are reached, which may know more edges by now.
  for (std::size_t i = 0; i < held.reached.size(); ++i)
    for (const LoaderId next : loaders_[held.reached[i] - 1].keeps)
      if (std::find(held.reached.begin(), held.reached.end(), next) == held.reached.end()) held.reached.push_back(next);
  return std::find(held.reached.begin(), held.reached.end(), loader) != held.reached.end();
}

Result<hotspot::ClassHold> LoaderTable::lock(LoaderId loader) const {
  std::lock_guard lock(mutex_);
  if (loader == 0 || loader > loaders_.size() || !is_alive(loaders_[loader - 1])) return fail(Errc::class_unreadable, "unloaded");
  if (loaders_[loader - 1].permanent) return hotspot::ClassHold();
  return loaders_[loader - 1].weak->lock();
}

std::vector<LoaderId> LoaderTable::take_dead() {
  std::vector<LoaderId> dead;
  std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < loaders_.size(); ++i) {
    Loader& loader = loaders_[i];
    if (loader.dead || is_alive(loader)) continue;
    const auto id = static_cast<LoaderId>(i + 1);
    loader.dead = true;
    loader.weak.reset();  // gives the handle back
    loader.keeps.clear();
    if (const auto it = by_address_.find(loader.address.address); it != by_address_.end() && it->second == id) by_address_.erase(it);
    dead.push_back(id);
  }
  return dead;
}

}  // namespace jitfarm::vmagent::facts
