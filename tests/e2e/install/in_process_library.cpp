// A JVMCI compiler with the worker's compiler in the same process: no network, no threads of its
// own, one compilation after the other. Where this is right and the farm is wrong, look at the way
// between; where this is wrong too, look at the code.
//
// JITFARM_IN_PROCESS_DUMP=FOLDER writes a replay bundle of every compilation, named by compile id.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "common/code/image_codec.h"
#include "vmagent/agent/compile.h"
#include "vmagent/facts/answerer.h"
#include "vmagent/hotspot/adapter.h"
#include "vmagent/install/installer.h"
#include "vmagent/log/log.h"
#include "worker/compiler/compiler.h"

namespace jitfarm::vmagent::agent {

namespace {

using worker::compiler::MissingFacts;

class LocalFacts final : public worker::compiler::FactSource {
 public:
  const jitfarm::facts::Fact* find(const jitfarm::facts::FactKey& key) const override {
    auto it = facts_.find(key);
    return it == facts_.end() ? nullptr : &it->second;
  }
  ByteView shape(const Digest& digest) const override {
    auto it = shapes_.find(digest);
    return it == shapes_.end() ? ByteView{} : it->second.view();
  }
  template <class Message>
  void add(Message&& message) {
    for (auto& fact : message.facts) facts_.insert_or_assign(fact.key, std::move(fact));
    for (auto& shape : message.shapes)
      shapes_.insert_or_assign(shape.digest, std::move(shape.bytes));
  }
  void give(code::ReplayBundle& bundle) const {
    for (const auto& [key, fact] : facts_) bundle.facts.push_back(fact);
    std::ranges::sort(bundle.facts, {}, &jitfarm::facts::Fact::key);
    for (const auto& [digest, bytes] : shapes_) bundle.shapes.push_back({digest, bytes});
  }

 private:
  std::unordered_map<jitfarm::facts::FactKey, jitfarm::facts::Fact> facts_;
  std::unordered_map<Digest, Blob> shapes_;
};

class Names final : public install::Names {
 public:
  Names(facts::Answerer& answerer, facts::Compilation& compilation)
      : answerer_(answerer), compilation_(compilation) {}
  Result<hotspot::MethodRef> method(MethodId id) override {
    return answerer_.method(compilation_, id);
  }
  Result<hotspot::KlassRef> klass(ClassId id) override { return answerer_.klass(compilation_, id); }

 private:
  facts::Answerer& answerer_;
  facts::Compilation& compilation_;
};

struct InProcess {
  std::unique_ptr<hotspot::Adapter> adapter;
  std::unique_ptr<facts::Answerer> answerer;
  std::unique_ptr<install::Installer> installer;
  std::uint64_t session = 0;
};

Status start(InProcess& farm, jvmci::Env& env) {
  JF_TRY(farm.adapter, hotspot::create(env));
  farm.answerer = std::make_unique<facts::Answerer>(*farm.adapter);
  JF_TRY(farm.installer, install::Installer::create(*farm.adapter));
  return {};
}

void dump(const code::CodeImage& image, const LocalFacts& known, const std::string& name,
          std::int32_t compile_id) {
  const char* const folder = std::getenv("JITFARM_IN_PROCESS_DUMP");
  if (!folder) return;
  code::ReplayBundle bundle{
      .method = name, .task = image.task, .image = digest_of(code::encode(image))};
  known.give(bundle);
  const Bytes bytes = code::encode(bundle);
  std::ofstream(std::string(folder) + "/" + std::to_string(compile_id) + ".bundle",
                std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Result<std::string> compile_here(InProcess& farm, const Request& request,
                                 facts::Compilation& compilation) {
  // Each compilation is a session of its own, so that every fact is sent again.
  auto asked = farm.answerer->request(request.env, compilation, request.entry_bci,
                                      SessionId{++farm.session});
  const std::string name = asked.method_name;
  LocalFacts known;
  known.add(asked);
  constexpr int kWavesMax = 16;
  for (int wave = 0; wave < kWavesMax; ++wave) {
    auto outcome = worker::compiler::compile(asked.task, known);
    if (auto* missing = std::get_if<MissingFacts>(&outcome)) {
      jvmci::LocalFrame frame(request.env);
      known.add(farm.answerer->answer(request.env, compilation,
                                      {.request = asked.request,
                                       .wave = static_cast<std::uint32_t>(wave),
                                       .keys = missing->keys}));
      continue;
    }
    if (auto* bailout = std::get_if<code::Bailout>(&outcome))
      return fail(Errc::bail_out,
                  std::string(code::name(bailout->reason)) + " " + bailout->detail + " in " + name);
    const auto& image = std::get<code::CodeImage>(outcome);
    dump(image, known, name, request.compile_id);
    Names names(*farm.answerer, compilation);
    JF_TRY(auto installed, farm.installer->install({.env = request.env,
                                                    .image = image,
                                                    .names = names,
                                                    .compile_state = request.compile_state,
                                                    .compile_id = request.compile_id}));
    if (installed.answer != hotspot::writer::Answer::installed)
      return fail(Errc::install_refused, installed.detail + " " + name);
    return name + " at " + std::to_string(installed.code_begin) + " waves " + std::to_string(wave);
  }
  return fail(Errc::facts_missing, name);
}

std::mutex& compiling() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}
bool ended = false;  // guarded by compiling()

}  // namespace

Outcome compile(const Request& request) {
  static InProcess* const farm = new InProcess;
  std::lock_guard lock(compiling());
  if (ended) return {.failure = "the VM ends"};
  if (!farm->installer)
    if (auto started = start(*farm, request.env); !started) {
      JF_AGENT_LOG(error, "{}", started.error().message());
      return {.failure = started.error().message()};
    }
  auto compilation = farm->answerer->begin(request.env, request.method);
  if (!compilation) return {.failure = compilation.error().message()};
  auto result = compile_here(*farm, request, *compilation);
  JF_AGENT_LOG(info, "compile {}: {}", request.compile_id,
               result ? "installed " + *result : result.error().message());
  return {.installed = result.has_value(),
          .failure = result ? std::string() : result.error().message()};
}

/// LLVM must not be at work while the process runs the destructors of its globals.
void on_shutdown(jvmci::Env&) {
  std::lock_guard lock(compiling());
  ended = true;
}

}  // namespace jitfarm::vmagent::agent
