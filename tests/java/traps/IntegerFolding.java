package traps;

import static traps.Trap.HOT;

/** Arithmetic that overflows, and the algebra that is not true of it. */
final class IntegerFolding {
  static boolean successorIsGreater(int x) { return x + 1 > x; }
  /** x + 1 > x is false for the greatest int; it must not be folded to true. */
  static void successorIsGreater(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, successorIsGreater(i * 1000));
    t.same(false, successorIsGreater(Integer.MAX_VALUE));
    t.same(true, successorIsGreater(-1));
  }

  static boolean differenceDecidesOrder(int a, int b) { return a - b < 0; }
  /** a - b < 0 is not a < b when the difference overflows. */
  static void differenceDecidesOrder(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(differenceDecidesOrder(i, 60));
    t.same(false, differenceDecidesOrder(Integer.MIN_VALUE, 1));
    t.same(true, differenceDecidesOrder(Integer.MAX_VALUE, -1));
  }

  static int doubledAndHalved(int x) { return x * 2 / 2; }
  /** x * 2 / 2 is not x when the product overflows. */
  static void doubledAndHalved(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, doubledAndHalved(i));
    t.same(0, doubledAndHalved(Integer.MIN_VALUE));
    t.same(-1, doubledAndHalved(Integer.MAX_VALUE));
  }

  static int smallestByMinusOne(int a, int b) { return a / b; }
  /** The smallest int divided by -1 is itself; the machine's division faults. */
  static void smallestByMinusOne(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(smallestByMinusOne(i * 7, i));
    t.same(Integer.MIN_VALUE, smallestByMinusOne(Integer.MIN_VALUE, -1));
    t.same(-5, smallestByMinusOne(5, -1));
  }

  static long smallestLongByMinusOne(long a, long b) { return a / b + a % b; }
  /** The smallest long divided by -1, and its remainder. */
  static void smallestLongByMinusOne(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(smallestLongByMinusOne(i * 7777777777L, i));
    t.same(Long.MIN_VALUE, smallestLongByMinusOne(Long.MIN_VALUE, -1));
    t.same(-5, smallestLongByMinusOne(5, -1));
  }

  static int remainderOfSmallest(int a, int b) { return a % b; }
  /** The remainder of the smallest int by -1 is 0, and has the sign of the dividend elsewhere. */
  static void remainderOfSmallest(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(remainderOfSmallest(-i * 7, i + 3));
    t.same(0, remainderOfSmallest(Integer.MIN_VALUE, -1));
    t.same(-1, remainderOfSmallest(-7, 3));
    t.same(1, remainderOfSmallest(7, -3));
  }

  static int divisorBecomesZero(int a, int b) { int q = a / b; return q * 2 + a % b; }
  /** The divisor was never 0 while the code was made; then it is. */
  static void divisorBecomesZero(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(divisorBecomesZero(1000, i));
    t.thrown(ArithmeticException.class, () -> divisorBecomesZero(1, 0));
    for (int i = 1; i < HOT; i++) t.add(divisorBecomesZero(i, 7));
    t.thrown(ArithmeticException.class, () -> divisorBecomesZero(1, 0));
  }

  static int unusedDivision(int a, int b) { int unused = a / b; return a; }
  /** A quotient nobody needs still throws. */
  static void unusedDivision(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(unusedDivision(i, i));
    t.thrown(ArithmeticException.class, () -> unusedDivision(3, 0));
  }

  static int divisionBehindCheck(int a, int b, boolean go) { return go ? a / b : -1; }
  /** A division must not be hoisted above the test that guards it. */
  static void divisionBehindCheck(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(divisionBehindCheck(i, 3, true));
    t.same(-1, divisionBehindCheck(1, 0, false));
    t.thrown(ArithmeticException.class, () -> divisionBehindCheck(1, 0, true));
  }

  static int divisionInLoopNeverRun(int a, int b, int n) { int s = 0; for (int i = 0; i < n; i++) s += a / b; return s; }
  /** A loop-invariant division must not be hoisted out of a loop that does not run. */
  static void divisionInLoopNeverRun(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(divisionInLoopNeverRun(100, i, 3));
    t.same(0, divisionInLoopNeverRun(1, 0, 0));
    t.thrown(ArithmeticException.class, () -> divisionInLoopNeverRun(1, 0, 1));
  }

  static int byPowersOfTwo(int x) { return x / 2 + x / 4 * 3 + x / 1024 * 5 + x / Integer.MIN_VALUE * 7 + x % 8 * 11 + x % 1024; }
  /** Division by powers of two rounds towards zero, a shift does not. */
  static void byPowersOfTwo(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(byPowersOfTwo(i * 37 - 2000));
    for (int x : new int[] {-1, -2, -3, -4, -5, -7, -8, -1023, -1024, -1025, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, Integer.MAX_VALUE}) t.add(byPowersOfTwo(x));
    t.same(-1024 / 1024 * 5 - 512 + -256 * 3, byPowersOfTwo(-1024));
  }

  static long byConstants(int x, long y) { return x / 3 + x / 7 * 31L + x / -10 * 37L + y / 1000000007L + y / -7 * 3 + x % 641 + y % 97; }
  /** Division by constants becomes a multiplication that must be right at the ends of the range. */
  static void byConstants(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(byConstants(i * 37777777, i * 377777777777L));
    for (int x : new int[] {0, -1, 1, Integer.MIN_VALUE, Integer.MAX_VALUE, -641, 640}) t.add(byConstants(x, x * 4294967297L) + byConstants(x, Long.MIN_VALUE) + byConstants(x, Long.MAX_VALUE));
    t.same(0, byConstants(2, 0) - 2);
  }

  static int shiftsByMoreThanWidth(int x, int n) { return (x << n) ^ (x >> n + 1) ^ (x >>> n + 2); }
  /** Shift distances count modulo 32, also those that are constant after inlining. */
  static void shiftsByMoreThanWidth(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(shiftsByMoreThanWidth(i * 77777777, i));
    t.same((5 << 1) ^ (5 >> 2) ^ (5 >>> 3), shiftsByMoreThanWidth(5, 33));
    t.same((-5 << 31) ^ (-5) ^ (-5 >>> 1), shiftsByMoreThanWidth(-5, -1));
  }

  static long longShiftsByMoreThanWidth(long x, int n) { return (x << n) ^ (x >> n + 1) ^ (x >>> n + 2); }
  /** Shift distances of longs count modulo 64. */
  static void longShiftsByMoreThanWidth(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(longShiftsByMoreThanWidth(i * 77777777777L, i));
    t.same((5L << 1) ^ (5L >> 2) ^ (5L >>> 3), longShiftsByMoreThanWidth(5, 65));
    t.same((-5L << 63) ^ -5L ^ (-5L >>> 1), longShiftsByMoreThanWidth(-5, -1));
  }

  static int shiftPairs(int x) { return (x << 24 >> 24) + (x << 24 >>> 24) * 3 + (x << 16 >> 20) * 5 + ((x & 0xff00) >> 8) * 7 + (x >> 31 >>> 31); }
  /** Pairs of shifts become extensions or masks, with the right sign. */
  static void shiftPairs(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(shiftPairs(i * 7777));
    t.same(-1 + 255 * 3 + -1 * 5 + 255 * 7 + 1, shiftPairs(-1));
  }

  static int negationOfSmallest(int x) { return Math.abs(x) + (-x < 0 ? 1 : 0); }
  /** The absolute value of the smallest int is negative. */
  static void negationOfSmallest(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(negationOfSmallest(i - 60));
    t.same(Integer.MIN_VALUE + 1, negationOfSmallest(Integer.MIN_VALUE));
  }

  static int narrowStores(int x) { byte b = (byte) x; b += 100; short s = (short) x; s *= 3; char c = (char) x; c -= 5; b++; s--; return b * 31 * 31 + s * 31 + c; }
  /** Compound assignment to byte, short and char wraps in their own width. */
  static void narrowStores(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(narrowStores(i * 777));
    t.same((byte) (127 + 101) * 31 * 31 + (short) (127 * 3 - 1) * 31 + 122, narrowStores(127));
    t.same((byte) 101 * 961 - 31 + 65531, narrowStores(0));
  }

  static int commonFactor(int a, int b, int c) { return a * b + a * c; }
  /** a*b + a*c = a*(b+c) holds modulo 2^32, and must not be assumed to be without overflow. */
  static void commonFactor(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * (i + 3), commonFactor(i, 1, i + 2));
    t.same(Integer.MIN_VALUE, commonFactor(1 << 16, 1 << 14, 1 << 14));
    t.same(1, commonFactor(Integer.MAX_VALUE, Integer.MAX_VALUE, 0));
  }

  static int comparesAfterAdd(int x) { if (x + 10 < 0) return 1; if (x + 10 < 10) return 2; return x < 0 ? 3 : 4; }
  /** x + c < d is not x < d - c. */
  static void comparesAfterAdd(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(comparesAfterAdd(i));
    t.same(1, comparesAfterAdd(Integer.MAX_VALUE));
    t.same(1, comparesAfterAdd(-20));
    t.same(2, comparesAfterAdd(-10));
  }

  static boolean unsignedIdiom(int i, int n) { return Integer.compareUnsigned(i, n) < 0 && i + Integer.MIN_VALUE < n + Integer.MIN_VALUE; }
  /** Both idioms of unsigned comparison agree for negative numbers. */
  static void unsignedIdiom(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(unsignedIdiom(i, 50));
    t.same(true, unsignedIdiom(1, -1));
    t.same(false, unsignedIdiom(-1, 1));
  }

  static long unsignedDivision(int a, int b, long c, long d) { return Integer.divideUnsigned(a, b) * 31L + Integer.remainderUnsigned(a, b) + Long.divideUnsigned(c, d) * 3 + Long.remainderUnsigned(c, d); }
  /** Unsigned quotients of negative numbers, and by zero. */
  static void unsignedDivision(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(unsignedDivision(-i, i, -i, i * 3L));
    t.same(2147483647L * 31 + 1 + Long.MAX_VALUE * 3 + 1, unsignedDivision(-1, 2, -1L, 2L));
    t.thrown(ArithmeticException.class, () -> unsignedDivision(1, 0, 1, 1));
    t.thrown(ArithmeticException.class, () -> unsignedDivision(1, 1, 1, 0));
  }

  static int exactAdd(int a, int b) { try { return Math.addExact(a, b); } catch (ArithmeticException e) { return -7; } }
  /** addExact overflows for the first time in compiled code. */
  static void exactAdd(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 5, exactAdd(i, 5));
    t.same(-7, exactAdd(Integer.MAX_VALUE, 1));
    t.same(-7, exactAdd(Integer.MIN_VALUE, -1));
    for (int i = 0; i < HOT; i++) t.same(-7, exactAdd(Integer.MAX_VALUE, 1 + i));
  }

  static long exactMultiply(long a, long b) { return Math.multiplyExact(a, b) + Math.subtractExact(a, b) + Math.negateExact(a) + Math.incrementExact(b); }
  /** multiplyExact and its like: the last product that fits, and the first that does not. */
  static void exactMultiply(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(exactMultiply(i, i * 3L));
    t.thrown(ArithmeticException.class, () -> exactMultiply(1L << 32, 1L << 31));
    t.thrown(ArithmeticException.class, () -> exactMultiply(Long.MIN_VALUE, -1));
    t.thrown(ArithmeticException.class, () -> exactMultiply(Long.MIN_VALUE, 0));
    t.add(exactMultiply(1L << 31, 1L << 31));
  }

  static int exactInLoop(int start, int n) { int s = start; for (int i = 0; i < n; i++) s = Math.addExact(s, Math.multiplyExact(i, 3)); return s; }
  /** An exact sum overflows in the middle of a loop, with the loop's state live. */
  static void exactInLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(exactInLoop(i, 20));
    t.thrown(ArithmeticException.class, () -> exactInLoop(Integer.MAX_VALUE - 100, 20));
    t.thrown(ArithmeticException.class, () -> exactInLoop(0, 1 << 20));
  }

  static int roundUp(int x, int a) { return (x + a - 1) & -a; }
  /** Alignment arithmetic wraps at the top. */
  static void roundUp(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(roundUp(i, 16));
    t.same(Integer.MIN_VALUE, roundUp(Integer.MAX_VALUE, 16));
    t.same(0, roundUp(-1, 16));
  }

  static int associativity(int a, int b) { return (a + 0x7fffffff) + (b + 0x7fffffff) - (a ^ b ^ a) + ~(a + 1) + (a | ~a); }
  /** Constants are gathered modulo 2^32, and x|~x is -1. */
  static void associativity(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(associativity(i, -i * 7));
    t.same(-2 + ~1 - 1, associativity(0, 0));
  }

  static int minMaxChains(int x) { return Math.min(Math.max(x, -128), 127) + Math.max(Math.min(x, 10), 20) * 1000 + (x < 0 ? 0 : x > 255 ? 255 : x) * 100000; }
  /** Clamps with crossing and with ordinary bounds. */
  static void minMaxChains(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(minMaxChains(i * 7 - 300));
    t.same(-128 + 20000, minMaxChains(Integer.MIN_VALUE));
    t.same(127 + 20000 + 25500000, minMaxChains(Integer.MAX_VALUE));
  }

  static long mixedWidths(int a, long b) { return (a * a) + (long) a * a + (int) (b * a) + (int) b * (long) a; }
  /** A product is widened before or after it overflows, as written. */
  static void mixedWidths(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(mixedWidths(i * 100000, i * 10000000000L));
    t.same(0 + (1L << 32) + 0 + (1L << 48 >> 48 << 32) * 0 + 65536L * (int) (1L << 33), mixedWidths(65536, 1L << 33));
  }

  static int loopVariableOverflows(int from) { int n = 0; for (int i = from; i > 0; i += 3) n++; return n; }
  /** The loop ends because its variable overflows. */
  static void loopVariableOverflows(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(loopVariableOverflows(Integer.MAX_VALUE - i));
    t.same(34, loopVariableOverflows(Integer.MAX_VALUE - 100));
    t.same(0, loopVariableOverflows(0));
  }

  static int hashLoop(byte[] b) { int h = 0; for (byte x : b) h = 31 * h + (x & 0xff); return h; }
  /** The polynomial of a hash overflows all the time. */
  static void hashLoop(Trap t) {
    byte[] b = new byte[97];
    for (int i = 0; i < HOT; i++) { b[i % 97] = (byte) (i * 37); t.add(hashLoop(b)); }
    t.same(0, hashLoop(new byte[0]));
    t.same(255 * 31 + 128, hashLoop(new byte[] {-1, -128}));
  }
}
