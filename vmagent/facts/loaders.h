// Which classes may be read now? Those whose class loader data is known to be alive.
//
// The collector unloads classes while we run in native state, so a Klass* that we remember may be
// gone at any moment. What keeps it: the compile broker holds the class of the method under
// compilation; a class keeps what its constant pool has resolved and its supers (the VM records
// both at resolution, for as long as the loader lives). All of a ClassLoaderData lives and dies
// together. So: from the loader of the root method, along edges "keeps" that were learned when a
// resolved entry was read, every loader that is reached is alive until the compilation ends.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "vmagent/hotspot/adapter.h"

namespace jitfarm::vmagent::facts {

/// Number of a loader, never reused; 0: none.
using LoaderId = std::uint32_t;

/// What one compilation may read. Made by LoaderTable::hold for the root, used by one thread.
struct HeldLoaders {
  LoaderId root = 0;
  std::vector<LoaderId> reached;  ///< from the root; grows with what is read
};

/// Every ClassLoaderData that we have seen a class of. Any thread.
class LoaderTable {
 public:
  explicit LoaderTable(const hotspot::Adapter& adapter) : adapter_(adapter) {}

  /// The number of the loader of a class that is alive now; registers it (one native call, 1 us,
  /// the first time).
  Result<LoaderId> loader_of(jvmci::Env& env, hotspot::KlassRef klass);
  /// The number of a loader that is registered and alive, 0: none.
  LoaderId find(hotspot::LoaderRef loader);

  /// A class of `from` was found to refer to one of `to` in a way that lasts as long as `from`.
  void keeps(LoaderId from, LoaderId to);
  HeldLoaders hold(LoaderId root) const { return {root, {root}}; }
  bool is_held(HeldLoaders& held, LoaderId loader) const;

  /// Keeps a loader from now on; fails when it is gone.
  Result<hotspot::ClassHold> lock(LoaderId loader) const;

  /// Loaders that have died since the last call.
  std::vector<LoaderId> take_dead();

 private:
  struct Loader {
    hotspot::LoaderRef address;
    bool permanent = false;
    std::unique_ptr<hotspot::WeakClass> weak;  ///< of one of its classes
    std::vector<LoaderId> keeps;
  };
  static bool is_alive(const Loader& loader);
  LoaderId find_locked(hotspot::LoaderRef address);

  const hotspot::Adapter& adapter_;
  mutable std::mutex mutex_;
  const Loader* get(LoaderId id) const;

  std::unordered_map<LoaderId, Loader> loaders_;  // the living, and the dead until take_dead()
  std::unordered_map<std::uintptr_t, LoaderId> by_address_;
  LoaderId last_ = 0;
};

}  // namespace jitfarm::vmagent::facts
