#include "vmagent/jvmci/object.h"

#include <cstdlib>
#include <new>

namespace jitfarm::vmagent::jvmci {

namespace {

std::atomic<std::int64_t> objects_alive{0};

std::size_t element_bytes(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::plain:
      return sizeof(jvalue);
    case ObjectKind::objects:
      return sizeof(Object*);
    case ObjectKind::longs:
      return sizeof(jlong);
    case ObjectKind::ints:
      return sizeof(jint);
    case ObjectKind::string:
    case ObjectKind::bytes:
    case ObjectKind::booleans:
      return 1;
    case ObjectKind::klass:
      break;
  }
  return 0;
}

}  // namespace

Object* Object::make(Class& klass, ObjectKind kind, std::uint32_t length) {
  if (length > kLengthMax) return nullptr;
  // One byte more, so that a string ends with NUL whatever its length.
  const std::size_t payload = length * element_bytes(kind) + 1;
  void* memory = std::calloc(1, sizeof(Object) + payload);
  if (!memory) return nullptr;
  objects_alive.fetch_add(1, std::memory_order_relaxed);
  return new (memory) Object(&klass, kind, length);
}

std::int64_t Object::alive() { return objects_alive.load(std::memory_order_relaxed); }

bool Object::set_element(std::uint32_t index, Object* value) {
  if (kind_ != ObjectKind::objects || index >= length_) return false;
  if (value) value->retain();
  Object* old = std::exchange(elements()[index], value);
  if (old) old->release();
  return true;
}

void Object::release() {
  if (kind_ == ObjectKind::klass) {
    refs_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(this);
}

void Object::destroy(Object* object) {
  if (auto* finalizer = object->klass_->finalizer_.load(std::memory_order_acquire))
    finalizer(*object);
  // A chain of BytecodeFrames is as deep as inlining, so recursion here is bounded by the
  // compiler's limit.
  if (object->kind_ == ObjectKind::objects) {
    for (Object* element : object->elements())
      if (element) element->release();
  } else if (object->kind_ == ObjectKind::plain) {
    const std::uint64_t references =
        object->klass_->root().reference_slots_.load(std::memory_order_acquire);
    for (std::uint32_t i = 0; i < object->length_; ++i)
      if ((references >> i & 1) != 0 && object->slots()[i].l)
        from_jni(object->slots()[i].l)->release();
  }
  objects_alive.fetch_sub(1, std::memory_order_relaxed);
  std::free(object);
}

bool Class::is_subclass_of(const Class& other) const {
  for (const Class* c = this; c; c = c->super_)
    if (c == &other) return true;
  return false;
}

}  // namespace jitfarm::vmagent::jvmci
