// Which bytes do we write, which are accepted, which are errors, and what may an older or newer
// peer send?
#include "common/wire/codec.h"

#include <catch2/catch.hpp>

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
  std::optional<std::int16_t> ratio = 50;
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
  const Encoded sent = encode(New{5, "x", 150, {{9, Blob(Bytes{1})}, {10, Blob(Bytes{2})}}});
  const auto got = decode<Old>(sent.body, sent.blobs);
  REQUIRE(got);
  CHECK(got->number == 5);
  CHECK(got->text == "x");
}

TEST_CASE("codec: fields that an older sender does not know keep their defaults", "[wire]") {
  const auto got = decode<New>(encode(Old{5, "x"}).body);
  REQUIRE(got);
  CHECK(got->number == 5);
  CHECK(got->ratio == 50);
  CHECK(got->inners.empty());
  const auto empty = decode<New>(hex("90"));
  REQUIRE(empty);
  CHECK(empty->number == 1);
  CHECK(empty->text == "default");
}

/// A head, and `size` bytes behind it.
Bytes counted(std::string_view head, std::size_t size) {
  Bytes bytes = hex(head);
  bytes.insert(bytes.end(), size, 'a');
  return bytes;
}

template <class T>
Bytes body_of(T value) {
  return encode(One<T>{std::move(value)}).body;
}

// Digests of facts and the purity of compilations rest on these bytes, and a peer of another
// version reads them.
TEST_CASE("codec: every value has its one encoding, the shortest", "[wire]") {
  for (const auto& [value, bytes] : std::vector<std::pair<std::uint64_t, std::string_view>>{
           {0, "91 00"},
           {127, "91 7f"},
           {128, "91 cc80"},
           {255, "91 ccff"},
           {256, "91 cd0100"},
           {65'535, "91 cdffff"},
           {65'536, "91 ce00010000"},
           {UINT32_MAX, "91 ceffffffff"},
           {UINT32_MAX + 1ull, "91 cf0000000100000000"},
           {UINT64_MAX, "91 cfffffffffffffffff"}}) {
    INFO(value);
    CHECK(body_of<std::uint64_t>(value) == hex(bytes));
    if (value <= INT64_MAX)
      CHECK(body_of<std::int64_t>(static_cast<std::int64_t>(value)) == hex(bytes));
  }
  for (const auto& [value, bytes] : std::vector<std::pair<std::int64_t, std::string_view>>{
           {-1, "91 ff"},
           {-32, "91 e0"},
           {-33, "91 d0df"},
           {-128, "91 d080"},
           {-129, "91 d1ff7f"},
           {INT16_MIN, "91 d18000"},
           {INT16_MIN - 1, "91 d2ffff7fff"},
           {INT32_MIN, "91 d280000000"},
           {INT32_MIN - 1ll, "91 d3ffffffff7fffffff"},
           {INT64_MIN, "91 d38000000000000000"}}) {
    INFO(value);
    CHECK(body_of<std::int64_t>(value) == hex(bytes));
  }
  CHECK(body_of<bool>(false) == hex("91 c2"));
  CHECK(body_of<bool>(true) == hex("91 c3"));
  CHECK(body_of<Colour>(Colour::green) == hex("91 01"));
  CHECK(body_of<std::optional<int>>(std::nullopt) == hex("91 c0"));
  CHECK(body_of<std::optional<int>>(5) == hex("91 05"));
  CHECK(body_of<std::array<bool, 2>>({true, false}) == hex("91 92 c3c2"));
  CHECK(body_of<Digest>({}) == [] {
    Bytes bytes = hex("91 c420");
    bytes.resize(3 + 32);
    return bytes;
  }());
  for (const auto& [size, head] :
       std::vector<std::pair<std::size_t, std::string_view>>{{0, "91 a0"},
                                                             {31, "91 bf"},
                                                             {32, "91 d920"},
                                                             {255, "91 d9ff"},
                                                             {256, "91 da0100"},
                                                             {65'535, "91 daffff"},
                                                             {65'536, "91 db00010000"}})
    CHECK(body_of(std::string(size, 'a')) == counted(head, size));
  for (const auto& [size, head] :
       std::vector<std::pair<std::size_t, std::string_view>>{{0, "91 c400"},
                                                             {255, "91 c4ff"},
                                                             {256, "91 c50100"},
                                                             {65'535, "91 c5ffff"},
                                                             {65'536, "91 c600010000"}})
    CHECK(body_of(Bytes(size, 'a')) == counted(head, size));
  for (const auto& [size, head] :
       std::vector<std::pair<std::size_t, std::string_view>>{{0, "91 90"},
                                                             {15, "91 9f"},
                                                             {16, "91 dc0010"},
                                                             {65'535, "91 dcffff"},
                                                             {65'536, "91 dd00010000"}})
    CHECK(body_of(std::vector<int>(size, 'a')) == counted(head, size));
}

/// An old record with one value more for each type and width, and what each of them is.
Bytes with_every_type() {
  std::vector<Bytes> values;
  for (const char* number :
       {"c0", "c2", "c3", "7f", "e0", "cc80", "cd0100", "ce00010000", "cf0000000100000000", "d080",
        "d18000", "d280000000", "d38000000000000000", "ca3fc00000", "cb3ff8000000000000"})
    values.push_back(hex(number));
  for (const char* empty : {"a0", "d900", "da0000", "db00000000", "c400", "c50000", "c600000000",
                            "90", "dc0000", "dd00000000", "80", "de0000", "df00000000"})
    values.push_back(hex(empty));
  values.push_back(counted("ab", 11));
  values.push_back(counted("d964", 100));
  values.push_back(counted("da03e8", 1000));
  values.push_back(counted("db00011170", 70'000));
  values.push_back(counted("c464", 100));
  values.push_back(counted("c50100", 256));
  values.push_back(counted("c600010000", 65'536));
  values.push_back(counted("dc0064", 100));  // elements: fixints
  values.push_back(hex("82 01 920203 81c0c0 c3"));
  values.push_back(hex("de0001 01 de0001 02 df00000001 03 04"));
  for (const auto& [head, size] :
       std::vector<std::pair<const char*, std::size_t>>{{"d409", 1},
                                                        {"d509", 2},
                                                        {"d609", 4},
                                                        {"d709", 8},
                                                        {"d809", 16},
                                                        {"c70009", 0},
                                                        {"c70309", 3},
                                                        {"c8012c09", 300},
                                                        {"c9000000c809", 200}})
    values.push_back(counted(head, size));
  Bytes body = hex("dc0000 05 a178");
  body[2] = static_cast<std::uint8_t>(2 + values.size());
  for (const Bytes& v : values) body.insert(body.end(), v.begin(), v.end());
  return body;
}

TEST_CASE("codec: every MessagePack type can be skipped, and none when it is cut", "[wire]") {
  const Bytes body = with_every_type();
  const auto got = decode<Old>(body);
  INFO((got ? "" : got.error().message()));
  REQUIRE(got);
  CHECK(got->text == "x");
  for (std::size_t cut = 0; cut < body.size();
       cut += cut < 200 || cut + 2000 > body.size() ? 1 : 97)
    REQUIRE_FALSE(decode<Old>(ByteView(body).first(cut)));
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
  CHECK(error_of<std::int8_t>("91 cc80") == "one.value: 128 is outside -128..127");
  CHECK(error_of<std::int8_t>("91 d1ff7f") == "one.value: -129 is outside -128..127");
  CHECK(error_of<std::int64_t>("91 cfffffffffffffffff") ==
        "one.value: 18446744073709551615 is outside -9223372036854775808..9223372036854775807");
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
  CHECK(error_of<int>("91 ca00000000") ==
        "one.value: a floating-point number where an integer belongs");
  CHECK(error_of<std::vector<int>>("91 80") == "one.value: a map where an array belongs");
  CHECK(error_of<int>("91 d40000") == "one.value: an extension where an integer belongs");
  CHECK(error_of<std::vector<int>>("91 9201c0") == "one.value[1]: nil where an integer belongs");
  CHECK(error_of<int>("c0") == "one: nil where an array belongs");
  CHECK(error_of<Digest>("91 c40101") == "one.value: digest of 1 bytes");
  CHECK(error_of<std::array<int, 2>>("91 9101") == "one.value: array of 1 elements instead of 2");
}

TEST_CASE("codec: bytes left over or missing are errors, at the field where they are met",
          "[wire]") {
  CHECK(error_of<int>("91 01 00") == "one: 1 bytes are left over");
  CHECK(error_of<int>("91 01 c1c1") == "one: 2 bytes are left over");
  CHECK(error_of<int>("") == "one: the body ends too early, after 0 bytes");
  CHECK(error_of<int>("91") == "one: array of 1 elements in a body of 1 bytes");
  CHECK(error_of<std::array<int, 3>>("91 9301cd01") ==
        "one.value[1]: the body ends too early, after 5 bytes");
  CHECK(error_of<std::string>("91 d9ff61") == "one.value: the body ends too early, after 4 bytes");
  CHECK(error_of<int>("91 c1") == "one.value: byte 1 begins no MessagePack value");
  CHECK(error_of<int>("92 01 c1") == "one: byte 2 begins no MessagePack value");
  CHECK(error_of<std::vector<int>>("91 92a0c1") ==
        "one.value[0]: a string where an integer belongs");  // the first error
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
        "one.value: array of 1048575 elements in a body of 6 bytes");
  CHECK(error_of<std::string>("91 dbffffffff") ==
        "one.value: the body ends too early, after 6 bytes");
  CHECK(error_of<Bytes>("91 c6ffffffff") == "one.value: the body ends too early, after 6 bytes");
  CHECK(error_of<int>("ddffffffff") == "one: array of 4294967295 elements, the limit is 1048576");
  CHECK(error_of<int>("dfffffffff") == "one: map of 4294967295 pairs, the limit is 1048576");
  CHECK(error_of<int>("92 01 df000fffff") == "one: map of 1048575 pairs in a body of 7 bytes");
  CHECK(error_of<int>("92 01 c9ffffffff00") == "one: the body ends too early, after 8 bytes");
  // Each array claims what would fit were the others not there.
  CHECK(error_of<std::vector<std::vector<int>>>("91 93 9401 9101 9101") ==
        "one.value[0]: array of 4 elements in a body of 8 bytes");
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
  CHECK(error_of<std::vector<One<int>>>("91 9191 01", 0, {.depth = 3}).empty());
  CHECK(error_of<int>("92 01 9191 01", 0, {.depth = 2}) == "one: nested deeper than 2");
  CHECK(error_of<int>("92 01 9181c001", 0, {.depth = 2}) == "one: nested deeper than 2");
  CHECK(error_of<std::vector<int>>("91 9390 9090", 0, {.depth = 2}) ==
        "one.value[0]: nested deeper than 2");
  CHECK(error_of<int>("91 01", 0, {.body_bytes = 1}) == "one: 2 bytes of body, the limit is 1");
  CHECK(error_of<std::vector<Blob>>("91 920001", 2, {.blobs = 1}) ==
        "one: 2 blobs, the limit is 1");
  CHECK(error_of<std::vector<Blob>>("91 920001", 2, {.blob_bytes = 1}) ==
        "one: 2 bytes of blobs, the limit is 1");
}

TEST_CASE("codec: tokens and decoded elements share one budget", "[wire]") {
  // 4 tokens of 16 bytes; then 2 digests of 32.
  CHECK(error_of<std::vector<Digest>>("91 92c0c0", 0, {.memory_bytes = 63}) ==
        "one: decoding takes more than 63 bytes");
  CHECK(error_of<std::vector<Digest>>("91 92c0c0", 0, {.memory_bytes = 127}) ==
        "one.value: decoding takes more than 127 bytes");
  CHECK(error_of<std::vector<Digest>>("91 92c0c0", 0, {.memory_bytes = 128}) ==
        "one.value[0]: nil where a byte string belongs");
  // One byte of body for 16 of tokens: a body of the largest size is refused at a fraction of it.
  Bytes body = hex("dc0010");
  for (int i = 0; i < 16; ++i) {
    const Bytes part = counted("dd000fffef", 0xfffef);
    body.insert(body.end(), part.begin(), part.end());
  }
  REQUIRE(body.size() <= Limits{}.body_bytes);
  const auto refused = decode<One<int>>(body);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code ==
        Errc::malformed_frame);  // an array where an integer belongs: met first
  Reader reader(body, Limits{});
  CHECK_FALSE(reader.skip());
  CHECK(reader.take_error("body").detail == "body: decoding takes more than 67108864 bytes");
}

TEST_CASE("codec: 100,000 nested arrays neither crash nor decode", "[wire]") {
  Bytes deep(100'000, 0x91);
  deep.push_back(1);
  Bytes surplus = hex("92 01");
  surplus.insert(surplus.end(), deep.begin(), deep.end());
  CHECK(decode<One<int>>(surplus).error().code == Errc::limit_exceeded);
  CHECK(decode<One<int>>(deep).error().code == Errc::malformed_frame);
  Bytes maps(100'000, 0x81);
  CHECK(decode<One<int>>(maps).error().code == Errc::malformed_frame);
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
