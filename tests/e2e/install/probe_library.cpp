// A JVMCI compiler without a farm: the agent's object model, adapter and installer, with hand-made
// CodeImages in place of a worker's. It stands in for vmagent/agent/compile.cpp.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <mutex>
#include <vector>

#include "common/base/clock.h"
#include "tests/e2e/install/probe_images.h"
#include "vmagent/agent/compile.h"
#include "vmagent/hotspot/adapter.h"
#include "vmagent/install/installer.h"

namespace jitfarm::vmagent::agent {

namespace {

/// Ids are positions in these lists.
class ProbeNames final : public install::Names {
 public:
  Result<hotspot::MethodRef> method(MethodId id) override {
    if (id.value == 0 || id.value > methods_.size() || !methods_[id.value - 1])
      return fail(Errc::class_unreadable, "no such method");
    return methods_[id.value - 1];
  }
  Result<hotspot::KlassRef> klass(ClassId) override {
    return fail(Errc::class_unreadable, "no such class");
  }
  MethodId add(hotspot::MethodRef ref) {
    methods_.push_back(ref);
    return MethodId{methods_.size()};
  }

 private:
  std::vector<hotspot::MethodRef> methods_;
};

struct Probe {
  std::unique_ptr<hotspot::Adapter> adapter;
  std::unique_ptr<install::Installer> installer;
  std::size_t installed = 0;
  std::uint64_t nanoseconds = 0;
};

void say(const std::string& text) { std::fprintf(stderr, "[probe] %s\n", text.c_str()); }

hotspot::MethodRef callee(const hotspot::Adapter& adapter, hotspot::KlassRef holder,
                          std::uint32_t pool_index, std::uint32_t opcode) {
  auto method = adapter.pool_method(holder, pool_index, opcode);
  return method ? method->method : hotspot::MethodRef{};
}

/// What an installation costs when it is warm, and whether it leaves anything behind but the mirror
/// that is kept.
bool measure(install::Installer& installer, jvmci::Env& env, const code::CodeImage& image,
             install::Names& names) {
  constexpr std::size_t kRounds = 300;
  std::vector<std::int64_t> micros;
  const std::int64_t before = jvmci::Object::alive();
  for (std::size_t i = 0; i < kRounds; ++i) {
    const auto begin = SteadyClock().now();
    auto outcome = installer.install({.env = env, .image = image, .names = names});
    micros.push_back((SteadyClock().now() - begin).count() / 1000);
    if (!outcome || outcome->answer != hotspot::writer::Answer::installed) return false;
  }
  const std::int64_t left = jvmci::Object::alive() - before;
  std::ranges::sort(micros);
  say(std::to_string(kRounds) + " installations: median " + std::to_string(micros[kRounds / 2]) +
      " us, p90 " + std::to_string(micros[kRounds * 9 / 10]) + " us; objects left " +
      std::to_string(left));
  std::size_t invalidated = 0;
  for (std::size_t i = 0; i < kRounds; ++i) invalidated += installer.poll_invalidated(env);
  say("of these invalidated: " + std::to_string(invalidated));
  return left == static_cast<std::int64_t>(kRounds) && invalidated >= kRounds - 1;
}

}  // namespace

Outcome compile(const Request& request) {
  static std::mutex mutex;
  static Probe* const probe = new Probe;
  std::lock_guard lock(mutex);
  if (!probe->adapter) {
    auto adapter = hotspot::create(request.env);
    if (!adapter) {
      say(adapter.error().message());
      return {.failure = "no adapter"};
    }
    probe->adapter = std::move(*adapter);
    auto installer = install::Installer::create(*probe->adapter);
    if (!installer) {
      say(installer.error().message());
      return {.failure = "no installer"};
    }
    probe->installer = std::move(*installer);
  }
  const hotspot::Adapter& adapter = *probe->adapter;
  const hotspot::MethodRef self = adapter.method_of(request.method);
  if (!self || request.entry_bci != -1) return {.failure = "not this one"};
  const hotspot::MethodDetails details = adapter.method_details(self);
  if (adapter.class_details(details.holder).name != "InstallProbe")
    return {.failure = "not this one"};

  ProbeNames names;
  tests::ProbeMethods methods;
  methods.self = names.add(self);
  const std::pair<std::string_view, MethodId tests::ProbeMethods::*> own[] = {
      {"helper", &tests::ProbeMethods::helper},
      {"thrower", &tests::ProbeMethods::thrower},
      {"tail", &tests::ProbeMethods::tail}};
  for (const auto& [name, member] : own)
    for (std::string_view descriptor : {"(I)I", "(IJIJIJIJLjava/lang/Object;)I"})
      if (auto found = adapter.find_method(details.holder, name, descriptor))
        methods.*member = names.add(*found);
  if (details.name == "callVirtual" || details.name == "callInterface") {
    auto operands = adapter.operands(self);
    if (!operands || operands->empty()) return {.failure = "no operands"};
    const hotspot::MethodRef target =
        callee(adapter, details.holder, operands->front().pool_index, operands->front().opcode);
    methods.base_m = methods.shape_area = names.add(target);
  }
  auto image = tests::probe_image(details.name, methods, adapter.vm_config());
  if (!image) return {.failure = "not this one"};

  const auto begin = SteadyClock().now();
  auto outcome = probe->installer->install({.env = request.env,
                                            .image = *image,
                                            .names = names,
                                            .compile_state = request.compile_state,
                                            .compile_id = request.compile_id});
  const auto spent = SteadyClock().now() - begin;
  const std::string name(details.name);
  if (!outcome) {
    say(name + ": " + outcome.error().message());
    return {.failure = outcome.error().message()};
  }
  if (outcome->answer != hotspot::writer::Answer::installed) {
    say(name + ": refused, " + outcome->detail);
    return {.failure = outcome->detail};
  }
  say(name + ": installed in " + std::to_string(spent.count() / 1000) + " us; objects alive " +
      std::to_string(jvmci::Object::alive()) + "; invalidated " +
      std::to_string(probe->installer->poll_invalidated(request.env)));
  // Each installation replaces the one before, the last one stays.
  if (name == "spin" && !measure(*probe->installer, request.env, *image, names))
    say("FAILED installations in a row");
  return {.installed = true};
}

void on_shutdown(jvmci::Env&) {}

}  // namespace jitfarm::vmagent::agent
