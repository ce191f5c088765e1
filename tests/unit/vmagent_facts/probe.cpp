// The agent under test: the real object model and the real facts, without a farm. Every compilation
// that HotSpot asks for is described as it would be sent, checked, and refused. Methods named
// "probe..." ask for more. What was seen goes to the file JITFARM_PROBE_DIR/report, one "name
// value" a line; a line "failure ..." fails the test that started the JVM.
#include <jvmti.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "common/facts/fact_codec.h"
#include "common/protocol/catalogue.h"
#include "common/wire/codec.h"
#include "vmagent/agent/compile.h"
#include "vmagent/facts/answerer.h"
#include "vmagent/hotspot/libjvm.h"

namespace jitfarm::vmagent::agent {
namespace {

using jitfarm::facts::Fact;
using jitfarm::facts::FactKey;
using jitfarm::facts::FactKind;

std::string directory() {
  const char* dir = std::getenv("JITFARM_PROBE_DIR");
  return dir != nullptr ? dir : "/nonexistent";
}

/// Compiler threads use the answerer at once; only what is written down is ordered.
struct Probe {
  std::mutex setup_mutex;
  bool tried = false;
  std::unique_ptr<hotspot::Adapter> adapter;
  std::unique_ptr<facts::Answerer> answerer;
  std::mutex report_mutex;
  std::ofstream report{directory() + "/report"};
  std::mutex mutex;  // of the following
  std::set<std::string> done;
  std::set<std::uint64_t> unloaded;
  std::atomic<std::uint64_t> remembered = 0;

  // totals over all requests
  std::atomic<std::uint64_t> requests = 0, refused = 0, known = 0, unknown = 0, bytes = 0,
                             shape_bytes = 0, request_ns = 0, answer_ns = 0, answered = 0;
  std::atomic<std::uint64_t> by_kind[16][2] = {};

  void fail(const std::string& what) { tell("failure", what); }
  void tell(const std::string& name, const std::string& value) {
    std::lock_guard lock(report_mutex);
    report << name << ' ' << value << std::endl;
  }
  bool first(const std::string& name) {
    std::lock_guard lock(mutex);
    return done.insert(name).second;
  }
};

Probe& probe() {
  static Probe* const p = new Probe;  // outlives the JVM's exit
  return *p;
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

/// Every shape of every class that the VM has, into JITFARM_PROBE_DIR/shapes/N, and their names
/// into the report.
void dump_shapes(Probe& p, jvmci::Env& env) {
  JNIEnv* const jni = hotspot::application_jni();
  JavaVM* vm = nullptr;
  jvmtiEnv* jvmti = nullptr;
  if (jni == nullptr || jni->GetJavaVM(&vm) != JNI_OK ||
      vm->GetEnv(reinterpret_cast<void**>(&jvmti), JVMTI_VERSION_1_2) != JNI_OK)
    return p.fail("no JVMTI");
  jint count = 0;
  jclass* classes = nullptr;
  if (jvmti->GetLoadedClasses(&count, &classes) != JVMTI_ERROR_NONE)
    return p.fail("GetLoadedClasses");
  std::uint64_t written = 0, refused = 0, ns = 0, total = 0, hash_ns = 0;
  for (jint i = 0; i < count; ++i) {
    jint status = 0;
    jvmti->GetClassStatus(classes[i], &status);
    if ((status & (JVMTI_CLASS_STATUS_ARRAY | JVMTI_CLASS_STATUS_PRIMITIVE)) != 0 ||
        (status & JVMTI_CLASS_STATUS_PREPARED) == 0)
      continue;
    jint methods = 0;
    jmethodID* ids = nullptr;
    if (jvmti->GetClassMethods(classes[i], &methods, &ids) != JVMTI_ERROR_NONE || methods == 0)
      continue;
    // The local reference keeps the class; a jmethodID is a place that holds the Method*.
    const hotspot::MethodRef method{*reinterpret_cast<const std::uintptr_t*>(ids[0])};
    jvmti->Deallocate(reinterpret_cast<unsigned char*>(ids));
    const auto klass = p.adapter->method_details(method).holder;
    const auto details = p.adapter->class_details(klass);
    const std::uint64_t start = now_ns();
    const auto shape = p.adapter->class_shape(klass);
    const std::uint64_t end = now_ns();
    if (!shape) {
      ++refused;
      p.tell("unreadable", std::string(details.name) + " " + shape.error().detail);
      continue;
    }
    const Digest digest = digest_of(*shape);
    hash_ns += now_ns() - end;
    ns += end - start;
    total += shape->size();
    std::ofstream out(directory() + "/shapes/" + std::to_string(written), std::ios::binary);
    out.write(reinterpret_cast<const char*>(shape->data()),
              static_cast<std::streamsize>(shape->size()));
    p.tell(details.is_hidden ? "hidden" : "shape",
           std::string(details.name) + " " + digest.hex() + " " + std::to_string(written));
    ++written;
  }
  jvmti->Deallocate(reinterpret_cast<unsigned char*>(classes));
  p.tell("shapes", std::to_string(written));
  p.tell("shapes_refused", std::to_string(refused));
  if (written > 0) {
    p.tell("shape_ns", std::to_string(ns / written));
    p.tell("shape_digest_ns", std::to_string(hash_ns / written));
    p.tell("shape_bytes", std::to_string(total / written));
  }
  static_cast<void>(env);
}

/// What a thread of our own may ask.
void ask_on_thread(Probe& p, hotspot::KlassRef klass) {
  while (const hotspot::KlassRef super = p.adapter->class_details(klass).super) klass = super;
  const Status started = p.adapter->run_thread("jitfarm probe", [&p, klass] {
    jvmci::Env& env = jvmci::Env::of(jvmci::Runtime::any());
    jvmci::LocalFrame frame(env);
    const auto method = p.adapter->find_method(klass, "hashCode", "()I");
    const auto object = method ? p.adapter->method_object(env, *method)
                               : Result<jvmci::Object*>(fail(Errc::vm_exception, "no hashCode"));
    const auto mirror = p.adapter->mirror(env, klass);
    p.tell("thread", object && mirror && *mirror && p.adapter->method_of(**object) == *method
                         ? "asked"
                         : "failed");
  });
  if (!started) p.fail("run_thread: " + started.error().message());
}

/// Redefines class Redefined as itself, on a thread of its own as a debugger would.
void retransform(Probe& p) {
  JNIEnv* const jni = hotspot::application_jni();
  JavaVM* vm = nullptr;
  if (jni == nullptr || jni->GetJavaVM(&vm) != JNI_OK) return p.fail("no JavaVM");
  std::string trouble = "class Redefined is not loaded";
  std::thread([&] {
    JNIEnv* env = nullptr;
    jvmtiEnv* jvmti = nullptr;
    jvmtiCapabilities capabilities = {};
    capabilities.can_retransform_classes = 1;
    if (vm->AttachCurrentThreadAsDaemon(reinterpret_cast<void**>(&env), nullptr) != JNI_OK ||
        vm->GetEnv(reinterpret_cast<void**>(&jvmti), JVMTI_VERSION_1_2) != JNI_OK ||
        jvmti->AddCapabilities(&capabilities) != JVMTI_ERROR_NONE) {
      trouble = "no JVMTI";
      return;
    }
    jint count = 0;
    jclass* classes = nullptr;
    jvmti->GetLoadedClasses(&count, &classes);
    for (jint i = 0; i < count; ++i) {
      char* signature = nullptr;
      jvmti->GetClassSignature(classes[i], &signature, nullptr);
      if (std::string(signature) == "LRedefined;")
        trouble = jvmti->RetransformClasses(1, &classes[i]) == JVMTI_ERROR_NONE
                      ? ""
                      : "RetransformClasses";
      jvmti->Deallocate(reinterpret_cast<unsigned char*>(signature));
    }
    jvmti->Deallocate(reinterpret_cast<unsigned char*>(classes));
    vm->DetachCurrentThread();
  }).join();
  if (!trouble.empty()) p.fail(trouble);
}

template <class T>
T value_of(Probe& p, const Fact& fact) {
  auto value = jitfarm::facts::decode_value<T>(fact);
  if (value) return *value;
  p.fail("a fact does not decode: " + value.error().message());
  return {};
}

/// What must be true of any facts.
void check_fact(Probe& p, const protocol::CompileRequest& request, const Fact& fact) {
  const std::string where = request.method_name + " " +
                            std::string(jitfarm::facts::name(fact.key.kind)) + " " +
                            std::to_string(fact.key.index);
  p.by_kind[static_cast<int>(fact.key.kind)][fact.known ? 1 : 0]++;
  (fact.known ? p.known : p.unknown)++;
  if (!fact.known) {
    if (!fact.value.empty()) p.fail(where + ": unknown with a value");
    return;
  }
  switch (fact.key.kind) {
    case FactKind::resolved_method: {
      const auto m = value_of<jitfarm::facts::ResolvedMethod>(p, fact);
      if (!m.method || !m.holder) p.fail(where + ": no method");
      // The adapter behind an invokevirtual of a method handle is static.
      const bool may_be_static = fact.key.detail == 184 || fact.key.detail == 182;
      const bool may_be_not = fact.key.detail != 184 || m.is_method_handle_intrinsic;
      if (m.is_static ? !may_be_static : !may_be_not) p.fail(where + ": static");
      break;
    }
    case FactKind::resolved_field: {
      const auto f = value_of<jitfarm::facts::ResolvedField>(p, fact);
      if (!f.holder || f.offset < 8 || f.offset > 100'000) p.fail(where + ": offset");
      if (std::string("BCDFIJSZL[").find(f.type) == std::string::npos) p.fail(where + ": type");
      break;
    }
    case FactKind::class_info: {
      const auto info = value_of<jitfarm::facts::ClassInfo>(p, fact);
      if (info.name.empty() || !info.shape) p.fail(where + ": class info");
      if (!info.super && info.name != "java/lang/Object") p.fail(where + ": super");
      break;
    }
    case FactKind::method_info: {
      const auto info = value_of<jitfarm::facts::MethodInfo>(p, fact);
      if (!info.holder || info.name.empty() || info.descriptor[0] != '(')
        p.fail(where + ": method info");
      break;
    }
    default:
      break;
  }
}

/// Questions that a compiler would ask about the resolved methods, and some that no honest one
/// would.
void ask_more(Probe& p, jvmci::Env& env, facts::Compilation& compilation,
              const protocol::CompileRequest& request) {
  protocol::FactQuery query;
  query.request = request.request;
  query.wave = 3;
  for (const Fact& fact : request.facts) {
    if (fact.key.kind == FactKind::resolved_method && fact.known) {
      const auto m = value_of<jitfarm::facts::ResolvedMethod>(p, fact);
      query.keys.push_back({FactKind::method_info, m.method.value, 0, 0});
      query.keys.push_back({FactKind::class_info, m.holder.value, 0, 0});
      query.keys.push_back({FactKind::class_state, m.holder.value, 0, 0});
      if (fact.key.detail == 182)
        query.keys.push_back({FactKind::unique_target, m.method.value, 0,
                              static_cast<std::uint32_t>(m.holder.value)});
    }
    query.keys.push_back(fact.key);
  }
  const std::size_t honest = query.keys.size();
  for (int kind = 0; kind < 14; ++kind)
    for (const std::uint64_t subject :
         {std::uint64_t{0}, compilation.holder().value, ~std::uint64_t{0}})
      for (const std::uint32_t index : {0u, 0xffffu, 0xffff'ffffu})
        query.keys.push_back({static_cast<FactKind>(kind), subject, index, index});
  const std::uint64_t start = now_ns();
  const protocol::FactAnswer answer = p.answerer->answer(env, compilation, query);
  p.answer_ns += now_ns() - start;
  p.answered += query.keys.size();
  if (answer.facts.size() < query.keys.size() || answer.wave != 3)
    return p.fail("an answer for every key");
  for (std::size_t i = 0; i < query.keys.size(); ++i)
    if (answer.facts[i].key != query.keys[i]) p.fail("answers in another order");
  for (std::size_t i = 0; i < honest; ++i) {
    check_fact(p, request, answer.facts[i]);
    if (answer.facts[i].key.kind == FactKind::method_info && !answer.facts[i].known)
      p.tell("method_info_unknown", request.method_name);
  }
  for (const auto& shape : answer.shapes)
    if (digest_of(shape.bytes.view()) != shape.digest) p.fail("a shape under another name");
}

/// What the installer will ask for.
void check_objects(Probe& p, jvmci::Env& env, facts::Compilation& compilation,
                   const protocol::CompileRequest& request) {
  jvmci::LocalFrame frame(env);
  const auto root = p.answerer->method(compilation, compilation.root());
  if (!root)
    return p.tell("ended", request.method_name);  // a class was found redefined in the middle
  const auto object = p.answerer->method_object(env, compilation, compilation.root());
  if (!object || p.adapter->method_of(**object) != *root)
    p.fail(request.method_name + ": no method object");
  if (auto mirror = p.answerer->mirror(env, compilation, compilation.holder()); !mirror || !*mirror)
    p.fail(request.method_name + ": no mirror");
  for (const Fact& fact : request.facts) {
    if (fact.key.kind != FactKind::resolved_object) continue;
    const auto constant =
        p.answerer->pool_object(env, compilation, ClassId{fact.key.subject}, fact.key.index);
    if (!constant || (fact.known && !*constant)) p.fail(request.method_name + ": no pool object");
  }
}

/// What was delivered is not sent again; a worker that asks for it gets everything.
void check_delivery(Probe& p, jvmci::Env& env, facts::Compilation& compilation) {
  // What holds now only, as a profile, is sent each time.
  const auto lasting = [](std::vector<Fact> facts) {
    std::erase_if(facts, [](const Fact& f) {
      const auto lifetime = jitfarm::facts::lifetime(f.key.kind);
      return lifetime == jitfarm::facts::Lifetime::compilation ||
             lifetime == jitfarm::facts::Lifetime::dependency;
    });
    return facts;
  };
  const auto known = [&](const std::vector<Fact>& facts) {
    const auto list = lasting(facts);
    return std::count_if(list.begin(), list.end(), [](const Fact& f) { return f.known; });
  };
  const auto first = p.answerer->request(env, compilation, -1, SessionId{2});
  const auto repeated = p.answerer->request(env, compilation, -1, SessionId{2});
  if (known(first.facts) < 3 || lasting(repeated.facts) != lasting(first.facts))
    p.fail("undelivered facts are sent again");
  const FactKey announced{FactKind::class_shape, compilation.holder().value, 0, 0};
  if (!first.shapes.empty() || std::ranges::count(first.facts, announced, &Fact::key) != 1)
    p.fail("a shape is announced, its bytes are not sent unasked");
  p.answerer->delivered(compilation);
  const auto second = p.answerer->request(env, compilation, -1, SessionId{2});
  if (known(second.facts) != 0 || !second.shapes.empty())
    p.fail("delivered facts are not sent again");
  protocol::FactQuery query;
  query.keys = {announced};
  const auto shape = p.answerer->answer(env, compilation, query);
  if (shape.facts.size() != 1 || shape.shapes.size() != 1)
    p.fail("who asks for a shape gets it, and nothing else");
  query.keys = {{FactKind::vm_config, 0, 0, 0}};
  const auto answer = p.answerer->answer(env, compilation, query);
  if (known(answer.facts) != known(first.facts) || !answer.shapes.empty())
    p.fail("who asks for what was sent gets all");
  std::set<FactKey> keys;
  for (const Fact& fact : answer.facts)
    if (!keys.insert(fact.key).second) p.fail("a fact twice in an answer");
  const auto third = p.answerer->request(env, compilation, -1, SessionId{2});
  if (known(third.facts) != known(first.facts))
    p.fail("a worker that lacks facts gets the next request complete");
  p.answerer->delivered(compilation);
  const auto other_session = p.answerer->request(env, compilation, -1, SessionId{3});
  if (known(other_session.facts) != known(first.facts)) p.fail("another session knows nothing");
}

void write_totals(Probe& p) {
  p.tell("requests", std::to_string(p.requests));
  p.tell("refused", std::to_string(p.refused));
  p.tell("known", std::to_string(p.known));
  p.tell("unknown", std::to_string(p.unknown));
  if (p.requests > 0) {
    p.tell("request_us", std::to_string(p.request_ns / p.requests / 1000));
    p.tell("request_bytes", std::to_string(p.bytes / p.requests));
    p.tell("request_shape_bytes", std::to_string(p.shape_bytes / p.requests));
  }
  if (p.answered > 0) p.tell("answer_ns_per_key", std::to_string(p.answer_ns / p.answered));
  for (int kind = 1; kind <= 10; ++kind)
    p.tell("kind." + std::string(jitfarm::facts::name(static_cast<FactKind>(kind))),
           std::to_string(p.by_kind[kind][1]) + " known " + std::to_string(p.by_kind[kind][0]) +
               " unknown");
}

void set_up(Probe& p, jvmci::Env& env) {
  std::lock_guard lock(p.setup_mutex);
  if (p.tried) return;
  p.tried = true;
  const std::uint64_t start = now_ns();
  auto adapter = hotspot::create_unproved(env);
  p.tell("create_us", std::to_string((now_ns() - start) / 1000));
  if (!adapter) return p.tell("refusal", adapter.error().message());
  p.adapter = std::move(*adapter);
  p.answerer = std::make_unique<facts::Answerer>(*p.adapter);
  const auto& vm = p.adapter->vm_config();
  const auto encoded = wire::encode(vm);
  p.tell("vm_config_bytes", std::to_string(encoded.body.size()));
  p.tell("vm", vm.vm_version + " gc " + std::to_string(static_cast<int>(vm.gc)) + " coops " +
                   std::to_string(vm.use_compressed_oops) + " ccp " +
                   std::to_string(vm.use_compressed_class_pointers) + " arrays " +
                   std::to_string(vm.array_length_offset) + " " +
                   std::to_string(vm.array_base_primitive) + " " +
                   std::to_string(vm.array_base_long) + " " + std::to_string(vm.array_base_object) +
                   " " + vm.cpu_features + " " + std::to_string(vm.max_vector_bytes));
}

std::string simple_name(const std::string& method_name) {
  const auto dot = method_name.rfind('.', method_name.find('('));
  return method_name.substr(dot + 1, method_name.find('(') - dot - 1);
}

}  // namespace

Outcome compile(const Request& request) {
  Probe& p = probe();
  set_up(p, request.env);
  if (!p.adapter) return {.failure = "refused"};

  for (const ClassId id : p.answerer->classes().take_unloaded()) {
    {
      std::lock_guard lock(p.mutex);
      if (!p.unloaded.insert(id.value).second) p.fail("unloaded twice");
    }
    p.tell("unloaded", std::to_string(id.value));
  }
  auto compilation = p.answerer->begin(request.env, request.method);
  if (!compilation) {
    ++p.refused;
    p.tell("begin", compilation.error().message());
    return {.failure = "refused"};
  }
  const std::uint64_t start = now_ns();
  const protocol::CompileRequest message =
      p.answerer->request(request.env, *compilation, request.entry_bci, SessionId{1});
  p.request_ns += now_ns() - start;
  ++p.requests;
  const auto encoded = wire::encode(message);
  p.bytes += encoded.body.size();
  for (const auto& blob : encoded.blobs) p.shape_bytes += blob.size();
  for (const Fact& fact : message.facts) check_fact(p, message, fact);
  for (const auto& shape : message.shapes)
    if (digest_of(shape.bytes.view()) != shape.digest) p.fail("a shape under another name");
  // Asking for what was sent makes the next requests complete again: not where their size is
  // measured.
  static const bool asks = std::getenv("JITFARM_PROBE_ASKS") != nullptr;
  if (asks) ask_more(p, request.env, *compilation, message);
  check_objects(p, request.env, *compilation, message);
  p.answerer->delivered(*compilation);

  const std::string name = simple_name(message.method_name);
  if (name == "probeRedefined") {
    p.tell("redefined_root", std::to_string(compilation->root().value) + " " +
                                 std::to_string(compilation->holder().value));
    for (const Fact& fact : message.facts)
      if (fact.key.kind == FactKind::class_info) {
        const auto info = value_of<jitfarm::facts::ClassInfo>(p, fact);
        p.tell("redefined_class",
               info.shape.hex() + (info.is_shareable ? " shareable" : " private"));
      }
  }
  if (name.starts_with("probe") && p.first(name)) {
    if (name == "probeShapes") dump_shapes(p, request.env);
    if (name == "probeTotals") {
      write_totals(p);
      if (!asks) check_delivery(p, request.env, *compilation);  // nobody else may use the session
    }
    if (name == "probeRetransform") retransform(p);
    if (name == "probeShapes")
      if (const auto root = p.answerer->method(*compilation, compilation->root()))
        ask_on_thread(p, p.adapter->method_details(*root).holder);
    if (name == "probeVictim") p.remembered = compilation->root().value;
    if (name == "probeHold") {
      // The victim's class is still there, or gone: never in between.
      auto hold = p.answerer->hold(MethodId{p.remembered});
      p.tell("hold", hold ? "taken" : hold.error().message());
      if (hold) {
        auto again = p.answerer->begin(request.env, MethodId{p.remembered}, *hold);
        p.tell("begin_remembered", again ? "yes" : again.error().message());
      }
    }
    p.tell("done", name);
  }
  return {.failure = "the probe compiles nothing"};
}

void on_shutdown(jvmci::Env&) {}

}  // namespace jitfarm::vmagent::agent
