// What does it cost to encode and decode the messages of one compilation, ours and with
// msgpack-cxx's unpack? ns, best of 300 short runs: a
// long one would be interrupted on a busy machine.
#include <chrono>
#include <cstdio>
#include <msgpack.hpp>

#include "common/code/image_codec.h"
#include "common/facts/fact_codec.h"
#include "common/protocol/packet.h"

using namespace jitfarm;

namespace {

template <class F>
double best_ns(F&& f) {
  double best = 1e18;
  for (int run = 0; run < 300; ++run) {
    constexpr int kCalls = 100;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) f();
    best = std::min(
        best,
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() /
            kCalls);
  }
  return best;
}

template <class T>
void keep(T&& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

template <wire::Record T>
void measure(const char* name, const T& value) {
  const wire::Encoded encoded = wire::encode(value);
  std::size_t blob_bytes = 0;
  for (const Blob& b : encoded.blobs) blob_bytes += b.size();
  const double encode = best_ns([&] { keep(wire::encode(value)); });
  const double decode = best_ns([&] { keep(wire::decode<T>(encoded.body, encoded.blobs)); });
  const double unpack = best_ns([&] {
    keep(msgpack::unpack(reinterpret_cast<const char*>(encoded.body.data()), encoded.body.size(),
                         [](msgpack::type::object_type, std::size_t, void*) { return true; }));
  });
  std::printf(
      "%-34s %8zu B + %7zu B blobs   encode %8.0f ns   decode %8.0f ns   msgpack-cxx unpack to "
      "objects alone %8.0f ns\n",
      name, encoded.body.size(), blob_bytes, encode, decode, unpack);
}

std::vector<facts::Fact> some_facts(int count) {
  std::vector<facts::Fact> all;
  for (int i = 0; i < count; ++i) {
    const auto id = static_cast<std::uint64_t>(1000 + i);
    switch (i % 4) {
      case 0:
        all.push_back(facts::encode_value(
            {facts::FactKind::class_info, id},
            facts::ClassInfo{.name = "java/util/concurrent/ConcurrentHashMap", .super = {3}}));
        break;
      case 1:
        all.push_back(
            facts::encode_value({facts::FactKind::resolved_field, id, 17, 0xb4},
                                facts::ResolvedField{.holder = {id}, .offset = 24, .type = 'I'}));
        break;
      case 2:
        all.push_back(facts::encode_value(
            {facts::FactKind::method_info, id},
            facts::MethodInfo{
                .holder = {id},
                .name = "putVal",
                .descriptor = "(Ljava/lang/Object;Ljava/lang/Object;Z)Ljava/lang/Object;"}));
        break;
      default:
        all.push_back(facts::unknown_fact({facts::FactKind::resolved_method, id, 33, 0xb6}));
    }
  }
  return all;
}

code::CodeImage some_image() {
  code::CodeImage image;
  image.text.resize(3000, 0x90);
  image.rodata.resize(64);
  for (int i = 0; i < 20; ++i) {
    code::Frame frame{.method = {1}, .bci = i * 3, .locals = {}, .stack = {}};
    frame.locals.resize(8, {code::ValueKind::int_, code::ValuePlace::stack_slot, 16, 0});
    frame.stack.resize(2, {code::ValueKind::object, code::ValuePlace::stack_slot, 24, 0});
    image.sites.push_back({.offset = static_cast<std::uint32_t>(i * 100),
                           .size = 8,
                           .method = {9},
                           .frames = {frame},
                           .oops = {{24, 24}}});
  }
  return image;
}

}  // namespace

int main() {
  const Blob shape(Bytes(6500));  // bytes of an average class file of the JDK
  measure(
      "envelope",
      protocol::Envelope{.type = 12, .session = {5}, .correlation = {123456}, .deadline_ms = 2000});
  measure("fact_query, 40 keys", protocol::FactQuery{.request = {7},
                                                     .keys = std::vector<facts::FactKey>(
                                                         40, {facts::FactKind::class_info, 99})});
  measure(
      "fact_answer, 40 facts, 3 shapes",
      protocol::FactAnswer{.request = {7}, .facts = some_facts(40), .shapes = {3, {{}, shape}}});
  measure("compile_request, 4 facts",
          protocol::CompileRequest{.request = {7},
                                   .task = {.method = {3}, .trap_history = Bytes(30)},
                                   .hotness = 5000,
                                   .facts = some_facts(4),
                                   .shapes = {1, {{}, shape}},
                                   .method_name = "java/util/HashMap.put(Ljava/lang/Object;)V"});
  measure("code_image, 3 kB, 20 sites", some_image());
}
