// What does the next piece of these MessagePack bytes say? msgpack-cxx parses; we say what it may
// cost, and pull.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/wire/limits.h"

namespace jitfarm::wire {

/// Pulls values out of bytes that a stranger wrote. The constructor has the body parsed once, into
/// a flat list of tokens, and stops at the first byte that is wrong or too much; what is wrong is
/// reported when the values before it have been pulled, so that the error names the field.
///
/// Every function consumes one value and returns true, or notes the first error and returns false;
/// after that the reader must not be used but for take_error(). What it returns by view points into
/// `body`. Any encoding of a number that MessagePack allows is taken.
class Reader {
 public:
  /// `body` and `limits` outlive the reader.
  Reader(ByteView body, const Limits& limits);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool unsigned_integer(std::uint64_t& value, std::uint64_t max) {
    if (at_ != end_ && at_->kind == Kind::positive && at_->number <= max) [[likely]] {
      value = at_++->number;
      return true;
    }
    return no_integer("an unsigned integer", 0, max);
  }
  /// `min` is not positive, `max` not negative.
  bool signed_integer(std::int64_t& value, std::int64_t min, std::int64_t max);
  bool boolean(bool& value);
  bool string(std::string_view& value);
  bool binary(ByteView& value);
  /// True and consumed when the next value is nil; never an error.
  bool nil();
  /// Opens an array, whose `count` elements must be consumed next. They have one byte each at least
  /// in the body, and `element_bytes` of memory for each are in the budget.
  bool enter_array(std::uint32_t& count, std::size_t element_bytes);
  /// Consumes one value of any type: what a newer peer appended.
  bool skip();

  /// Bytes behind the outermost value. Meaningful when that is consumed.
  std::size_t bytes_left() const { return body_.size() - parsed_; }

  /// Notes an error found by the caller; false.
  bool fail(Errc code, std::string detail);
  /// The error's place, outwards: called innermost first on the way out.
  void prefix(std::string_view place) { path_.insert(0, place); }
  /// The error with `record` and its place before it.
  Error take_error(std::string_view record);

 private:
  enum class Kind : std::uint8_t {
    nil,
    boolean,
    positive,
    negative,
    floating,
    string,
    binary,
    extension,
    array,
    map
  };
  /// One value, or the head of an array or map.
  struct Token {
    Kind kind;
    std::uint32_t size;    ///< bytes of a string; elements of an array; pairs of a map
    std::uint64_t number;  ///< the value; position of a string's bytes in the body
  };
  class Visitor;

  static std::string_view type_name(Kind kind);
  /// Notes why there is no next token.
  bool no_token() { return fail(parse_error_.code, parse_error_.detail); }
  /// The next token, consumed; null, and the error is noted, when there is none or it is not a
  /// `kind`.
  const Token* take(Kind kind, std::string_view wanted);
  bool no_integer(std::string_view wanted, std::int64_t min, std::uint64_t max);

  ByteView body_;
  const Limits& limits_;
  std::vector<Token> tokens_;
  const Token* at_ = nullptr;
  const Token* end_ = nullptr;
  std::size_t parsed_ = 0;       ///< bytes of the body
  std::size_t memory_left_ = 0;  ///< of the budget, for decoded elements
  Error parse_error_{Errc::malformed_frame,
                     "nothing is left"};  ///< why there is no token after the last
  Error error_{Errc::malformed_frame, {}};
  std::string path_;
};

}  // namespace jitfarm::wire
