package traps;

import static traps.Trap.HOT;

/** Concatenation as call sites and as builders; encodings; the library's string kernels. */
final class Strings {
  static int calls;
  static final class Noisy { final String s; Noisy(String s) { this.s = s; } @Override public String toString() { calls++; return s; } }
  static String note(String s) { calls = calls * 10 + s.length(); return s; }

  static String kinds(int a, long b, char c, boolean d, byte e, short f, float g, double h, Object i, String j) { return "" + a + b + c + d + e + f + g + h + i + j + null + 'x' + 5L; }
  /** Every kind of operand. */
  static void kinds(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(kinds(i, -i, (char) ('a' + i % 26), i % 2 == 0, (byte) i, (short) i, i * 0.5f, i * 0.25, i, "s" + i));
    t.same("-2147483648-9223372036854775808ztrue-1-1-0.0NaNnullnullnullx5", kinds(Integer.MIN_VALUE, Long.MIN_VALUE, 'z', true, (byte) -1, (short) -1, -0.0f, Double.NaN, null, null));
  }

  static String onceEach(Object a, Object b) { return a + "-" + b + "-" + a; }
  /** toString is called once for each operand, in order; it may give null. */
  static void onceEach(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("a-b-a", onceEach("a", "b"));
    calls = 0;
    t.same("x-null-x", onceEach(new Noisy("x"), new Noisy(null)));
    t.same(3, calls);
  }

  static String order(String a) { return note(a) + note(a + "2") + note("333"); }
  /** Operands are evaluated from left to right. */
  static void order(Trap t) {
    for (int i = 0; i < HOT; i++) { calls = 0; t.same("aa2333", order("a")); t.same(123, calls); }
  }

  static String mixedEncodings(String a, char b, int n) { String s = a; for (int i = 0; i < n; i++) s += b; return s; }
  /** One wide character makes the string wide. */
  static void mixedEncodings(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("a" + "b".repeat(i % 9), mixedEncodings("a", 'b', i % 9));
    t.same("a\u1234\u1234", mixedEncodings("a", '\u1234', 2));
    t.same("\uffffa", mixedEncodings("\uffff", 'a', 1));
    t.same("\u00ff\u00ff", mixedEncodings("\u00ff", '\u00ff', 1));
  }

  static int comparisons(String a, String b) { return Integer.signum(a.compareTo(b)) + (a.equals(b) ? 10 : 0) + (a.startsWith(b) ? 100 : 0) + (a.endsWith(b) ? 1000 : 0) + (a.contains(b) ? 10000 : 0) + (a.equalsIgnoreCase(b) ? 100000 : 0); }
  /** Comparisons within and across encodings, with difference in the last character. */
  static void comparisons(Trap t) {
    String[] s = {"", "a", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyZ", "\u1234", "a\u1234", "abcdefghijklmnopqrstuvwxy\u1234", "z"};
    for (int i = 0; i < HOT; i++) t.add(comparisons(s[i % 8], s[i / 8 % 8]));
    t.same(100001, comparisons("z", "Z"));
    t.same(111110, comparisons(new String("abc"), "abc"));
    t.thrown(NullPointerException.class, () -> comparisons(null, "a"));
  }

  static int searches(String s, String x, char c, int from) { return s.indexOf(x) * 1000 + s.indexOf(c, from) * 100 + s.lastIndexOf(x) * 10 + s.lastIndexOf(c); }
  /** indexOf of characters and strings: at the ends, absent, empty, of the other encoding. */
  static void searches(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(searches("the quick brown fox jumps over the lazy dog", i % 2 == 0 ? "the" : "dog", (char) ('a' + i % 26), i % 50 - 3));
    t.same(-1111, searches("abc", "abcd", 'x', 0));
    t.same(0 + 200 + 30 + 2, searches("abc", "", 'c', -5));
    t.same(-1111, searches("abc", "\u1234", '\u1234', 0));
    t.add(searches("ab\u1234c\u1234", "\u1234", 'c', 1));
    t.add(searches("\ud83d\ude00x", "\ude00", '\ude00', 0));
  }

  static String substrings(String s, int from, int to) { return s.substring(from, to).trim() + s.substring(to) + s.replace('a', 'b').toUpperCase() + s.strip(); }
  /** substring, trim, replace and case; positions out of bounds. */
  static void substrings(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(substrings(" a banana ", i % 5, 5 + i % 5));
    t.same("ban" + "ana " + " B BBNBNB " + "a banana", substrings(" a banana ", 2, 6));
    t.same("\u1234\u1234\u1234", substrings("\u1234", 0, 0));
    for (int k : new int[] {-1, 4, Integer.MIN_VALUE}) t.thrown(StringIndexOutOfBoundsException.class, () -> substrings("abc", k, 3));
    t.thrown(StringIndexOutOfBoundsException.class, () -> substrings("abc", 2, 1));
  }

  static int hashes(String s) { return s.hashCode() * 31 + new String(s.toCharArray()).hashCode(); }
  /** Hash codes of both encodings; the string whose hash is 0. */
  static void hashes(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(hashes("hash" + i));
    t.same(0, hashes(""));
    t.same(0, hashes("\0\0"));
    t.same(0x1234 * 32, hashes("\u1234"));
  }

  static String builderChain(int n) { StringBuilder b = new StringBuilder(); for (int i = 0; i < n; i++) { b.append(i).append(','); if (i % 7 == 6) b.setLength(b.length() - 1); if (i % 5 == 4) b.insert(0, 'x').reverse(); } return b.toString(); }
  /** A builder that grows, shrinks, is reversed and becomes wide. */
  static void builderChain(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(builderChain(i % 40));
    t.same(",4,3,2,1,0x5,", builderChain(6));
  }

  static int parsed(String s, int radix) { try { return Integer.parseInt(s, radix); } catch (NumberFormatException e) { return -e.getMessage().length(); } }
  /** Numbers at the ends of the range, and what is none. */
  static void parsed(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, parsed("" + i, 10));
    t.same(Integer.MIN_VALUE, parsed("-2147483648", 10));
    t.same(Integer.MAX_VALUE, parsed("7fffffff", 16));
    for (String s : new String[] {"2147483648", "", "-", "+", "1x", "\u0664", null}) t.add(parsed(s, 10));
    t.same(4, parsed("\u0664", 10));
  }

  static int switchOnString(String s) { return switch (s) { case "a", "b" -> 1; case "FB", "Ea" -> 2; case "\u1234" -> 3; case "" -> 4; default -> s.length() * 10; }; }
  /** A switch whose strings share hashes, come in both encodings, or are empty. */
  static void switchOnString(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1, switchOnString("a"));
    t.same(2, switchOnString("FB"));
    t.same(2, switchOnString("Ea"));
    t.same(3, switchOnString("\u1234"));
    t.same(4, switchOnString(""));
    t.same(20, switchOnString("CA"));
  }

  static int encoded(String s) { byte[] b = s.getBytes(java.nio.charset.StandardCharsets.UTF_8); String back = new String(b, java.nio.charset.StandardCharsets.UTF_8); return b.length * 2 + (back.equals(s) ? 1 : 0) + new String(b, java.nio.charset.StandardCharsets.ISO_8859_1).length() * 1000; }
  /** Encoding and decoding, where loops of the library stop at the first wide character. */
  static void encoded(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 2 + 1 + i * 1000, encoded("x".repeat(i)));
    t.same(7 + 3000, encoded("\u1234"));
    t.same(9 + 4000, encoded("\ud83d\ude00"));
    t.same(33 * 2 + 3 * 2 + 1 + 36000, encoded("x".repeat(33) + "\u00e9" + "y"));
  }

  static boolean equalOrSame(Object a, Object b) { return a == b || a != null && a.equals(b); }
  /** equals by profile: strings first, then other classes, then null. */
  static void equalOrSame(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, equalOrSame("s" + i, "s" + i));
    t.same(true, equalOrSame(5, 5));
    t.same(false, equalOrSame(5, "5"));
    t.same(false, equalOrSame(null, "x"));
    t.same(true, equalOrSame(null, null));
  }
}
