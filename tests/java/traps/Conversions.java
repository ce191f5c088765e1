package traps;

import static traps.Trap.HOT;

/** Between the primitive types: saturation, truncation, sign and zero extension. */
final class Conversions {
  static int doubleToInt(double x) { return (int) x; }
  /** double to int saturates and makes NaN 0; the machine's instruction does neither. */
  static void doubleToInt(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, doubleToInt(i + 0.9));
    t.same(Integer.MAX_VALUE, doubleToInt(1e10));
    t.same(Integer.MIN_VALUE, doubleToInt(-1e10));
    t.same(0, doubleToInt(Double.NaN));
    t.same(Integer.MIN_VALUE, doubleToInt(-2147483648.9));
    t.same(-2147483647, doubleToInt(-2147483647.9));
  }

  static long doubleToLong(double x) { return (long) x; }
  /** double to long saturates. */
  static void doubleToLong(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(-i, doubleToLong(-i - 0.9));
    t.same(Long.MAX_VALUE, doubleToLong(9.3e18));
    t.same(Long.MIN_VALUE, doubleToLong(Double.NEGATIVE_INFINITY));
    t.same(0, doubleToLong(Double.NaN));
  }

  static long floatToBoth(float x) { return (int) x * 31L + (long) x; }
  /** float to int and to long saturate at different places. */
  static void floatToBoth(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 32L, floatToBoth(i));
    t.same(Integer.MAX_VALUE * 31L + 2147483648L, floatToBoth(2147483648f));
    t.same(0, floatToBoth(Float.NaN));
    t.same(Integer.MAX_VALUE * 31L + Long.MAX_VALUE, floatToBoth(Float.POSITIVE_INFINITY));
  }

  static int doubleToNarrow(double x) { return (byte) x * 3 + (short) x * 5 + (char) x * 7; }
  /** double to byte, short and char goes through int: saturated first, truncated then. */
  static void doubleToNarrow(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(doubleToNarrow(i * 1000.5));
    t.same(-3 - 5 + 65535 * 7, doubleToNarrow(1e20));
    t.same(0, doubleToNarrow(-1e20));
    t.same(44 * 3 + 300 * 5 + 300 * 7, doubleToNarrow(300.99));
  }

  static double longToDouble(long x) { return (double) x + (float) x; }
  /** long to double and to float rounds once. */
  static void longToDouble(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(2.0 * i, longToDouble(i));
    t.same((double) ((1L << 53) + 2) + (float) (1L << 53), longToDouble((1L << 53) + 2));
    t.add(longToDouble(Long.MAX_VALUE));
    t.add(longToDouble(0x7fffff4000000001L));
  }

  static float intToFloat(int x) { return x; }
  /** int to float rounds to even above 2^24. */
  static void intToFloat(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((float) i, intToFloat(i));
    t.same(16777216f, intToFloat(16777217));
    t.same(16777220f, intToFloat(16777219));
    t.same(2147483648f, intToFloat(Integer.MAX_VALUE));
  }

  static int intToNarrow(int x) { return (byte) x + (short) x * 3 + (char) x * 5 + (byte) (char) x * 7 + (char) (byte) x * 11 + (short) (char) x * 13; }
  /** Chains of narrowing conversions are not the last one alone. */
  static void intToNarrow(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(intToNarrow(i * 777777));
    t.same(-1 - 3 + 65535 * 5 - 7 + 65535 * 11 - 13, intToNarrow(-1));
    t.same(-128 + 128 * 3 + 128 * 5 - 128 * 7 + 65408 * 11 + 128 * 13, intToNarrow(128));
  }

  static long widened(byte b, short s, char c, int i) { return (long) b * 3 + (long) s * 5 + (long) c * 7 + (i & 0xffffffffL) * 11 + (long) i; }
  /** byte, short and int are sign-extended, char is not, and a mask extends with zeros. */
  static void widened(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(widened((byte) i, (short) (i * 300), (char) (i * 600), -i));
    t.same(-3 - 5 + 65535L * 7 + 0xffffffffL * 11 - 1, widened((byte) -1, (short) -1, (char) -1, -1));
  }

  static int longToInt(long x) { return (int) x + (int) (x >>> 32) * 3 + (short) (x >> 16); }
  /** The halves of a long. */
  static void longToInt(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(longToInt(i * 777777777777L));
    t.same(0x89abcdef + 0x01234567 * 3 + (short) 0x89ab, longToInt(0x0123456789abcdefL));
  }

  static int roundTrip(int x) { return (int) (double) x - (int) (long) x + (int) (float) x; }
  /** int through double is exact, through float it is not. */
  static void roundTrip(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, roundTrip(i));
    t.same(Integer.MAX_VALUE, roundTrip(Integer.MAX_VALUE));
    t.same(123456792, roundTrip(123456789));
  }

  static byte[] bytes = new byte[4];
  static short[] shorts = new short[4];
  static char[] chars = new char[4];
  static boolean[] booleans = new boolean[4];
  static int truncatedByStores(int x) { bytes[1] = (byte) x; shorts[1] = (short) x; chars[1] = (char) x; booleans[1] = (x & 1) != 0; return bytes[1] + shorts[1] * 3 + chars[1] * 5 + (booleans[1] ? 7 : 0); }
  /** A store into a narrow array truncates, and the load that follows sees the truncated value. */
  static void truncatedByStores(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(truncatedByStores(i * 777));
    t.same(-1 - 3 + 65535 * 5 + 7, truncatedByStores(-1));
    t.same(0, truncatedByStores(0x10000));
    t.same(0, bytes[0] + shorts[2] + chars[0] + (booleans[2] ? 1 : 0));
  }

  static int charArithmetic(char c) { return c - '0' >= 0 && c - '0' < 10 ? c - '0' : (char) (c + 65535) == c - 1 ? 100 : 200; }
  /** Arithmetic on chars is int arithmetic until it is cast. */
  static void charArithmetic(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(charArithmetic((char) i));
    t.same(9, charArithmetic('9'));
    t.same(200, charArithmetic((char) 0));
    t.same(100, charArithmetic((char) 1));
  }

  static boolean bool(int x) { return (x & 2) != 0; }
  static int booleansAsNumbers(int x) { boolean a = bool(x), b = bool(x >> 1); return (a & b ? 1 : 0) + (a | b ? 2 : 0) + (a ^ b ? 4 : 0) + (a == b ? 8 : 0) + (!a ? 16 : 0); }
  /** Logic of booleans that a call returned: only their lowest bit counts. */
  static void booleansAsNumbers(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(booleansAsNumbers(i));
    t.same(1 + 2 + 8, booleansAsNumbers(6));
    t.same(2 + 4, booleansAsNumbers(2));
    t.same(8 + 16, booleansAsNumbers(0));
  }

  static long inLoop(double[] a) { long s = 0; for (double x : a) s += (int) x + (long) (x * 1e10); return s; }
  /** A loop of saturating conversions, as a vectoriser likes it. */
  static void inLoop(Trap t) {
    double[] a = new double[37];
    for (int i = 0; i < HOT; i++) { a[i % 37] = i * 1.5e7 - 1e9; t.add(inLoop(a)); }
    a[5] = Double.NaN; a[6] = 1e300; a[7] = Double.NEGATIVE_INFINITY; a[36] = -0.0;
    t.add(inLoop(a));
  }

  static int boxed(Object o) { return o instanceof Integer ? (Integer) o : o instanceof Long ? (int) (long) (Long) o : o instanceof Character ? (Character) o : -1; }
  /** Unboxing by type: caches' ends, types not seen before. */
  static void boxed(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 100, boxed(i + 100));
    t.same(5, boxed((1L << 32) + 5));
    t.same('x', boxed('x'));
    t.same(-1, boxed("no"));
    t.same(-1, boxed((Object) null));
  }
}
