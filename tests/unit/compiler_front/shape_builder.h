// How does a test write a class without a compiler? Builds shape bytes
// (docs/reference/class-shape.md) and the facts about them.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/facts/values.h"
#include "common/wire/codec.h"
#include "worker/compiler/bytecode/opcodes.h"
#include "worker/compiler/compiler.h"

namespace jitfarm::worker::compiler {

using bytecode::Opcode;

/// Code as numbers: opcodes, operand bytes.
inline Bytes code_of(std::initializer_list<int> bytes) {
  Bytes code;
  for (int b : bytes) code.push_back(static_cast<std::uint8_t>(b));
  return code;
}
inline int op(Opcode o) { return static_cast<int>(o); }

struct HandlerRow {
  std::uint16_t start, end, handler;
  std::uint16_t catch_type = 0;
};

class ShapeBuilder {
 public:
  std::uint16_t utf8(std::string_view text) {
    u1(pool_, 1);
    string(pool_, text);
    return count_++;
  }
  std::uint16_t klass(std::string_view name) { return pair(7, utf8(name)); }
  std::uint16_t text(std::string_view value) {
    u1(pool_, 8);
    string(pool_, value);
    return count_++;
  }
  std::uint16_t integer(std::uint32_t bits) {
    u1(pool_, 3);
    u2(pool_, bits >> 16);
    u2(pool_, bits);
    return count_++;
  }
  std::uint16_t long_(std::uint64_t bits) {
    u1(pool_, 5);
    for (int shift = 48; shift >= 0; shift -= 16) u2(pool_, bits >> shift);
    count_ += 2;
    return static_cast<std::uint16_t>(count_ - 2);
  }
  /// tag: 9 field, 10 method, 11 interface method
  std::uint16_t member(int tag, std::string_view holder, std::string_view name,
                       std::string_view descriptor) {
    const std::uint16_t k = klass(holder);
    const std::uint16_t n = utf8(name);
    const std::uint16_t d = utf8(descriptor);
    const std::uint16_t nt = pair(12, n, d);
    return pair(tag, k, nt);
  }
  /// tag: 17 dynamic constant, 18 call site
  std::uint16_t dynamic(int tag, std::string_view name, std::string_view descriptor) {
    const std::uint16_t n = utf8(name);
    const std::uint16_t d = utf8(descriptor);
    return pair(tag, 0, pair(12, n, d));
  }
  std::uint16_t method_type(std::string_view descriptor) { return pair(16, utf8(descriptor)); }
  void method(std::string_view name, std::string_view descriptor, std::uint16_t flags,
              std::uint16_t stack, std::uint16_t locals, const Bytes& code,
              const std::vector<HandlerRow>& handlers = {}) {
    Bytes out;
    u2(out, flags);
    u2(out, utf8(name));
    u2(out, utf8(descriptor));
    u2(out, code.size());
    if (!code.empty()) {
      u2(out, stack);
      u2(out, locals);
      out.insert(out.end(), code.begin(), code.end());
      u2(out, handlers.size());
      for (const HandlerRow& h : handlers)
        for (std::uint16_t v : {h.start, h.end, h.handler, h.catch_type}) u2(out, v);
    }
    u2(out, 0);
    methods_[{std::string(name), std::string(descriptor)}] = out;
  }
  Bytes bytes(std::uint16_t class_flags = 0x21) const {
    Bytes out;
    u1(out, 1);
    u2(out, 61);
    u2(out, 0);
    u2(out, class_flags);
    string(out, "T");
    string(out, "java/lang/Object");
    u2(out, 0);
    u2(out, count_);
    out.insert(out.end(), pool_.begin(), pool_.end());
    u2(out, 0);  // bootstraps
    u2(out, 0);  // fields
    u2(out, methods_.size());
    for (const auto& [name, body] : methods_) out.insert(out.end(), body.begin(), body.end());
    return out;
  }

 private:
  static void u1(Bytes& out, std::uint64_t v) { out.push_back(static_cast<std::uint8_t>(v)); }
  static void u2(Bytes& out, std::uint64_t v) {
    u1(out, v >> 8 & 0xff);
    u1(out, v & 0xff);
  }
  static void string(Bytes& out, std::string_view v) {
    u2(out, v.size());
    out.insert(out.end(), v.begin(), v.end());
  }
  std::uint16_t pair(int tag, std::uint16_t first) {
    u1(pool_, static_cast<std::uint64_t>(tag));
    u2(pool_, first);
    return count_++;
  }
  std::uint16_t pair(int tag, std::uint16_t first, std::uint16_t second) {
    u1(pool_, static_cast<std::uint64_t>(tag));
    u2(pool_, first);
    u2(pool_, second);
    return count_++;
  }

  Bytes pool_;
  std::uint16_t count_ = 1;
  std::map<std::pair<std::string, std::string>, Bytes> methods_;
};

/// Facts that a test sets one by one. Class 1 is "T", method 100 its method under test.
class TestFacts final : public FactSource {
 public:
  static constexpr std::uint64_t kClass = 1;
  static constexpr std::uint64_t kMethod = 100;

  TestFacts(Bytes shape, std::string name, std::string descriptor, std::uint32_t flags = 8)
      : shape_(std::move(shape)), digest_(digest_of(shape_)) {
    facts::VmConfig vm;
    vm.gc = facts::GcKind::g1;
    vm.use_compressed_oops = true;
    vm.narrow_oop_shift = 3;
    vm.use_compressed_class_pointers = true;
    vm.klass_offset = 8;
    vm.array_length_offset = 12;
    vm.array_base_primitive = vm.array_base_long = vm.array_base_object = 16;
    vm.thread_pending_deoptimization = 880;
    vm.thread_polling_word = 832;
    vm.thread_exception_oop = 976;
    vm.thread_exception_pc = 984;
    vm.deopt_reason_shift = 3;
    vm.reason_null_check = 1;
    vm.reason_range_check = 3;
    vm.reason_div0_check = 15;
    vm.reason_unresolved = 29;
    vm.reason_unreached = 2;
    vm.reason_receiver = 6;
    vm.action_reinterpret = 2;
    vm.action_make_not_entrant = 3;
    vm.sled_static_call = 8;
    vm.sled_virtual_call = 18;
    vm.sled_runtime_call = 5;
    vm.sled_poll = 10;
    vm.klass_layout_helper = 8;
    vm.layout_helper_boolean_bit = 0x400;
    set({.kind = facts::FactKind::vm_config}, vm);
    facts::ClassInfo info;
    info.name = "T";
    info.shape = digest_;
    set({.kind = facts::FactKind::class_info, .subject = kClass}, info);
    facts::MethodInfo method;
    method.holder = ClassId{kClass};
    method.name = std::move(name);
    method.descriptor = std::move(descriptor);
    method.access_flags = flags;
    set({.kind = facts::FactKind::method_info, .subject = kMethod}, method);
  }

  template <wire::Record T>
  void set(const facts::FactKey& key, const T& value) {
    facts_[key] = facts::Fact{key, true, wire::encode(value).body};
  }
  void forget(const facts::FactKey& key) {
    facts_.erase(key);
    forgotten_.insert(key);
  }
  void set_unknown(const facts::FactKey& key) { facts_[key] = facts::Fact{key, false, {}}; }
  void set_raw(const facts::FactKey& key, Bytes value) {
    facts_[key] = facts::Fact{key, true, std::move(value)};
  }
  void erase(const facts::FactKey& key) { facts_.erase(key); }
  void hide_shape() { shape_is_here_ = false; }
  /// Other bytes under the same name, as a client that lies would send.
  void replace_shape(Bytes shape) { shape_ = std::move(shape); }

  const facts::Fact* find(const facts::FactKey& key) const override {
    if (const auto found = facts_.find(key); found != facts_.end()) return &found->second;
    if (forgotten_.contains(key)) return nullptr;
    // Callees are gone, so that calls stay calls, and nothing was profiled, unless a test says so.
    if (key.kind == facts::FactKind::method_profile) return &no_profile_;
    if (key.kind == facts::FactKind::constant_object) return &no_objects_;
    return key.kind == facts::FactKind::method_info && key.subject != kMethod ? &no_method_
                                                                              : nullptr;
  }
  ByteView shape(const Digest& digest) const override {
    return shape_is_here_ && digest == digest_ ? ByteView(shape_) : ByteView{};
  }

  static code::CompileTask task() {
    code::CompileTask task;
    task.method = MethodId{kMethod};
    return task;
  }

 private:
  Bytes shape_;
  Digest digest_;
  bool shape_is_here_ = true;
  std::map<facts::FactKey, facts::Fact> facts_;
  std::set<facts::FactKey> forgotten_;
  facts::Fact no_method_;
  facts::Fact no_profile_;
  facts::Fact no_objects_;
};

}  // namespace jitfarm::worker::compiler
