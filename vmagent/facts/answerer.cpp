#include "vmagent/facts/answerer.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "common/facts/fact_codec.h"
#include "common/facts/inline_policy.h"

namespace jitfarm::vmagent::facts {

using hotspot::ClassDetails;
using hotspot::KlassRef;
using hotspot::MethodDetails;
using hotspot::MethodRef;
using hotspot::Operand;
using jitfarm::facts::encode_value;
using jitfarm::facts::Fact;
using jitfarm::facts::FactKey;
using jitfarm::facts::FactKind;
using jitfarm::facts::Lifetime;
using jitfarm::facts::ShapeBytes;
using jitfarm::facts::unknown_fact;

namespace {

constexpr std::uint32_t kAccStatic = 0x8;

// Class loaders that one compilation keeps because its profiles name their classes. More only in
// methods of libraries that whole application servers call, where no receiver is the usual one.
constexpr std::size_t kKeptLoadersMax = 4;

// The same for the code of method handles, each in a loader of its own: small, and many.
constexpr std::size_t kKeptFormsMax = 256;

// Java opcodes that name a constant (JVMS 6.5).
enum : std::uint8_t {
  kLdc = 18,
  kLdcW = 19,
  kLdc2W = 20,
  kGetstatic = 178,
  kPutstatic = 179,
  kPutfield = 181,
  kInvokevirtual = 182,
  kInvokespecial = 183,
  kInvokestatic = 184,
  kInvokeinterface = 185,
  kInvokedynamic = 186,
  kNew = 187,
  kNewarray = 188,
  kAnewarray = 189,
  kCheckcast = 192,
  kInstanceof = 193,
  kMultianewarray = 197,
};

/// The fact that translating `operand` needs.
std::optional<FactKey> key_for(ClassId holder, MethodId method, const Operand& operand) {
  const std::uint8_t op = operand.opcode;
  if (op == kLdc || op == kLdcW || op == kLdc2W)
    return FactKey{FactKind::resolved_object, holder.value, operand.pool_index, 0};
  if (op >= kGetstatic && op <= kPutfield)
    return FactKey{FactKind::resolved_field, holder.value, operand.pool_index, op};
  if (op >= kInvokevirtual && op <= kInvokeinterface)
    return FactKey{FactKind::resolved_method, holder.value, operand.pool_index, op};
  if (op == kInvokedynamic) return FactKey{FactKind::call_site, method.value, operand.pool_index, 0};
  if (op == kNew || op == kAnewarray || op == kCheckcast || op == kInstanceof ||
      op == kMultianewarray)
    return FactKey{FactKind::resolved_class, holder.value, operand.pool_index, 0};
  if (op == kNewarray) return FactKey{FactKind::array_class, 0, operand.pool_index, 0};
  return std::nullopt;
}

std::uint64_t hash_of(const Digest& digest) {
  std::uint64_t h;
  std::memcpy(&h, digest.bytes.data(), sizeof h);
  return h;
}

}  // namespace

/// Reads facts for one message.
struct Answerer::Reading {
  Answerer& self;
  jvmci::Env& env;
  Compilation& compilation;
  std::vector<Fact> facts;
  std::vector<ShapeBytes> shapes;
  /// Read once for a message: the counters run on.
  struct Profiled {
    std::optional<jitfarm::facts::MethodProfile> profile;
    std::vector<Operand> calls;  ///< what each of its calls names
  };
  std::map<MethodId, Profiled> profiles{};

  std::optional<ClassEntry> held(ClassId id) { return self.current(compilation, id); }

  /// The id of a class that `from` keeps.
  std::optional<ClassId> kept(const ClassEntry& from, KlassRef klass) {
    const auto id = self.classes_.id_of(env, klass);
    if (!id) return std::nullopt;
    if (const auto entry = self.classes_.find(*id))
      self.classes_.loaders().keeps(from.loader, entry->loader);
    return *id;
  }
  std::optional<MethodId> kept(const ClassEntry& from, MethodRef method, KlassRef holder) {
    if (!kept(from, holder)) return std::nullopt;
    const auto id = self.classes_.id_of(env, method);
    return id ? std::optional(*id) : std::nullopt;
  }

  /// The shape and its name; nullopt while there is none, or when the class was redefined while it
  /// was read.
  std::optional<ShapeBytes> shape(ClassId id, const ClassEntry& entry) {
    auto bytes = self.adapter_.class_shape(entry.klass);
    if (!bytes || !held(id)) return std::nullopt;
    ShapeBytes shape{digest_of(*bytes), Blob(std::move(*bytes))};
    self.classes_.remember_digest(id, shape.digest);
    return shape;
  }
  std::optional<Digest> digest(ClassId id, const ClassEntry& entry) {
    if (const auto known = self.classes_.digest(id)) return known;
    const auto fresh = shape(id, entry);
    return fresh ? std::optional(fresh->digest) : std::nullopt;
  }

  // ---- one function for each kind; `key` comes from the network

  std::optional<Fact> class_info(const FactKey& key) {
    const ClassId id{key.subject};
    const auto entry = held(id);
    if (!entry) return std::nullopt;
    const ClassDetails details = self.adapter_.class_details(entry->klass);
    if (details.is_array || !details.is_linked) return std::nullopt;
    const auto name = digest(id, *entry);
    if (!name) return std::nullopt;
    jitfarm::facts::ClassInfo info;
    info.name = details.name;
    info.shape = *name;
    if (details.super) {
      const auto super = kept(*entry, details.super);
      if (!super) return std::nullopt;
      info.super = *super;
    }
    info.access_flags = details.access_flags;
    info.is_hidden = details.is_hidden;
    info.is_shareable = !details.is_hidden && !details.is_redefined;
    return encode_value(key, info);
  }

  std::optional<Fact> class_shape(const FactKey& key) {
    const ClassId id{key.subject};
    const auto entry = held(id);
    if (!entry || self.adapter_.class_details(entry->klass).is_array) return std::nullopt;
    auto bytes = shape(id, *entry);
    if (!bytes) return std::nullopt;
    const jitfarm::facts::ShapeRef ref{bytes->digest};
    if (std::none_of(shapes.begin(), shapes.end(),
                     [&](const ShapeBytes& s) { return s.digest == ref.shape; }))
      shapes.push_back(std::move(*bytes));
    return encode_value(key, ref);
  }

  std::optional<Fact> class_state(const FactKey& key) {
    const auto entry = held(ClassId{key.subject});
    if (!entry) return std::nullopt;
    const ClassDetails details = self.adapter_.class_details(entry->klass);
    if (!details.is_array && !details.is_initialized) return std::nullopt;
    return encode_value(key, jitfarm::facts::ClassState{.initialized = true});
  }

  std::optional<Fact> method_info(const FactKey& key) {
    const auto method = self.classes_.find(MethodId{key.subject});
    if (!method) return std::nullopt;
    const auto entry = held(method->holder);
    if (!entry) return std::nullopt;
    const auto ref = self.method_of(*method, entry->klass);
    if (!ref) return std::nullopt;
    const MethodDetails details = self.adapter_.method_details(*ref);
    if (details.is_old) return std::nullopt;
    jitfarm::facts::MethodInfo info;
    info.holder = method->holder;
    info.name = method->name;
    info.descriptor = method->descriptor;
    info.access_flags = details.access_flags;
    info.intrinsic_id = details.intrinsic_id;
    info.is_method_handle_intrinsic = details.is_method_handle_intrinsic;
    info.can_be_statically_bound = details.can_be_statically_bound;
    info.dont_inline = details.dont_inline;
    info.code_bytes = details.code_bytes;
    return encode_value(key, info);
  }

  std::optional<Fact> resolved_class(const FactKey& key) {
    const auto entry = held(ClassId{key.subject});
    if (!entry) return std::nullopt;
    const auto resolved = self.adapter_.pool_class(entry->klass, key.index);
    if (!resolved) return std::nullopt;
    const auto id = kept(*entry, resolved->klass);
    if (!id) return std::nullopt;
    return encode_value(key, jitfarm::facts::ResolvedClass{.klass = *id,
                                                           .initialized = resolved->is_initialized,
                                                           .is_array = resolved->is_array,
                                                           .instance_size = resolved->instance_size,
                                                           .super_check_offset = resolved->super_check_offset});
  }

  std::optional<Fact> array_class(const FactKey& key) {
    std::optional<ClassId> id;
    if (key.subject == 0) {
      const auto klass = self.adapter_.primitive_array_class(key.index);
      if (!klass) return std::nullopt;
      const auto known = self.classes_.id_of(env, *klass);
      if (known) id = *known;
    } else {
      const auto entry = held(ClassId{key.subject});
      if (!entry) return std::nullopt;
      const auto klass = self.adapter_.array_class(entry->klass);
      if (klass) id = kept(*entry, *klass);
    }
    if (!id) return std::nullopt;
    return encode_value(key, jitfarm::facts::ArrayClass{*id});
  }

  std::optional<Fact> resolved_field(const FactKey& key) {
    const auto entry = held(ClassId{key.subject});
    if (!entry) return std::nullopt;
    const auto field = self.adapter_.pool_field(entry->klass, key.index, key.detail);
    if (!field) return std::nullopt;
    const auto holder = kept(*entry, field->holder);
    if (!holder) return std::nullopt;
    const auto value = field->is_final && key.detail == kGetstatic
                           ? self.adapter_.static_final(entry->klass, key.index, *field)
                           : std::nullopt;
    return encode_value(key, jitfarm::facts::ResolvedField{.holder = *holder,
                                                           .offset = field->offset,
                                                           .type = field->type,
                                                           .is_static = field->is_static,
                                                           .is_volatile = field->is_volatile,
                                                           .is_final = field->is_final,
                                                           .has_value = value.has_value(),
                                                           .bits = value.value_or(0)});
  }

  std::optional<Fact> resolved_method(const FactKey& key) {
    const auto entry = held(ClassId{key.subject});
    if (!entry) return std::nullopt;
    const auto resolved = self.adapter_.pool_method(entry->klass, key.index, key.detail);
    if (!resolved) return std::nullopt;
    const auto method = kept(*entry, resolved->method, resolved->holder);
    const auto holder = kept(*entry, resolved->holder);
    if (!method || !holder) return std::nullopt;
    return encode_value(key, jitfarm::facts::ResolvedMethod{
                                 .method = *method,
                                 .holder = *holder,
                                 .is_static = resolved->is_static,
                                 .is_method_handle_intrinsic = resolved->is_method_handle_intrinsic,
                                 .has_appendix = resolved->has_appendix,
                                 .can_be_statically_bound = resolved->can_be_statically_bound,
                                 .appendix = resolved->appendix});
  }

  std::optional<Fact> call_site(const FactKey& key) {
    const auto known = self.classes_.find(MethodId{key.subject});
    const auto entry = known ? held(known->holder) : std::nullopt;
    const auto ref = entry ? self.method_of(*known, entry->klass) : std::nullopt;
    const auto site = ref ? self.adapter_.call_site(*ref, key.index) : std::nullopt;
    if (!site || !site->is_static) return std::nullopt;
    // The VM keeps the class of an adapter for the class that calls it.
    const auto method = kept(*entry, site->method, site->holder);
    const auto holder = kept(*entry, site->holder);
    if (!method || !holder) return std::nullopt;
    return encode_value(key, jitfarm::facts::CallSite{.method = *method,
                                                      .holder = *holder,
                                                      .has_appendix = site->has_appendix,
                                                      .appendix = site->appendix});
  }

  std::optional<Fact> resolved_object(const FactKey& key) {
    const auto entry = held(ClassId{key.subject});
    if (!entry) return std::nullopt;
    const auto value = self.adapter_.pool_value(env, entry->klass, key.index);
    if (!value || !value->is_resolved) return std::nullopt;
    return encode_value(key, jitfarm::facts::ResolvedObject{
                                 .is_null = value->is_null, .bits = value->bits});
  }

  /// The id of a class that is alive now, for a while; the compilation keeps it from now on.
  std::optional<ClassId> kept_form(KlassRef klass) {
    const auto id = self.classes_.id_of(env, klass);
    const auto entry = id ? self.classes_.find(*id) : std::nullopt;
    if (!entry) return std::nullopt;
    if (self.classes_.loaders().is_held(compilation.held_, entry->loader)) return *id;
    if (compilation.kept_forms_.size() >= kKeptFormsMax) return std::nullopt;
    auto hold = self.classes_.loaders().lock(entry->loader);
    if (!hold) return std::nullopt;
    compilation.kept_forms_.push_back(std::move(*hold));
    compilation.held_.reached.push_back(entry->loader);
    return *id;
  }
  MethodId kept_form(MethodRef method) {
    if (!method || !kept_form(self.adapter_.method_details(method).holder)) return {};
    return self.classes_.id_of(env, method).value_or(MethodId{});
  }

  std::optional<Fact> constant_object(const FactKey& key) {
    const auto entry = held(ClassId{key.subject});
    if (!entry || key.detail > jitfarm::facts::kInStaticField) return std::nullopt;
    const auto tree = self.adapter_.constant_objects(
        env, entry->klass, key.index, key.detail == jitfarm::facts::kInStaticField);
    if (!tree) return std::nullopt;
    jitfarm::facts::ConstantObjects found;
    for (const hotspot::ConstantTree::Node& node : tree->objects) {
      jitfarm::facts::ConstantObject& object = found.objects.emplace_back();
      for (const KlassRef klass : node.classes) {
        const auto id = kept_form(klass);
        if (!id) break;
        object.classes.push_back(*id);
      }
      object.form = kept_form(node.form);
      object.member = kept_form(node.member);
      for (const hotspot::ConstantTree::Field& field : node.fields)
        object.fields.push_back({field.offset, field.object, field.bits});
    }
    return encode_value(key, found);
  }

  std::optional<Fact> unique_target(const FactKey& key) {
    const auto method = self.classes_.find(MethodId{key.subject});
    const auto context = held(ClassId{key.detail});
    if (!method || !context) return std::nullopt;
    const auto holder = held(method->holder);
    if (!holder) return std::nullopt;
    const auto ref = self.adapter_.find_method(holder->klass, method->name, method->descriptor);
    if (!ref) return std::nullopt;
    const auto unique = self.adapter_.unique_concrete_method(env, context->klass, *ref);
    if (!unique || !*unique) return std::nullopt;
    if (*unique == *ref)
      return encode_value(key, jitfarm::facts::UniqueTarget{.method = MethodId{key.subject}});
    // A method of a subclass, which nothing holds: its class counts only in a loader that is held.
    const auto target_holder = self.adapter_.try_holder(*unique);
    const auto loader = target_holder ? self.adapter_.try_loader(*target_holder) : std::nullopt;
    if (!loader ||
        !self.classes_.loaders().is_held(compilation.held_, self.classes_.loaders().find(*loader)))
      return std::nullopt;
    const auto id = self.classes_.id_of(env, *unique);
    if (!id) return std::nullopt;
    return encode_value(key, jitfarm::facts::UniqueTarget{.method = *id});
  }

  /// The class in a row of a profile. Nothing keeps it, so the compilation does, from now on: the
  /// library's loops call what the application gives them.
  std::optional<KlassRef> seen_class(std::uintptr_t cell) {
    const auto klass = self.adapter_.profiled_class(env, cell);
    if (!klass || !*klass) return std::nullopt;
    const auto loader = self.adapter_.try_loader(*klass);
    const LoaderId id = loader ? self.classes_.loaders().find(*loader) : 0;
    if (id == 0) return std::nullopt;
    if (self.classes_.loaders().is_held(compilation.held_, id)) return *klass;
    if (compilation.kept_.size() >= kKeptLoadersMax) return std::nullopt;
    auto hold = self.classes_.loaders().lock(id);
    if (!hold) return std::nullopt;
    // It may have died before its loader was kept: then the VM has cleared the row.
    const auto again = self.adapter_.profiled_class(env, cell);
    if (!again || *again != *klass || self.adapter_.try_loader(*klass) != loader)
      return std::nullopt;
    compilation.kept_.push_back(std::move(*hold));
    compilation.held_.reached.push_back(id);
    return *klass;
  }

  /// A receiver's class that is alive until the compilation ends, and what the call selects for it.
  std::optional<jitfarm::facts::ReceiverProfile> receiver(const ClassEntry& caller,
                                                          const hotspot::BciCount& call,
                                                          std::size_t index) {
    const auto named = self.adapter_.pool_method(caller.klass, call.pool_index, call.opcode);
    if (!named || named->is_static || named->is_method_handle_intrinsic) return std::nullopt;
    const hotspot::BciCount::Receiver& row = call.receivers[index];
    const auto klass = seen_class(row.cell);
    if (!klass) return std::nullopt;
    const auto id = self.classes_.id_of(env, *klass);
    const auto entry = id ? held(*id) : std::nullopt;
    if (!entry) return std::nullopt;
    const auto selected =
        self.adapter_.selected_method(env, *klass, named->method, caller.klass);
    if (!selected || !*selected) return std::nullopt;
    const auto method =
        kept(*entry, *selected, self.adapter_.method_details(*selected).holder);
    if (!method) return std::nullopt;
    return jitfarm::facts::ReceiverProfile{*id, *method, row.count};
  }

  /// A class whose objects were tested, which is alive until the compilation ends.
  std::optional<jitfarm::facts::TestedClass> tested(KlassRef wanted,
                                                    const hotspot::BciCount::Receiver& row) {
    const auto klass = seen_class(row.cell);
    const auto id = klass ? self.classes_.id_of(env, *klass) : Result<ClassId>(ClassId{});
    if (!id || !*id || !held(*id)) return std::nullopt;
    return jitfarm::facts::TestedClass{*id, self.adapter_.is_subclass(*klass, wanted), row.count};
  }

  /// nullopt: nothing follows from what was seen.
  std::optional<jitfarm::facts::TestProfile> test(const ClassEntry& holder,
                                                  const hotspot::BciCount& at) {
    jitfarm::facts::TestProfile found{.bci = at.bci,
                                      .count = at.count,
                                      .traps = at.traps,
                                      .saw_null = at.saw_null,
                                      .is_complete = at.is_complete,
                                      .classes = {}};
    if (jitfarm::facts::saw_only_null(found)) return found;
    for (const hotspot::BciCount::Receiver& row : at.receivers)
      if (found.classes.size() < jitfarm::facts::kReceiversMax)
        found.classes.push_back({.klass = {}, .passes = false, .count = row.count});
    const std::size_t guessed = jitfarm::facts::classes_to_compare(found);
    found.classes.clear();
    const auto wanted = self.adapter_.pool_class(holder.klass, at.pool_index);
    if (guessed == 0 || !wanted) return std::nullopt;
    for (std::size_t i = 0; i < guessed; ++i) {
      const auto seen = tested(wanted->klass, at.receivers[i]);
      if (!seen) return std::nullopt;
      found.classes.push_back(*seen);
    }
    return found;
  }

  const Profiled& profiled(MethodId id) {
    const auto [it, is_new] = profiles.try_emplace(id);
    if (is_new) it->second = read_profile(id);
    return it->second;
  }

  Profiled read_profile(MethodId id) {
    const auto known = self.classes_.find(id);
    const auto entry = known ? held(known->holder) : std::nullopt;
    const auto ref = entry ? self.method_of(*known, entry->klass) : std::nullopt;
    const auto counts = ref ? self.adapter_.counts(*ref) : std::nullopt;
    if (!counts) return {};
    Profiled result;
    jitfarm::facts::MethodProfile& profile = result.profile.emplace();
    profile.invocations = counts->invocations;
    for (const hotspot::BciCount& at : counts->list) {
      if (at.opcode == kCheckcast || at.opcode == kInstanceof) {
        if (auto found = test(*entry, at)) profile.tests.push_back(std::move(*found));
        continue;
      }
      if (!at.cases.empty()) {
        jitfarm::facts::SwitchProfile cases{at.bci, at.traps, at.cases};
        if (cases.counts.size() <= jitfarm::facts::kSwitchCasesMax + 1 &&
            jitfarm::facts::tells_cases(cases))
          profile.switches.push_back(std::move(cases));
        continue;
      }
      if (at.opcode < kInvokevirtual) {
        profile.branches.push_back({at.bci, at.count, at.not_taken, at.traps});
        continue;
      }
      result.calls.push_back({at.opcode, at.pool_index});
      jitfarm::facts::CallProfile& call = profile.calls.emplace_back();
      call.bci = at.bci;
      call.count = at.count;
      call.traps = at.traps;
      // Whether they are many is known from the counts; only those that matter are looked up.
      for (const hotspot::BciCount::Receiver& row : at.receivers)
        if (call.receivers.size() < jitfarm::facts::kReceiversMax)
          call.receivers.push_back({.klass = {}, .method = {}, .count = row.count});
      const std::size_t guessed = jitfarm::facts::receivers_to_guess(call);
      call.receivers.clear();
      for (std::size_t i = 0; i < guessed; ++i) {
        const auto found = receiver(*entry, at, i);
        if (!found) break;
        call.receivers.push_back(*found);
      }
    }
    return result;
  }

  std::optional<Fact> method_profile(const FactKey& key) {
    const Profiled& found = profiled(MethodId{key.subject});
    return found.profile ? std::optional(encode_value(key, *found.profile)) : std::nullopt;
  }

  Fact read(const FactKey& key) {
    std::optional<Fact> fact;
    switch (key.kind) {
      case FactKind::vm_config:
        fact = encode_value(key, self.adapter_.vm_config());
        break;
#define JF_FACT_READ(kind)  \
  case FactKind::kind:      \
    fact = this->kind(key); \
    break;
        JF_FACT_READ(class_info)
        JF_FACT_READ(class_shape)
        JF_FACT_READ(class_state)
        JF_FACT_READ(method_info)
        JF_FACT_READ(resolved_class)
        JF_FACT_READ(resolved_field)
        JF_FACT_READ(resolved_method)
        JF_FACT_READ(resolved_object)
        JF_FACT_READ(unique_target)
        JF_FACT_READ(array_class)
        JF_FACT_READ(call_site)
        JF_FACT_READ(method_profile)
        JF_FACT_READ(constant_object)
#undef JF_FACT_READ
    }
    return fact ? std::move(*fact) : unknown_fact(key);
  }

  // ---- what the session has already

  bool is_new(std::uint64_t hash) {
    std::lock_guard lock(self.sent_mutex_);
    return !self.sent_.contains(hash);
  }

  /// Reads and adds a fact, unless the session has it. The worker forgets what is not known, and
  /// facts of one compilation.
  void ahead(const FactKey& key) {
    const std::uint64_t hash = std::hash<FactKey>{}(key);
    if (!is_new(hash) ||
        std::any_of(facts.begin(), facts.end(), [&](const Fact& f) { return f.key == key; }))
      return;
    Fact fact = read(key);
    const Lifetime lifetime = jitfarm::facts::lifetime(key.kind);
    if (fact.known && (lifetime == Lifetime::session || lifetime == Lifetime::monotone))
      compilation.sending_.push_back(hash);
    facts.push_back(std::move(fact));
  }

  /// Everything that the compiler is known to ask about the root method, and about the callees that
  /// it will want to inline.
  void all_ahead(const ClassEntry& entry, MethodRef method) {
    ahead({FactKind::vm_config, 0, 0, 0});
    std::set<MethodId> seen{compilation.root_};
    method_ahead(compilation.root_, compilation.holder_, entry, method, seen, 0);
  }

  void method_ahead(MethodId id, ClassId holder, const ClassEntry& entry, MethodRef method,
                    std::set<MethodId>& seen, std::size_t depth) {
    ahead({FactKind::method_info, id.value, 0, 0});
    ahead({FactKind::class_info, holder.value, 0, 0});
    shape_ahead(holder, entry);
    if (self.adapter_.method_details(method).code_bytes == 0) return;
    const auto operands = self.adapter_.operands(method);
    if (!operands) return;
    ahead({FactKind::method_profile, id.value, 0, 0});
    const bool is_static =
        (self.adapter_.method_details(method).access_flags & kAccStatic) != 0;
    const auto uses_statics = [](const Operand& o) {
      return o.opcode == kGetstatic || o.opcode == kPutstatic;
    };
    if (is_static || std::ranges::any_of(*operands, uses_statics))
      ahead({FactKind::class_state, holder.value, 0, 0});
    for (const Operand& operand : *operands) {
      if (const auto key = key_for(holder, id, operand)) ahead(*key);
      if (operand.opcode == kAnewarray) {
        const auto element = self.adapter_.pool_class(entry.klass, operand.pool_index);
        const auto elements = element ? kept(entry, element->klass) : std::nullopt;
        if (elements) ahead({FactKind::array_class, elements->value, 0, 0});
      } else if (operand.opcode >= kInvokevirtual && operand.opcode <= kInvokeinterface &&
                 depth < jitfarm::facts::kInlineDepthMax) {
        callees_ahead(id, entry, operand, seen, depth);
      }
      if (depth < jitfarm::facts::kInlineDepthMax) handles_ahead(id, entry, operand, seen, depth);
    }
  }

  /// Method handles that the operand names, and what the compiler may inline of them.
  void handles_ahead(MethodId caller, const ClassEntry& entry, const Operand& operand,
                     std::set<MethodId>& seen, std::size_t depth) {
    const auto known = self.classes_.find(caller);
    if (!known) return;
    if (operand.opcode == kGetstatic) {
      const FactKey key{FactKind::constant_object, known->holder.value, operand.pool_index,
                        jitfarm::facts::kInStaticField};
      return targets_ahead(key, jitfarm::facts::kHotInlineBytesMax, seen, depth);
    }
    std::optional<hotspot::PoolMethod> linked;
    if (operand.opcode == kInvokevirtual) {
      linked = self.adapter_.pool_method(entry.klass, operand.pool_index, operand.opcode);
    } else if (operand.opcode == kInvokedynamic) {
      const auto ref = self.method_of(*known, entry.klass);
      if (ref) linked = self.adapter_.call_site(*ref, operand.pool_index);
    }
    if (!linked || !linked->is_static) return;
    const std::uint32_t bytes_max = linked_bytes_max(caller, operand);
    const auto adapter = bytes_max == 0 ? std::nullopt : kept(entry, linked->method, linked->holder);
    if (!adapter) return;
    callee_ahead(*adapter, jitfarm::facts::kFormBytesMax, seen, depth);
    if (linked->has_appendix)
      targets_ahead({FactKind::constant_object, known->holder.value, linked->appendix,
                     jitfarm::facts::kInReferences},
                    bytes_max, seen, depth);
  }

  /// Of the calls that go where `call` says: how large a callee may be.
  std::uint32_t linked_bytes_max(MethodId caller, const Operand& call) {
    const Profiled& counted = profiled(caller);
    std::uint32_t bytes_max = 0;
    bool is_counted = false;
    for (std::size_t i = 0; i < counted.calls.size(); ++i) {
      const jitfarm::facts::CallProfile& profile = counted.profile->calls[i];
      if (counted.calls[i].opcode != call.opcode ||
          (call.opcode == kInvokedynamic ? profile.bci : counted.calls[i].pool_index) !=
              call.pool_index)
        continue;
      is_counted = true;
      bytes_max =
          std::max(bytes_max, jitfarm::facts::inline_bytes_max(*counted.profile, &profile));
    }
    return is_counted ? bytes_max : jitfarm::facts::kInlineBytesMax;
  }

  void targets_ahead(const FactKey& key, std::uint32_t bytes_max, std::set<MethodId>& seen,
                     std::size_t depth) {
    if (std::any_of(facts.begin(), facts.end(), [&](const Fact& f) { return f.key == key; })) return;
    auto fact = constant_object(key);
    if (!fact) return;
    const auto objects = jitfarm::facts::decode_value<jitfarm::facts::ConstantObjects>(*fact);
    facts.push_back(std::move(*fact));
    if (!objects) return;
    for (const jitfarm::facts::ConstantObject& object : objects->objects) {
      if (object.form) callee_ahead(object.form, jitfarm::facts::kFormBytesMax, seen, depth);
      if (object.member) callee_ahead(object.member, bytes_max, seen, depth);
    }
  }

  /// The shape's name: who has no such shape asks for it, and a farm asks only one of the clients that
  /// have the class. What belongs to this VM alone goes at once.
  void shape_ahead(ClassId id, const ClassEntry& entry) {
    const auto name = digest(id, entry);
    if (!name || !is_new(hash_of(*name))) return;
    const FactKey key{FactKind::class_shape, id.value, 0, 0};
    if (std::any_of(facts.begin(), facts.end(), [&](const Fact& f) { return f.key == key; })) return;
    const ClassDetails details = self.adapter_.class_details(entry.klass);
    facts.push_back(details.is_hidden || details.is_redefined
                        ? read(key)
                        : encode_value(key, jitfarm::facts::ShapeRef{*name}));
    compilation.sending_.push_back(hash_of(*name));
  }

  /// Of the calls that name `call`: what the compiler may inline (worker/compiler/frontend/inlining.cpp
  /// decides).
  void callees_ahead(MethodId caller, const ClassEntry& entry, const Operand& call,
                     std::set<MethodId>& seen, std::size_t depth) {
    const Profiled& counted = profiled(caller);
    std::uint32_t bytes_max = 0;
    bool is_counted = false;
    std::set<MethodId> guessed;
    for (std::size_t i = 0; i < counted.calls.size(); ++i) {
      if (counted.calls[i] != call) continue;
      is_counted = true;
      const jitfarm::facts::CallProfile& profile = counted.profile->calls[i];
      bytes_max = std::max(bytes_max, jitfarm::facts::inline_bytes_max(*counted.profile, &profile));
      for (const auto& receiver : profile.receivers) guessed.insert(receiver.method);
    }
    if (!is_counted) bytes_max = jitfarm::facts::kInlineBytesMax;
    if (bytes_max == 0) return;
    const auto only = only_callee_ahead(entry, call, bytes_max);
    if (only) guessed = {*only};
    for (const MethodId callee : guessed) callee_ahead(callee, bytes_max, seen, depth);
  }

  /// The one method that the call reaches, if the compiler will find that there is but one.
  std::optional<MethodId> only_callee_ahead(const ClassEntry& caller, const Operand& call,
                                            std::uint32_t bytes_max) {
    const auto resolved =
        self.adapter_.pool_method(caller.klass, call.pool_index, call.opcode);
    if (!resolved || resolved->is_method_handle_intrinsic ||
        resolved->is_static != (call.opcode == kInvokestatic))
      return std::nullopt;
    const auto callee = kept(caller, resolved->method, resolved->holder);
    if (!callee || call.opcode == kInvokespecial || resolved->is_static ||
        resolved->can_be_statically_bound)
      return callee;
    if (call.opcode == kInvokeinterface) return std::nullopt;
    const auto context = kept(caller, resolved->holder);
    if (!context) return std::nullopt;
    ahead({FactKind::method_info, callee->value, 0, 0});
    const std::uint32_t bytes = self.adapter_.method_details(resolved->method).code_bytes;
    if (bytes != 0 && !jitfarm::facts::may_inline(bytes, bytes_max)) return std::nullopt;
    const FactKey key{FactKind::unique_target, callee->value, 0,
                      static_cast<std::uint32_t>(context->value)};
    ahead(key);
    const auto unique = std::find_if(facts.begin(), facts.end(),
                                     [&](const Fact& f) { return f.key == key && f.known; });
    if (unique == facts.end()) return std::nullopt;
    const auto target = jitfarm::facts::decode_value<jitfarm::facts::UniqueTarget>(*unique);
    return target ? std::optional(target->method) : std::nullopt;
  }

  void callee_ahead(MethodId callee, std::uint32_t bytes_max, std::set<MethodId>& seen,
                    std::size_t depth) {
    if (seen.size() > jitfarm::facts::kInlineCalleesMax || seen.contains(callee)) return;
    const auto known = self.classes_.find(callee);
    const auto entry = known ? held(known->holder) : std::nullopt;
    const auto method = entry ? self.method_of(*known, entry->klass) : std::nullopt;
    if (!method) return;
    ahead({FactKind::method_info, callee.value, 0, 0});
    const MethodDetails details = self.adapter_.method_details(*method);
    // The compiler knows the VM's intrinsics by their classes' names.
    if (details.intrinsic_id != 0) ahead({FactKind::class_info, known->holder.value, 0, 0});
    if (!jitfarm::facts::may_inline(details.code_bytes, bytes_max) || details.dont_inline) return;
    seen.insert(callee);
    if ((details.access_flags & kAccStatic) != 0)
      ahead({FactKind::class_state, known->holder.value, 0, 0});
    method_ahead(callee, known->holder, *entry, *method, seen, depth + 1);
  }
};

std::optional<ClassEntry> Answerer::current(Compilation& compilation, ClassId id) const {
  const auto entry = classes_.find(id);
  if (!entry || !classes_.loaders().is_held(compilation.held_, entry->loader)) return std::nullopt;
  if (adapter_.class_version(entry->klass) == entry->version) return entry;
  classes_.redefined(id);
  return std::nullopt;
}

std::optional<MethodRef> Answerer::method_of(const MethodEntry& entry, KlassRef holder) const {
  if (entry.intrinsic) return entry.intrinsic;
  return adapter_.find_method(holder, entry.name, entry.descriptor);
}

Result<Compilation> Answerer::begin(jvmci::Env& env, jvmci::Object& object) {
  const MethodRef method = adapter_.method_of(object);
  if (!method) return fail(Errc::class_unreadable, "no method");
  JF_TRY(const MethodId id, classes_.id_of(env, method));
  const auto known = classes_.find(id);
  const auto entry = known ? classes_.find(known->holder) : std::nullopt;
  if (!entry) return fail(Errc::class_unreadable, "unloaded");
  Compilation compilation;
  compilation.root_ = id;
  compilation.holder_ = known->holder;
  compilation.held_ = classes_.loaders().hold(entry->loader);

  // The name leads to the method that is current; HotSpot may have asked for one that was replaced.
  const auto current = adapter_.find_method(entry->klass, known->name, known->descriptor);
  if (!current || *current != method)
    return fail(Errc::class_unreadable, "the method was replaced");
  const MethodDetails details = adapter_.method_details(method);
  if (details.has_breakpoint) return fail(Errc::class_unreadable, "a breakpoint is set");
  if ((details.access_flags & kAccStatic) != 0) {
    // While its initialiser runs the code asks, at its entry, who calls.
    const hotspot::ClassDetails holder = adapter_.class_details(entry->klass);
    const bool may_run =
        holder.is_being_initialized && adapter_.vm_config().knows_class_init;
    if (!holder.is_initialized && !may_run) return fail(Errc::class_not_initialized);
  }
  return compilation;
}

Result<hotspot::ClassHold> Answerer::hold(MethodId id) {
  const auto method = classes_.find(id);
  const auto entry = method ? classes_.find(method->holder) : std::nullopt;
  if (!entry) return fail(Errc::class_unreadable, "unloaded");
  return classes_.loaders().lock(entry->loader);
}

Result<Compilation> Answerer::begin(jvmci::Env& env, MethodId id, const hotspot::ClassHold&) {
  const auto method = classes_.find(id);
  const auto entry = method ? classes_.find(method->holder) : std::nullopt;
  if (!entry) return fail(Errc::class_unreadable, "unloaded");
  const auto ref = adapter_.find_method(entry->klass, method->name, method->descriptor);
  if (!ref) return fail(Errc::class_unreadable, "the method is gone");
  jvmci::LocalFrame frame(env);
  JF_TRY(jvmci::Object* const object, adapter_.method_object(env, *ref));
  return begin(env, *object);
}

protocol::CompileRequest Answerer::request(jvmci::Env& env, Compilation& compilation,
                                           std::int32_t entry_bci, SessionId session) {
  compilation.session_ = session;
  {
    std::lock_guard lock(sent_mutex_);
    if (sent_session_ != session) {
      sent_.clear();
      sent_session_ = session;
    }
  }
  protocol::CompileRequest request;
  request.task.method = compilation.root_;
  request.task.entry_bci = entry_bci;
  const auto method = this->method(compilation, compilation.root_);
  const auto entry = current(compilation, compilation.holder_);
  if (!method || !entry) return request;  // the worker will ask and hear "not known"
  hotspot::Profile profile = adapter_.profile(*method);
  request.task.trap_history = std::move(profile.trap_history);
  request.hotness = profile.hotness;
  const MethodDetails details = adapter_.method_details(*method);
  const ClassDetails holder = adapter_.class_details(entry->klass);
  request.method_name.append(holder.name)
      .append(".")
      .append(details.name)
      .append(details.descriptor);

  Reading reading{*this, env, compilation, {}, {}};
  reading.all_ahead(*entry, *method);
  request.facts = std::move(reading.facts);
  request.shapes = std::move(reading.shapes);
  request.shape = classes_.digest(compilation.holder_).value_or(Digest{});
  return request;
}

void Answerer::delivered(const Compilation& compilation) {
  std::lock_guard lock(sent_mutex_);
  if (sent_session_ != compilation.session_) return;
  if (sent_.size() + compilation.sending_.size() > kSentMax)
    sent_.clear();  // sent again, or asked for
  sent_.insert(compilation.sending_.begin(), compilation.sending_.end());
}

protocol::FactAnswer Answerer::answer(jvmci::Env& env, Compilation& compilation,
                                      const protocol::FactQuery& query) {
  protocol::FactAnswer answer;
  answer.request = query.request;
  answer.wave = query.wave;
  Reading reading{*this, env, compilation, {}, {}};
  reading.facts.reserve(std::min(query.keys.size(), kKeysMax));
  for (const FactKey& key : query.keys) {
    if (reading.facts.size() < kKeysMax && jitfarm::facts::is_valid(key.kind))
      reading.facts.push_back(reading.read(key));
    else
      reading.facts.push_back(unknown_fact(key));
  }
  bool is_lost = false;
  {
    std::lock_guard lock(sent_mutex_);
    is_lost = std::any_of(query.keys.begin(), query.keys.end(), [&](const FactKey& key) {
      return sent_.contains(std::hash<FactKey>{}(key));
    });
    if (is_lost) sent_.clear();
  }
  if (is_lost) {
    const auto entry = current(compilation, compilation.holder_);
    const auto root = method(compilation, compilation.root_);
    if (entry && root) reading.all_ahead(*entry, *root);
  }
  answer.facts = std::move(reading.facts);
  answer.shapes = std::move(reading.shapes);
  return answer;
}

Result<KlassRef> Answerer::klass(Compilation& compilation, ClassId id) const {
  const auto entry = current(compilation, id);
  if (!entry) return fail(Errc::class_unreadable, "the class is unknown, unloaded or redefined");
  return entry->klass;
}

Result<MethodRef> Answerer::method(Compilation& compilation, MethodId id) const {
  const auto known = classes_.find(id);
  if (!known) return fail(Errc::class_unreadable, "unknown method");
  JF_TRY(const KlassRef holder, klass(compilation, known->holder));
  const auto ref = method_of(*known, holder);
  if (!ref) return fail(Errc::class_unreadable, "the method is gone");
  return *ref;
}

Result<jvmci::Object*> Answerer::method_object(jvmci::Env& env, Compilation& compilation,
                                               MethodId id) const {
  JF_TRY(const MethodRef ref, method(compilation, id));
  return adapter_.method_object(env, ref);
}

Result<jvmci::Object*> Answerer::type_object(jvmci::Env& env, Compilation& compilation,
                                             ClassId id) const {
  JF_TRY(const KlassRef ref, klass(compilation, id));
  return adapter_.type_object(env, ref);
}

Result<hotspot::ObjectConstant> Answerer::mirror(jvmci::Env& env, Compilation& compilation,
                                                 ClassId id) const {
  JF_TRY(const KlassRef ref, klass(compilation, id));
  return adapter_.mirror(env, ref);
}

Result<hotspot::ObjectConstant> Answerer::pool_object(jvmci::Env& env, Compilation& compilation,
                                                      ClassId id, std::uint32_t index) const {
  JF_TRY(const KlassRef ref, klass(compilation, id));
  JF_TRY(hotspot::PoolValue value, adapter_.pool_value(env, ref, index));
  return std::move(value.object);
}

Result<hotspot::ObjectConstant> Answerer::reference(jvmci::Env& env, Compilation& compilation,
                                                    ClassId id, std::uint32_t index) const {
  JF_TRY(const KlassRef ref, klass(compilation, id));
  return adapter_.reference(env, ref, index);
}

}  // namespace jitfarm::vmagent::facts
