// Which encodings are accepted, which are errors, and what may an older or newer peer send?
#include "common/wire/codec.h"

#include <catch2/catch.hpp>
#include <msgpack.hpp>

#include "common/facts/fact_codec.h"

namespace jitfarm::wire {
namespace {

enum class Colour : std::uint8_t { red, green, kCount };

struct Inner {
  std::uint8_t small = 7;
  Blob blob;
  static constexpr auto kRecord =
      record("inner", "", field("small", &Inner::small, ""), field("blob", &Inner::blob, ""));
};
struct Old {
  std::int32_t number = 1;
  std::string text = "default";
  static constexpr auto kRecord =
      record("sample", "", field("number", &Old::number, ""), field("text", &Old::text, ""));
};
struct New {
  std::int32_t number = 1;
  std::string text = "default";
  std::optional<double> ratio = 0.5;
  std::vector<Inner> inners;
  static constexpr auto kRecord =
      record("sample", "", field("number", &New::number, ""), field("text", &New::text, ""),
             field("ratio", &New::ratio, ""), field("inners", &New::inners, ""));
};
template <class T>
struct One {
  T value{};
  static constexpr auto kRecord = record("one", "", field("value", &One::value, ""));
};

Bytes hex(std::string_view digits) {
  Bytes out;
  int nibbles = 0, value = 0;
  for (char c : digits) {
    if (c == ' ') continue;
    value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    if (++nibbles % 2 == 0) {
      out.push_back(static_cast<std::uint8_t>(value));
      value = 0;
    }
  }
  return out;
}

/// The error's text when `bytes` are decoded as a One<T>; empty when they decode.
template <class T>
std::string error_of(std::string_view digits, std::size_t blobs = 0, const Limits& limits = {}) {
  const std::vector<Blob> frames(blobs, Blob(Bytes{1}));
  const auto decoded = decode<One<T>>(hex(digits), frames, limits);
  return decoded ? "" : decoded.error().detail;
}

TEST_CASE("codec: a newer sender's fields are skipped, with their blobs", "[wire]") {
  const Encoded sent = encode(New{5, "x", 1.5, {{9, Blob(Bytes{1})}, {10, Blob(Bytes{2})}}});
  const auto got = decode<Old>(sent.body, sent.blobs);
  REQUIRE(got);
  CHECK(got->number == 5);
  CHECK(got->text == "x");
}

TEST_CASE("codec: fields that an older sender does not know keep their defaults", "[wire]") {
  const auto got = decode<New>(encode(Old{5, "x"}).body);
  REQUIRE(got);
  CHECK(got->number == 5);
  CHECK(got->ratio == 0.5);
  CHECK(got->inners.empty());
  const auto empty = decode<New>(hex("90"));
  REQUIRE(empty);
  CHECK(empty->number == 1);
  CHECK(empty->text == "default");
}

TEST_CASE("codec: every MessagePack type can be skipped", "[wire]") {
  msgpack::sbuffer buffer;
  msgpack::packer<msgpack::sbuffer> pack(buffer);
  pack.pack_array(2 + 24);
  pack.pack(5).pack("x");
  pack.pack_nil()
      .pack_true()
      .pack_false()
      .pack(1.5f)
      .pack(1.5)
      .pack(-1)
      .pack(-100)
      .pack(-1000)
      .pack(-100'000)
      .pack(INT64_MIN);
  pack.pack(100).pack(200).pack(1000).pack(100'000).pack(UINT64_MAX);
  pack.pack(std::string(10, 'a'))
      .pack(std::string(100, 'a'))
      .pack(std::string(1000, 'a'))
      .pack(std::string(70'000, 'a'));
  pack.pack(std::vector<char>(300, 'b'));
  pack.pack(std::map<int, std::vector<int>>{{1, {2, 3}}, {4, {5}}});
  pack.pack_ext(4, 9).pack_ext_body("abcd", 4);
  pack.pack_ext(300, 9).pack_ext_body(std::string(300, 'c').data(), 300);
  pack.pack(std::vector<int>(100, 7));
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(buffer.data()), buffer.size());
  const auto got = decode<Old>(bytes);
  INFO((got ? "" : got.error().message()));
  REQUIRE(got);
  CHECK(got->text == "x");
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) REQUIRE_FALSE(decode<Old>(bytes.first(cut)));
}

TEST_CASE("codec: any width of a number is taken, as long as the value fits", "[wire]") {
  for (const char* five :
       {"91 05", "91 cc05", "91 cd0005", "91 ce00000005", "91 cf0000000000000005", "91 d005",
        "91 d10005", "91 d200000005", "91 d30000000000000005"}) {
    INFO(five);
    CHECK(decode<One<std::uint8_t>>(hex(five))->value == 5);
    CHECK(decode<One<std::int64_t>>(hex(five))->value == 5);
  }
  for (const char* minus_five :
       {"91 fb", "91 d0fb", "91 d1fffb", "91 d2fffffffb", "91 d3fffffffffffffffb"}) {
    INFO(minus_five);
    CHECK(decode<One<std::int16_t>>(hex(minus_five))->value == -5);
    CHECK(error_of<std::uint32_t>(minus_five) == "one.value: -5 is outside 0..4294967295");
  }
  CHECK(decode<One<std::uint64_t>>(hex("91 cfffffffffffffffff"))->value == UINT64_MAX);
  CHECK(decode<One<std::int64_t>>(hex("91 d38000000000000000"))->value == INT64_MIN);
}

TEST_CASE("codec: a number out of range is an error that names field and range", "[wire]") {
  CHECK(error_of<std::uint8_t>("91 cd0100") == "one.value: 256 is outside 0..255");
  CHECK(error_of<std::int8_t>("91 cc80") == "one.value: 128 is outside 0..127");
  CHECK(error_of<std::int8_t>("91 d1ff7f") == "one.value: -129 is outside -128..127");
  CHECK(error_of<std::int64_t>("91 cfffffffffffffffff") ==
        "one.value: 18446744073709551615 is outside 0..9223372036854775807");
  CHECK(error_of<Colour>("91 02") == "one.value: 2 names nothing in this enumeration");
  CHECK(error_of<facts::FactKind>("91 00") == "one.value: 0 names nothing in this enumeration");
  CHECK(error_of<facts::FactKind>("91 01").empty());
}

TEST_CASE("codec: a wrong type is an error that names both", "[wire]") {
  CHECK(error_of<std::uint8_t>("91 a161") ==
        "one.value: a string where an unsigned integer belongs");
  CHECK(error_of<std::string>("91 c40161") == "one.value: a byte string where a string belongs");
  CHECK(error_of<Bytes>("91 a161") == "one.value: a string where a byte string belongs");
  CHECK(error_of<bool>("91 01") == "one.value: an integer where a boolean belongs");
  CHECK(error_of<double>("91 ca00000000") ==
        "one.value: a floating-point number where a 64-bit float belongs");
  CHECK(error_of<std::vector<int>>("91 80") == "one.value: a map where an array belongs");
  CHECK(error_of<std::vector<int>>("91 9201c0") == "one.value[1]: nil where an integer belongs");
  CHECK(error_of<int>("c0") == "one: nil where an array belongs");
  CHECK(error_of<int>("91 c1") ==
        "one.value: an extension or reserved type where an integer belongs");
  CHECK(error_of<Digest>("91 c40101") == "one.value: digest of 1 bytes");
  CHECK(error_of<std::array<int, 2>>("91 9101") == "one.value: array of 1 elements instead of 2");
}

TEST_CASE("codec: bytes left over or missing are errors", "[wire]") {
  CHECK(error_of<int>("91 01 00") == "one: 1 bytes are left over");
  CHECK(error_of<int>("") == "one: needs 1 bytes, 0 are left");
  CHECK(error_of<int>("91") == "one: needs 1 bytes, 0 are left");
  CHECK(error_of<std::string>("91 d9ff61") == "one.value: needs 255 bytes, 1 are left");
  CHECK(error_of<int>("92 01 c1") == "one: the byte 0xc1, which MessagePack never uses");
}

TEST_CASE("codec: blobs are used once, in order, all of them", "[wire]") {
  CHECK(error_of<Blob>("91 00", 1).empty());
  CHECK(error_of<Blob>("91 00", 0) == "one.value: blob 0 of a message with 0");
  CHECK(error_of<Blob>("91 00", 2) == "one: 1 blobs are not used");
  CHECK(error_of<Blob>("91 01", 2) == "one.value: blob 0 is not used");
  CHECK(error_of<std::vector<Blob>>("91 920000", 2) ==
        "one.value[1]: blob 0 is used twice or out of order");
  CHECK(error_of<std::vector<Blob>>("91 920100", 2) == "one.value[0]: blob 0 is not used");
  CHECK(error_of<Blob>("91 cf ffffffffffffffff", 1) ==
        "one.value: 18446744073709551615 is outside 0..4294967295");
  CHECK(error_of<int>("91 01", 1) == "one: 1 blobs are not used");
}

TEST_CASE("codec: an announced size costs nothing before it is checked", "[wire]") {
  CHECK(error_of<std::vector<int>>("91 ddffffffff") ==
        "one.value: array of 4294967295 elements, the limit is 1048576");
  CHECK(error_of<std::vector<int>>("91 dd000fffff") ==
        "one.value: needs 1048575 bytes, 0 are left");
  CHECK(error_of<std::string>("91 dbffffffff") ==
        "one.value: string of 4294967295 bytes, the limit is 1048576");
  CHECK(error_of<Bytes>("91 c6ffffffff") ==
        "one.value: byte string of 4294967295 bytes, the limit is 16777216");
  CHECK(error_of<int>("dfffffffff") == "one: a map where an array belongs");
  CHECK(error_of<int>("92 01 dfffffffff") == "one: needs 8589934590 bytes, 0 are left");
  CHECK(error_of<int>("92 01 c9ffffffff00") == "one: needs 4294967301 bytes, 6 are left");
}

TEST_CASE("codec: each limit holds", "[wire]") {
  CHECK(error_of<std::vector<int>>("91 93010203", 0, {.array_elements = 2}) ==
        "one.value: array of 3 elements, the limit is 2");
  CHECK(error_of<std::string>("91 a3616161", 0, {.string_bytes = 2}) ==
        "one.value: string of 3 bytes, the limit is 2");
  CHECK(error_of<Bytes>("91 c403616161", 0, {.binary_bytes = 2}) ==
        "one.value: byte string of 3 bytes, the limit is 2");
  CHECK(error_of<std::vector<One<int>>>("91 9191 01", 0, {.depth = 2}) ==
        "one.value[0]: nested deeper than 2");
  CHECK(error_of<int>("92 01 9191 01", 0, {.depth = 2}) == "one: nested deeper than 2");
  CHECK(error_of<std::vector<Digest>>("91 92c0c0", 0, {.memory_bytes = 63}) ==
        "one.value: decoded arrays take more than 63 bytes");
  CHECK(error_of<int>("91 01", 0, {.body_bytes = 1}) == "one: 2 bytes of body, the limit is 1");
  CHECK(error_of<std::vector<Blob>>("91 920001", 2, {.blobs = 1}) ==
        "one: 2 blobs, the limit is 1");
  CHECK(error_of<std::vector<Blob>>("91 920001", 2, {.blob_bytes = 1}) ==
        "one: 2 bytes of blobs, the limit is 1");
}

TEST_CASE("codec: 100,000 nested arrays neither crash nor decode", "[wire]") {
  Bytes deep(100'000, 0x91);
  deep.push_back(1);
  Bytes surplus = hex("92 01");
  surplus.insert(surplus.end(), deep.begin(), deep.end());
  CHECK(decode<One<int>>(surplus).error().code == Errc::limit_exceeded);
  CHECK(decode<One<int>>(deep).error().code == Errc::malformed_frame);
}

TEST_CASE("codec: floats keep every bit", "[wire]") {
  for (const std::uint64_t bits :
       {0x8000000000000000ull, 0x7ff8000000000001ull, 0xfff0000000000000ull, 1ull}) {
    const One<double> value{std::bit_cast<double>(bits)};
    CHECK(std::bit_cast<std::uint64_t>(decode<One<double>>(encode(value).body)->value) == bits);
  }
  const One<float> quiet{std::bit_cast<float>(0xffc01234u)};
  CHECK(std::bit_cast<std::uint32_t>(decode<One<float>>(encode(quiet).body)->value) == 0xffc01234u);
}

}  // namespace
}  // namespace jitfarm::wire

namespace jitfarm::facts {
namespace {

TEST_CASE("fact codec: a value comes back from its fact", "[facts]") {
  const FactKey key{FactKind::resolved_field, 12, 34, 0xb4};
  const Fact fact = encode_value(
      key, ResolvedField{.holder = {12}, .offset = 16, .type = 'J', .is_volatile = true});
  CHECK(fact.known);
  CHECK(fact.key == key);
  const auto value = decode_value<ResolvedField>(fact);
  REQUIRE(value);
  CHECK(*value == ResolvedField{.holder = {12}, .offset = 16, .type = 'J', .is_volatile = true});
}

TEST_CASE("fact codec: an unknown fact, another kind and garbage are told apart", "[facts]") {
  const FactKey key{FactKind::class_state, 12};
  CHECK(decode_value<ClassState>(unknown_fact(key)).error().code == Errc::facts_missing);
  CHECK(decode_value<ClassInfo>(unknown_fact(key)).error().code == Errc::facts_inconsistent);
  CHECK(decode_value<ClassState>(Fact{key, true, {0xc1}}).error().code == Errc::malformed_frame);
}

TEST_CASE("facts: every kind has a name, and numbers without a kind are invalid", "[facts]") {
  int kinds = 0;
  for (int i = 0; i < 256; ++i) {
    const auto kind = static_cast<FactKind>(i);
    CHECK(is_valid(kind) == (name(kind) != "unknown"));
    kinds += is_valid(kind);
  }
  CHECK(kinds >= 10);
  CHECK_FALSE(is_valid(FactKind{}));
}

}  // namespace
}  // namespace jitfarm::facts
