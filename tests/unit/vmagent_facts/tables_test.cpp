// Liveness and ids, with a VM that exists only here: the tables decide what may be read, so they
// are tried without one.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "vmagent/facts/class_table.h"

using namespace jitfarm;
using namespace jitfarm::vmagent;
using jitfarm::vmagent::facts::ClassTable;
using jitfarm::vmagent::facts::HeldLoaders;
using jitfarm::vmagent::facts::LoaderId;

namespace {

struct FakeClass {
  std::string name;
  std::uintptr_t loader;
  std::uint64_t version = 1;
};

class FakeWeak final : public hotspot::WeakClass {
 public:
  explicit FakeWeak(std::shared_ptr<bool> alive) : alive_(std::move(alive)) {}
  bool is_alive() const override { return *alive_; }
  Result<hotspot::ClassHold> lock() const override {
    if (!*alive_) return fail(Errc::class_unreadable, "unloaded");
    return hotspot::ClassHold();
  }

 private:
  std::shared_ptr<bool> alive_;
};

/// A VM of classes at made-up addresses. Loader 1 is the boot loader.
class FakeVm final : public hotspot::Adapter {
 public:
  FakeVm() : Adapter({}, {}) {}

  void load(std::uintptr_t klass, std::string name, std::uintptr_t loader) {
    classes_[klass] = {std::move(name), loader};
    if (!alive_.contains(loader)) alive_[loader] = std::make_shared<bool>(true);
  }
  void redefine(std::uintptr_t klass) { classes_[klass].version++; }
  /// The collector unloads: the addresses may be used again.
  void unload(std::uintptr_t loader) {
    *alive_.at(loader) = false;
    alive_.erase(loader);
    std::erase_if(classes_, [&](const auto& c) { return c.second.loader == loader; });
  }
  mutable std::atomic<int> reads = 0;

  hotspot::ClassDetails class_details(hotspot::KlassRef klass) const override {
    const FakeClass& c = at(klass);
    hotspot::ClassDetails d;
    d.name = c.name;
    d.loader = {c.loader};
    d.is_linked = true;
    return d;
  }
  std::uint64_t class_version(hotspot::KlassRef klass) const override { return at(klass).version; }
  hotspot::MethodDetails method_details(hotspot::MethodRef method) const override {
    hotspot::MethodDetails d;
    d.holder = {method.address & ~std::uintptr_t{0xff}};
    d.name = method.address & 1 ? "one" : "two";
    d.descriptor = "()V";
    return d;
  }
  Result<Bytes> class_shape(hotspot::KlassRef) const override { return Bytes{}; }
  std::optional<hotspot::ConstantTree> constant_objects(jvmci::Env&, hotspot::KlassRef,
                                                        std::uint32_t, bool) const override {
    return std::nullopt;
  }
  std::optional<hotspot::MethodRef> find_method(hotspot::KlassRef, std::string_view,
                                                std::string_view) const override {
    return std::nullopt;
  }
  Status run_thread(const char*, std::function<void()>) const override {
    return fail(Errc::vm_exception, "none");
  }
  bool is_permanent(hotspot::LoaderRef loader) const override { return loader.address == 1; }
  std::optional<hotspot::KlassRef> array_class(hotspot::KlassRef) const override {
    return std::nullopt;
  }
  std::optional<hotspot::KlassRef> primitive_array_class(std::uint32_t) const override {
    return std::nullopt;
  }
  bool is_subclass(hotspot::KlassRef, hotspot::KlassRef) const override { return false; }
  std::optional<hotspot::PoolClass> pool_class(hotspot::KlassRef, std::uint32_t) const override {
    return std::nullopt;
  }
  std::optional<hotspot::PoolField> pool_field(hotspot::KlassRef, std::uint32_t,
                                               std::uint32_t) const override {
    return std::nullopt;
  }
  std::optional<std::uint64_t> static_final(hotspot::KlassRef, std::uint32_t,
                                            const hotspot::PoolField&) const override {
    return std::nullopt;
  }
  std::optional<hotspot::PoolMethod> pool_method(hotspot::KlassRef, std::uint32_t,
                                                 std::uint32_t) const override {
    return std::nullopt;
  }
  std::optional<hotspot::PoolMethod> call_site(hotspot::MethodRef, std::uint32_t) const override {
    return std::nullopt;
  }
  Result<std::vector<hotspot::Operand>> operands(hotspot::MethodRef) const override {
    return std::vector<hotspot::Operand>{};
  }
  Result<std::vector<hotspot::Invoke>> invokes(hotspot::MethodRef) const override {
    return std::vector<hotspot::Invoke>{};
  }
  hotspot::Profile profile(hotspot::MethodRef) const override { return {}; }
  std::optional<hotspot::Counts> counts(hotspot::MethodRef) const override { return std::nullopt; }
  hotspot::MethodRef method_of(jvmci::Object&) const override { return {}; }
  std::optional<hotspot::KlassRef> try_holder(hotspot::MethodRef) const override {
    return std::nullopt;
  }
  std::optional<hotspot::LoaderRef> try_loader(hotspot::KlassRef) const override {
    return std::nullopt;
  }
  Result<std::unique_ptr<hotspot::WeakClass>> weak(jvmci::Env&,
                                                   hotspot::KlassRef klass) const override {
    return std::make_unique<FakeWeak>(alive_.at(at(klass).loader));
  }
  Result<jvmci::Object*> method_object(jvmci::Env&, hotspot::MethodRef) const override {
    return nullptr;
  }
  Result<jvmci::Object*> type_object(jvmci::Env&, hotspot::KlassRef) const override {
    return nullptr;
  }
  Result<hotspot::MethodRef> unique_concrete_method(jvmci::Env&, hotspot::KlassRef,
                                                    hotspot::MethodRef) const override {
    return hotspot::MethodRef{};
  }
  Result<hotspot::KlassRef> profiled_class(jvmci::Env&, std::uintptr_t) const override {
    return hotspot::KlassRef{};
  }
  Result<hotspot::MethodRef> selected_method(jvmci::Env&, hotspot::KlassRef, hotspot::MethodRef,
                                             hotspot::KlassRef) const override {
    return hotspot::MethodRef{};
  }
  Result<hotspot::ObjectConstant> mirror(jvmci::Env&, hotspot::KlassRef) const override {
    return hotspot::ObjectConstant();
  }
  Result<hotspot::PoolValue> pool_value(jvmci::Env&, hotspot::KlassRef,
                                        std::uint32_t) const override {
    return hotspot::PoolValue();
  }
  Result<hotspot::ObjectConstant> reference(jvmci::Env&, hotspot::KlassRef,
                                            std::uint32_t) const override {
    return hotspot::ObjectConstant();
  }
  void delete_handle(jvmci::Env&, jvmci::Object&) const override {}

 private:
  /// Reading a class that is not there is what must never happen.
  const FakeClass& at(hotspot::KlassRef klass) const {
    ++reads;
    const auto it = classes_.find(klass.address);
    if (it == classes_.end()) FAIL("a class was read that is not there");
    return it->second;
  }
  std::map<std::uintptr_t, FakeClass> classes_;
  std::map<std::uintptr_t, std::shared_ptr<bool>> alive_;
};

/// Nothing here calls the VM: any Env will do, none is looked at.
jvmci::Env& no_env() { return *reinterpret_cast<jvmci::Env*>(alignof(jvmci::Env)); }

struct Fixture {
  FakeVm vm;
  ClassTable table{vm};
  ClassId id(std::uintptr_t klass) {
    return table.id_of(no_env(), hotspot::KlassRef{klass}).value();
  }
  LoaderId loader(ClassId id) { return table.find(id)->loader; }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "class_table: the same class has the same id, another one another") {
  vm.load(0x1000, "A", 1);
  vm.load(0x2000, "B", 1);
  const ClassId a = id(0x1000);
  CHECK(a);
  CHECK(id(0x1000) == a);
  CHECK(id(0x2000) != a);
  CHECK_FALSE(table.find(ClassId{12345}));
  CHECK_FALSE(table.id_of(no_env(), hotspot::KlassRef{}));
}

TEST_CASE_METHOD(Fixture,
                 "class_table: a method is found under its id by class, name and descriptor") {
  vm.load(0x1000, "A", 1);
  const MethodId one = table.id_of(no_env(), hotspot::MethodRef{0x1001}).value();
  const MethodId two = table.id_of(no_env(), hotspot::MethodRef{0x1002}).value();
  CHECK(one != two);
  // The Method* of an equal name elsewhere, as after a redefinition that kept the class' version.
  CHECK(table.id_of(no_env(), hotspot::MethodRef{0x1003}).value() == one);
  REQUIRE(table.find(one));
  CHECK(table.find(one)->name == "one");
  CHECK(table.find(one)->holder == id(0x1000));
}

TEST_CASE_METHOD(Fixture,
                 "class_table: classes of an unloaded loader end, and the address gets a new id") {
  vm.load(0x1000, "A", 1);
  vm.load(0x5000, "Plugin", 7);
  vm.load(0x6000, "Plugin2", 7);
  const ClassId boot = id(0x1000), plugin = id(0x5000), plugin2 = id(0x6000);
  const MethodId method = table.id_of(no_env(), hotspot::MethodRef{0x5001}).value();
  CHECK(table.take_unloaded().empty());
  vm.unload(7);
  CHECK(table.take_unloaded() == std::vector<ClassId>{plugin, plugin2});
  CHECK(table.take_unloaded().empty());
  CHECK_FALSE(table.find(plugin));
  CHECK_FALSE(table.find(method));
  CHECK(table.find(boot));
  // A new class at the old address, with loader data at the old address.
  vm.load(0x5000, "Plugin", 7);
  CHECK(id(0x5000) != plugin);
}

TEST_CASE_METHOD(
    Fixture, "class_table: an address that is used again before anybody noticed is another class") {
  vm.load(0x5000, "Plugin", 7);
  const ClassId plugin = id(0x5000);
  vm.unload(7);
  vm.load(0x5000, "Other", 7);
  const ClassId other = id(0x5000);
  CHECK(other != plugin);
  CHECK(table.take_unloaded() == std::vector<ClassId>{plugin});
  CHECK(table.find(other));
  CHECK(id(0x5000) == other);
}

TEST_CASE_METHOD(Fixture, "class_table: meeting a redefined class ends all ids") {
  vm.load(0x1000, "A", 1);
  vm.load(0x2000, "B", 1);
  const ClassId a = id(0x1000), b = id(0x2000);
  vm.redefine(0x1000);
  const ClassId again = id(0x1000);
  CHECK(again != a);
  auto ended = table.take_unloaded();
  std::sort(ended.begin(), ended.end());
  CHECK(ended == std::vector<ClassId>{a, b});
  CHECK(table.find(again));
  CHECK_FALSE(table.find(b));
}

TEST_CASE_METHOD(
    Fixture, "loaders: a compilation holds its own loader, what that keeps, and the boot loader") {
  vm.load(0x1000, "A", 1);
  vm.load(0x2000, "App", 2);
  vm.load(0x3000, "Library", 3);
  vm.load(0x4000, "Stranger", 4);
  const LoaderId boot = loader(id(0x1000)), app = loader(id(0x2000)), library = loader(id(0x3000)),
                 stranger = loader(id(0x4000));
  auto& loaders = table.loaders();
  HeldLoaders held = loaders.hold(app);
  CHECK(loaders.is_held(held, app));
  CHECK(loaders.is_held(held, boot));
  CHECK_FALSE(loaders.is_held(held, library));
  CHECK_FALSE(loaders.is_held(held, 0));
  // Learned in the middle, over two steps.
  loaders.keeps(library, stranger);
  CHECK_FALSE(loaders.is_held(held, stranger));
  loaders.keeps(app, library);
  CHECK(loaders.is_held(held, stranger));
  // It holds in one direction only.
  HeldLoaders other = loaders.hold(stranger);
  CHECK_FALSE(loaders.is_held(other, app));
}

TEST_CASE_METHOD(
    Fixture, "loaders: a dead loader is not found, kept or locked, and its classes are not read") {
  vm.load(0x5000, "Plugin", 7);
  const ClassId plugin = id(0x5000);
  const LoaderId dead = loader(plugin);
  CHECK(table.loaders().find(hotspot::LoaderRef{7}) == dead);
  CHECK(table.loaders().lock(dead));
  vm.unload(7);
  const int reads = vm.reads;
  CHECK(table.loaders().find(hotspot::LoaderRef{7}) == 0);
  CHECK_FALSE(table.loaders().lock(dead));
  static_cast<void>(table.take_unloaded());
  CHECK(vm.reads == reads);
}

TEST_CASE_METHOD(Fixture,
                 "class_table: many threads that meet the same classes agree on their ids") {
  constexpr std::uintptr_t kClasses = 200;
  for (std::uintptr_t i = 1; i <= kClasses; ++i)
    vm.load(i << 12, "C" + std::to_string(i), 1 + i % 5);
  std::vector<std::vector<std::uint64_t>> seen(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < seen.size(); ++t)
    threads.emplace_back([&, t] {
      HeldLoaders held;
      for (std::uintptr_t n = 0; n < kClasses; ++n) {
        const std::uintptr_t klass = (1 + (n * 7 + t * 50) % kClasses) << 12;
        const auto id = table.id_of(no_env(), hotspot::KlassRef{klass});
        const auto method = table.id_of(no_env(), hotspot::MethodRef{klass | 1});
        if (!id || !method) continue;
        if (n == 0) held = table.loaders().hold(table.find(*id)->loader);
        table.loaders().keeps(held.root, table.find(*id)->loader);
        static_cast<void>(table.loaders().is_held(held, table.find(*id)->loader));
        static_cast<void>(table.take_unloaded());
        seen[t].push_back(klass << 20 | id->value);
      }
      std::sort(seen[t].begin(), seen[t].end());
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(seen[0].size() == kClasses);
  for (const auto& ids : seen) CHECK(ids == seen[0]);
}
