#include "vmagent/jvmci/env.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "vmagent/jvmci/table.h"
#include "vmagent/jvmci/world.h"
#include "vmagent/log/log.h"

namespace jitfarm::vmagent::jvmci {

namespace {

struct Runtimes {
  std::mutex mutex;
  std::vector<std::shared_ptr<Runtime>> alive;
  std::int64_t made = 0;
  std::atomic<bool> any_destroyed = false;
};

Runtimes& runtimes() {
  static auto* all = new Runtimes;  // never destroyed
  return *all;
}

thread_local std::vector<std::unique_ptr<Env>> thread_envs;

struct CommonClasses {
  Class& string = World::get().find_class("java/lang/String");
  Class& bytes = World::get().find_class("[B");
  Class& ints = World::get().find_class("[I");
  Class& integer = World::get().find_class("java/lang/Integer");
  Class& long_ = World::get().find_class("java/lang/Long");
  FieldOf<jint> integer_value{"java/lang/Integer", "value", "I"};
  FieldOf<jlong> long_value{"java/lang/Long", "value", "J"};
  FieldOf<Object*> message{"java/lang/Throwable", "detailMessage", "Ljava/lang/String;"};
};

const CommonClasses& common() {
  static const auto* classes = new CommonClasses;  // never destroyed
  return *classes;
}

}  // namespace

Runtime& Runtime::create(const JNIInvokeInterface_* functions) {
  auto runtime = std::make_shared<Runtime>();
  runtime->functions_ = functions;
  Runtimes& all = runtimes();
  std::lock_guard lock(all.mutex);
  runtime->id_ = ++all.made;
  all.alive.push_back(runtime);
  return *runtime;
}

std::shared_ptr<Runtime> Runtime::find(JavaVM* vm) {
  Runtimes& all = runtimes();
  std::lock_guard lock(all.mutex);
  for (auto& runtime : all.alive)
    if (runtime->vm() == vm) return runtime;
  return nullptr;
}

std::shared_ptr<Runtime> Runtime::any() {
  Runtimes& all = runtimes();
  std::lock_guard lock(all.mutex);
  return all.alive.empty() ? nullptr : all.alive.front();
}

void Runtime::destroy(JavaVM* vm) {
  Runtimes& all = runtimes();
  std::shared_ptr<Runtime> dying;
  std::lock_guard lock(all.mutex);
  auto it = std::ranges::find_if(all.alive, [&](auto& r) { return r->vm() == vm; });
  if (it == all.alive.end()) return;
  dying = *it;
  all.alive.erase(it);
  all.any_destroyed.store(true, std::memory_order_release);
  dying->destroyed_.store(true, std::memory_order_release);
  dying->object = {};
}

bool Runtime::any_destroyed() { return runtimes().any_destroyed.load(std::memory_order_acquire); }

Env::Env(std::shared_ptr<Runtime> runtime)
    : functions_(&native_interface()), runtime_(std::move(runtime)) {}

Env::~Env() {
  frames_.clear();
  for (Object* object : locals_) object->release();
}

Env& Env::of(const std::shared_ptr<Runtime>& runtime) {
  for (auto& env : thread_envs)
    if (env->runtime_ == runtime) return *env;
  std::erase_if(thread_envs, [](auto& env) { return env->runtime_->destroyed(); });
  thread_envs.push_back(std::unique_ptr<Env>(new Env(runtime)));
  return *thread_envs.back();
}

Object* Env::pop_frame(Object* keep) {
  if (frames_.empty()) {
    JF_AGENT_LOG(error, "a local frame is popped that was never pushed");
    return keep;
  }
  if (keep) keep->retain();
  const std::size_t bottom = frames_.back();
  frames_.pop_back();
  while (locals_.size() > bottom) {
    Object* object = locals_.back();
    locals_.pop_back();
    object->release();
  }
  return adopt(keep);
}

Object* Env::local(Object* object) {
  if (!object) return nullptr;
  object->retain();
  return adopt(object);
}

Object* Env::adopt(Object* object) {
  if (object) locals_.push_back(object);
  return object;
}

void Env::delete_local(Object* object) {
  for (std::size_t i = locals_.size(); i-- > 0;) {
    if (locals_[i] != object) continue;
    // Nothing is moved over a frame boundary: the entry's place is kept by its upper neighbours.
    locals_.erase(locals_.begin() + static_cast<std::ptrdiff_t>(i));
    for (auto& bottom : frames_)
      if (bottom > i) --bottom;
    object->release();
    return;
  }
}

Object* Env::make(Class& klass) { return adopt(World::get().allocate(klass)); }

Object* Env::make_string(std::string_view text) {
  Object* string = Object::make(
      common().string, ObjectKind::string,
      static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), Object::kLengthMax)));
  if (string) std::memcpy(string->bytes().data(), text.data(), string->length());
  return adopt(string);
}

Object* Env::make_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > Object::kLengthMax) return nullptr;
  Object* array =
      Object::make(common().bytes, ObjectKind::bytes, static_cast<std::uint32_t>(bytes.size()));
  if (array && !bytes.empty()) std::memcpy(array->bytes().data(), bytes.data(), bytes.size());
  return adopt(array);
}

Object* Env::make_ints(std::span<const jint> values) {
  if (values.size() > Object::kLengthMax) return nullptr;
  Object* array =
      Object::make(common().ints, ObjectKind::ints, static_cast<std::uint32_t>(values.size()));
  if (array) std::ranges::copy(values, array->ints().begin());
  return adopt(array);
}

Object* Env::make_objects(Class& element, std::uint32_t length) {
  const std::string& name = element.name();
  Class& klass = World::get().find_class(name.starts_with('[') ? "[" + name : "[L" + name + ";");
  return adopt(Object::make(klass, ObjectKind::objects, length));
}

Object* Env::make_objects(Class& element, std::span<Object* const> elements) {
  if (elements.size() > Object::kLengthMax) return nullptr;
  Object* array = make_objects(element, static_cast<std::uint32_t>(elements.size()));
  for (std::uint32_t i = 0; array && i < array->length(); ++i) array->set_element(i, elements[i]);
  return array;
}

Object* Env::make_integer(jint value) {
  Object* box = make(common().integer);
  if (box) common().integer_value.set(*box, value);
  return box;
}

Object* Env::make_long(jlong value) {
  Object* box = make(common().long_);
  if (box) common().long_value.set(*box, value);
  return box;
}

void Env::throw_new(std::string_view klass, std::string_view message) {
  LocalFrame frame(*this);
  Class& c = World::get().find_class(klass);
  Object* throwable = make(c);
  if (!throwable) return;
  if (&c.root() == &World::get().find_class("java/lang/Throwable"))
    common().message.set(*throwable, make_string(message));
  throw_object(throwable);
}

std::optional<std::string> Env::take_pending() {
  if (!pending_) return std::nullopt;
  const Ref throwable = std::exchange(pending_, {});
  std::string text = throwable.get()->klass().name();
  std::ranges::replace(text, '/', '.');
  if (&throwable.get()->klass().root() == &World::get().find_class("java/lang/Throwable"))
    if (Object* message = common().message.get(*throwable.get());
        message && message->kind() == ObjectKind::string)
      text += ": " + std::string(message->text());
  return text;
}

}  // namespace jitfarm::vmagent::jvmci
