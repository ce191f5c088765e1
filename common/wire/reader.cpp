#include "common/wire/reader.h"

#include <algorithm>
#include <exception>
#include <msgpack.hpp>

namespace jitfarm::wire {
namespace {

constexpr std::size_t kFirstTokens = 64;  // 1 KiB: most messages need no second allocation

}  // namespace

/// Makes tokens of what msgpack-cxx sees, and stops it (by returning false) at the first limit. It
/// calls start_array with the announced count before it spends anything on it; of a string it gives
/// a view when all its bytes are there. Its own memory is 8 bytes for each open array or map.
class Reader::Visitor : public msgpack::null_visitor {
 public:
  explicit Visitor(Reader& reader) : reader_(reader), limits_(reader.limits_) {}

  bool visit_nil() { return add(Kind::nil); }
  bool visit_boolean(bool v) { return add(Kind::boolean, 0, v); }
  bool visit_positive_integer(std::uint64_t v) { return add(Kind::positive, 0, v); }
  // Also called for a positive number in a signed encoding.
  bool visit_negative_integer(std::int64_t v) {
    return add(v < 0 ? Kind::negative : Kind::positive, 0, static_cast<std::uint64_t>(v));
  }
  bool visit_float32(float) { return add(Kind::floating); }
  bool visit_float64(double) { return add(Kind::floating); }
  bool visit_str(const char* v, std::uint32_t size) {
    return within(size, limits_.string_bytes, "string", "bytes") &&
           add_bytes(Kind::string, v, size);
  }
  bool visit_bin(const char* v, std::uint32_t size) {
    return within(size, limits_.binary_bytes, "byte string", "bytes") &&
           add_bytes(Kind::binary, v, size);
  }
  bool visit_ext(const char* v, std::uint32_t size) { return add_bytes(Kind::extension, v, size); }
  bool start_array(std::uint32_t count) {
    return open(Kind::array, "array", "elements", count, count);
  }
  bool start_map(std::uint32_t pairs) {
    return open(Kind::map, "map", "pairs", pairs, std::uint64_t{2} * pairs);
  }
  bool end_array() { return close(); }
  bool end_map() { return close(); }

  void parse_error(std::size_t, std::size_t at) {
    refuse(Errc::malformed_frame, "byte " + std::to_string(at) + " begins no MessagePack value");
  }
  void insufficient_bytes(std::size_t, std::size_t) {
    refuse(Errc::malformed_frame,
           "the body ends too early, after " + std::to_string(reader_.body_.size()) + " bytes");
  }

 private:
  bool refuse(Errc code, std::string detail) {
    reader_.parse_error_ = {code, std::move(detail)};
    return false;
  }

  bool within(std::size_t size, std::size_t limit, const char* what, const char* unit) {
    if (size <= limit) return true;
    return refuse(Errc::limit_exceeded, std::string(what) + " of " + std::to_string(size) + " " +
                                            unit + ", the limit is " + std::to_string(limit));
  }

  bool add(Kind kind, std::uint32_t size = 0, std::uint64_t number = 0) {
    if (reader_.tokens_.size() == reader_.tokens_.capacity() && !grow()) return false;
    reader_.tokens_.emplace_back(kind, size, number);
    --awaited_;
    ++consumed_;
    return true;
  }

  bool add_bytes(Kind kind, const char* bytes, std::uint32_t size) {
    consumed_ += size;
    // An empty string comes with any pointer.
    const char* const begin = reinterpret_cast<const char*>(reader_.body_.data());
    return add(kind, size, size == 0 ? 0 : static_cast<std::uint64_t>(bytes - begin));
  }

  bool open(Kind kind, const char* what, const char* unit, std::uint32_t count,
            std::uint64_t values) {
    if (!within(count, limits_.array_elements, what, unit)) return false;
    if (depth_ >= limits_.depth)
      return refuse(Errc::limit_exceeded, "nested deeper than " + std::to_string(limits_.depth));
    // Everything announced and not seen has one byte at least.
    if (consumed_ + awaited_ + values > reader_.body_.size())
      return refuse(Errc::malformed_frame, std::string(what) + " of " + std::to_string(count) +
                                               " " + unit + " in a body of " +
                                               std::to_string(reader_.body_.size()) + " bytes");
    if (!add(kind, count)) return false;
    awaited_ += values;
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  // Both generations of the list are in the budget while one is copied to the other.
  bool grow() {
    std::vector<Token>& tokens = reader_.tokens_;
    const std::size_t now = tokens.capacity();
    // No token without a byte.
    const std::size_t next = std::min(std::max(2 * now, kFirstTokens), reader_.body_.size());
    if ((now + next) * sizeof(Token) > limits_.memory_bytes)
      return refuse(Errc::limit_exceeded,
                    "decoding takes more than " + std::to_string(limits_.memory_bytes) + " bytes");
    tokens.reserve(next);
    return true;
  }

  Reader& reader_;
  const Limits& limits_;
  std::size_t depth_ = 0;
  std::uint64_t consumed_ = 0;  ///< bytes, at least: a value's header may be longer than one
  std::uint64_t awaited_ = 1;   ///< values that were announced and not seen yet
};

Reader::Reader(ByteView body, const Limits& limits) : body_(body), limits_(limits) {
  Visitor visitor(*this);
  try {
    msgpack::parse(reinterpret_cast<const char*>(body.data()), body.size(), parsed_, visitor);
  } catch (const std::exception& e) {  // no memory; with 64 bits the parser itself throws nothing
    parse_error_ = {Errc::limit_exceeded, e.what()};
  }
  at_ = tokens_.data();
  end_ = at_ + tokens_.size();
  memory_left_ = limits.memory_bytes - tokens_.capacity() * sizeof(Token);
}

std::string_view Reader::type_name(Kind kind) {
  switch (kind) {
    case Kind::nil:
      return "nil";
    case Kind::boolean:
      return "a boolean";
    case Kind::positive:
    case Kind::negative:
      return "an integer";
    case Kind::floating:
      return "a floating-point number";
    case Kind::string:
      return "a string";
    case Kind::binary:
      return "a byte string";
    case Kind::extension:
      return "an extension";
    case Kind::array:
      return "an array";
    case Kind::map:
      return "a map";
  }
  return "nothing";
}

bool Reader::fail(Errc code, std::string detail) {
  error_ = {code, std::move(detail)};
  return false;
}

Error Reader::take_error(std::string_view record) {
  path_.insert(0, record).append(": ");
  error_.detail.insert(0, path_);
  return std::move(error_);
}

const Reader::Token* Reader::take(Kind kind, std::string_view wanted) {
  if (at_ == end_) {
    no_token();
    return nullptr;
  }
  if (at_->kind != kind) {
    fail(Errc::malformed_frame,
         std::string(type_name(at_->kind)) + " where " + std::string(wanted) + " belongs");
    return nullptr;
  }
  return at_++;
}

bool Reader::no_integer(std::string_view wanted, std::int64_t min, std::uint64_t max) {
  if (at_ == end_) return no_token();
  if (at_->kind != Kind::positive && at_->kind != Kind::negative)
    return fail(Errc::malformed_frame,
                std::string(type_name(at_->kind)) + " where " + std::string(wanted) + " belongs");
  const std::string number = at_->kind == Kind::positive
                                 ? std::to_string(at_->number)
                                 : std::to_string(static_cast<std::int64_t>(at_->number));
  return fail(Errc::malformed_frame,
              number + " is outside " + std::to_string(min) + ".." + std::to_string(max));
}

bool Reader::signed_integer(std::int64_t& value, std::int64_t min, std::int64_t max) {
  if (at_ != end_) {
    const auto number = static_cast<std::int64_t>(at_->number);
    if ((at_->kind == Kind::positive && at_->number <= static_cast<std::uint64_t>(max)) ||
        (at_->kind == Kind::negative && number >= min)) {
      value = number;
      ++at_;
      return true;
    }
  }
  return no_integer("an integer", min, static_cast<std::uint64_t>(max));
}

bool Reader::boolean(bool& value) {
  const Token* token = take(Kind::boolean, "a boolean");
  if (token) value = token->number != 0;
  return token;
}

bool Reader::string(std::string_view& value) {
  const Token* token = take(Kind::string, "a string");
  if (token) value = as_chars(body_.subspan(token->number, token->size));
  return token;
}

bool Reader::binary(ByteView& value) {
  const Token* token = take(Kind::binary, "a byte string");
  if (token) value = body_.subspan(token->number, token->size);
  return token;
}

bool Reader::nil() {
  if (at_ == end_ || at_->kind != Kind::nil) return false;
  ++at_;
  return true;
}

bool Reader::enter_array(std::uint32_t& count, std::size_t element_bytes) {
  const Token* token = take(Kind::array, "an array");
  if (!token) return false;
  count = token->size;
  // No overflow: 32 bits times the size of a struct.
  const std::size_t memory = count * element_bytes;
  if (memory > memory_left_)
    return fail(Errc::limit_exceeded,
                "decoding takes more than " + std::to_string(limits_.memory_bytes) + " bytes");
  memory_left_ -= memory;
  return true;
}

bool Reader::skip() {
  for (std::uint64_t values = 1; values > 0; --values) {
    if (at_ == end_) return no_token();
    if (at_->kind == Kind::array) values += at_->size;
    if (at_->kind == Kind::map) values += std::uint64_t{2} * at_->size;
    ++at_;
  }
  return true;
}

}  // namespace jitfarm::wire
