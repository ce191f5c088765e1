// Do classes, fields and natives keep their places, whoever names them first?
#include "vmagent/jvmci/world.h"

#include <catch2/catch.hpp>

#include "vmagent/jvmci/natives.h"

namespace jitfarm::vmagent::jvmci {
namespace {

jvalue integer(jint v) {
  jvalue value;
  value.j = 0;
  value.i = v;
  return value;
}

TEST_CASE("world: a class is the same object for everybody, and knows its super class") {
  World& world = World::get();
  Class& call = world.find_class("jdk/vm/ci/code/site/Call");
  CHECK(&call == &world.find_class("jdk/vm/ci/code/site/Call"));
  CHECK(call.is_subclass_of(world.find_class("jdk/vm/ci/code/site/Site")));
  CHECK_FALSE(world.find_class("jdk/vm/ci/code/site/Site").is_subclass_of(call));
}

TEST_CASE("world: fields of a super class that are looked up late have their own slots") {
  World& world = World::get();
  const FieldOf<jboolean> direct{"jdk/vm/ci/code/site/Call", "direct", "Z"};
  const FieldOf<jint> offset{"jdk/vm/ci/code/site/Site", "pcOffset", "I"};
  const FieldOf<jint> same{"jdk/vm/ci/code/site/Call", "pcOffset", "I"};
  Object* call = world.allocate(world.find_class("jdk/vm/ci/code/site/Call"));
  direct.set(*call, JNI_TRUE);
  offset.set(*call, 77);
  CHECK(direct.get(*call) == JNI_TRUE);
  CHECK(same.get(*call) == 77);
  call->release();
}

TEST_CASE("world: an object older than a field reads it as zero") {
  World& world = World::get();
  Class& klass = world.find_class("test/Old");
  Object* object = world.allocate(klass);
  Field* late = world.find_field(klass, "late", "J", false);
  REQUIRE(late);
  set_field(*object, *late, integer(5));
  CHECK(get_field(*object, *late).j == 0);
  object->release();
}

TEST_CASE("world: a field of another class neither reads nor writes") {
  World& world = World::get();
  Field* field = world.find_field(world.find_class("test/A"), "x", "I", false);
  Object* other = world.allocate(world.find_class("test/B"));
  set_field(*other, *field, integer(1));
  CHECK(get_field(*other, *field).i == 0);
  other->release();
}

TEST_CASE("world: a hierarchy has a bounded number of slots") {
  World& world = World::get();
  Class& klass = world.find_class("test/Wide");
  for (std::uint32_t i = 0; i < World::kSlotsMax; ++i)
    REQUIRE(world.find_field(klass, "f" + std::to_string(i), "I", false));
  CHECK(world.find_field(klass, "one more", "I", false) == nullptr);
}

TEST_CASE("world: constructors fill the fields that they are bound to") {
  World& world = World::get();
  world.bind_constructor("test/Made", "first,,third");
  Method* init = world.find_method(world.find_class("test/Made"), "<init>", "(IJZ)V");
  const jvalue args[] = {integer(1), integer(2), integer(1)};
  Object* made = world.construct(*init, args);
  CHECK(get_field(*made, *world.find_field(world.find_class("test/Made"), "first", "I", false)).i ==
        1);
  CHECK(get_field(*made, *world.find_field(world.find_class("test/Made"), "third", "Z", false)).z ==
        1);
  made->release();
}

TEST_CASE("world: an overloaded native needs its signature") {
  World& world = World::get();
  Class& klass = world.find_class("test/Natives");
  int a, b;
  world.register_native(klass, "one", "()V", &a);
  world.register_native(klass, "two", "(I)V", &a);
  world.register_native(klass, "two", "(J)V", &b);
  CHECK(world.find_native("test/Natives", "one") == &a);
  CHECK(world.find_native("test/Natives", "two") == nullptr);
  CHECK(world.find_native("test/Natives", "two", "(J)V") == &b);
  CHECK(world.find_native("test/Natives", "three") == nullptr);
}

TEST_CASE("world: a reference in a field or array keeps its object, and only so long") {
  World& world = World::get();
  const std::int64_t before = Object::alive();
  const FieldOf<Object*> next{"test/Node", "next", "Ltest/Node;"};
  Class& node = world.find_class("test/Node");
  Object* first = world.allocate(node);
  Object* second = world.allocate(node);
  next.set(*first, second);
  second->release();
  CHECK(Object::alive() == before + 2);
  Object* array = Object::make(world.find_class("[Ltest/Node;"), ObjectKind::objects, 3);
  CHECK(array->set_element(1, first));
  CHECK_FALSE(array->set_element(3, first));
  first->release();
  CHECK(next.get(*array->elements()[1]) == second);
  array->release();
  CHECK(Object::alive() == before);
}

}  // namespace
}  // namespace jitfarm::vmagent::jvmci
