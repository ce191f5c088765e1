// Does the coordinator read what it needs of a request, and nothing else?
#include "coordinator/relay/peek.h"

#include <catch2/catch.hpp>

#include "common/protocol/messages.h"
#include "common/wire/codec.h"

namespace jitfarm::coordinator::relay {
namespace {

Bytes request(std::vector<facts::Fact> facts = {}) {
  protocol::CompileRequest request{.request = {77},
                                   .task = {.method = {5}, .trap_history = {1, 2}},
                                   .hotness = 1234,
                                   .method_name = "A.f()I"};
  request.shape.bytes[31] = 9;
  request.facts = std::move(facts);
  return wire::encode(request).body;
}

TEST_CASE("peek: number, hotness, name and shape come from the head of the request") {
  const Bytes body = request({facts::Fact{.key = {facts::FactKind::class_info, 1}}});
  const auto head = peek_compile_request(body);
  REQUIRE(head);
  CHECK(head->request == RequestId{77});
  CHECK(head->hotness == 1234);
  CHECK(head->method_name == "A.f()I");
  CHECK(head->shape.back() == 9);
}

TEST_CASE("peek: what stands behind the head is the worker's to check") {
  Bytes body = request();
  REQUIRE(body[body.size() - 1] == 0x90);                // no shapes
  REQUIRE(body[body.size() - 2] == 0x90);                // no facts
  body[body.size() - 1] = body[body.size() - 2] = 0xc1;  // begins no MessagePack value
  CHECK(peek_compile_request(body));
  const std::vector<facts::Fact> many(1000, facts::Fact{.key = {facts::FactKind::class_info, 1}});
  CHECK(peek_compile_request(request(many)));
  body[body.size() - 4 - 32] = 0xc1;  // the shape's head
  CHECK(peek_compile_request(body).error().code == Errc::malformed_frame);
}

TEST_CASE("peek: a request that ends within its head is refused") {
  const Bytes body = request();
  for (std::size_t bytes = 0; bytes < body.size() - 2; ++bytes)
    CHECK(peek_compile_request(ByteView(body).first(bytes)).error().code == Errc::malformed_frame);
}

}  // namespace
}  // namespace jitfarm::coordinator::relay
