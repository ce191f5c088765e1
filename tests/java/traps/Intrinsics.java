package traps;

import static traps.Trap.HOT;

import java.math.BigInteger;
import java.util.Arrays;

/** Methods that a compiler knows: their corners must be those of the library's bytecode. */
final class Intrinsics {
  static int bitCounts(int x) { return Integer.bitCount(x) + Integer.numberOfLeadingZeros(x) * 100 + Integer.numberOfTrailingZeros(x) * 10000 + Integer.highestOneBit(x) % 7 + Integer.lowestOneBit(x) % 11; }
  /** Bits of 0, -1 and single bits. */
  static void bitCounts(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(bitCounts(i * 0x01234567));
    t.same(3200 + 320000, bitCounts(0));
    t.same(32 + Integer.MIN_VALUE % 7 + 1, bitCounts(-1));
    t.same(1 + 310000 + Integer.MIN_VALUE % 7 + Integer.MIN_VALUE % 11, bitCounts(Integer.MIN_VALUE));
  }

  static int longBitCounts(long x) { return Long.bitCount(x) + Long.numberOfLeadingZeros(x) * 100 + Long.numberOfTrailingZeros(x) * 10000; }
  /** The same of longs. */
  static void longBitCounts(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(longBitCounts(i * 0x0123456789abcdefL));
    t.same(6400 + 640000, longBitCounts(0));
    t.same(64, longBitCounts(-1));
    t.same(1 + 3100 + 320000, longBitCounts(1L << 32));
  }

  static long reversed(int x, long y, short s, char c) { return Integer.reverse(x) + Long.reverse(y) * 3 + Integer.reverseBytes(x) * 5L + Long.reverseBytes(y) * 7 + Short.reverseBytes(s) * 11 + Character.reverseBytes(c) * 13; }
  /** Reversed bits and bytes, of narrow types with their sign. */
  static void reversed(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(reversed(i * 77, i * 7777777777L, (short) (i * 300), (char) (i * 700)));
    t.same(Integer.MIN_VALUE + Long.MIN_VALUE * 3 + 0x01000000 * 5L + (1L << 56) * 7 - 128 * 256 * 11 + 0x8000 * 13, reversed(1, 1, (short) 0x80, (char) 0x80));
  }

  static int rotations(int x, int n) { return Integer.rotateLeft(x, n) + Integer.rotateRight(x, n) * 3 + (x << n | x >>> -n) * 5 + (x >>> n | x << 32 - n) * 7 + (x << 5 ^ x >>> 27) * 11; }
  /** Rotations, by name and as idioms, by 0, 32 and negative distances. */
  static void rotations(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(rotations(i * 0x9e3779b9, i - 60));
    t.same(1 + 3 + 5 + 7 + 32 * 11, rotations(1, 32));
    t.same(1 + 3 + 5 + 7 + 32 * 11, rotations(1, 0));
    t.same(Integer.MIN_VALUE + 2 * 3 + Integer.MIN_VALUE * 5 + 2 * 7 + 32 * 11, rotations(1, -1));
  }

  static long longRotations(long x, int n) { return Long.rotateLeft(x, n) + Long.rotateRight(x, n) * 3 + (x << n | x >>> -n) * 5 + (x << 13 | x >>> 51) * 7; }
  /** Rotations of longs. */
  static void longRotations(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(longRotations(i * 0x9e3779b97f4a7c15L, i - 60));
    t.same(9 + 8192 * 7, longRotations(1, 64));
    t.same(Long.MIN_VALUE + 6 + Long.MIN_VALUE * 5 + 8192 * 7, longRotations(1, -1));
  }

  static int byteOrderIdioms(byte[] b, int i) { return (b[i] & 0xff) << 24 | (b[i + 1] & 0xff) << 16 | (b[i + 2] & 0xff) << 8 | b[i + 3] & 0xff; }
  static int littleEndian(byte[] b, int i) { return b[i] & 0xff | (b[i + 1] & 0xff) << 8 | (b[i + 2] & 0xff) << 16 | b[i + 3] << 24; }
  /** Four bytes are an int: one load, but the checks of all four. */
  static void byteOrderIdioms(Trap t) {
    byte[] b = {1, -2, 3, -4, 5, 6, 7};
    for (int i = 0; i < HOT; i++) t.same(Integer.reverseBytes(littleEndian(b, i % 4)), byteOrderIdioms(b, i % 4));
    t.same(0x01fe03fc, byteOrderIdioms(b, 0));
    for (int i : new int[] {4, 5, 6, 7, -1}) t.thrown(ArrayIndexOutOfBoundsException.class, () -> byteOrderIdioms(b, i));
  }

  static long highHalves(long a, long b) { return Math.multiplyHigh(a, b) + Math.multiplyFull((int) a, (int) b) * 3; }
  /** multiplyHigh of all signs. */
  static void highHalves(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(highHalves(i * 0x123456789abcdefL, -i * 0x9876543210L));
    t.same(1L << 62, highHalves(Long.MIN_VALUE, Long.MIN_VALUE));
    t.same(-1 + -3, highHalves(-1, 1));
  }

  static int floorDivisions(int a, int b) { return Math.floorDiv(a, b) * 31 + Math.floorMod(a, b) + Math.floorMod((long) a, b) * 7; }
  /** floorDiv and floorMod: signs, the smallest by -1, zero. */
  static void floorDivisions(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(floorDivisions(60 - i, i % 2 == 0 ? i : -i));
    t.same(-3 * 31 + 2 + 14, floorDivisions(-7, 3));
    t.same(Integer.MIN_VALUE * 31, floorDivisions(Integer.MIN_VALUE, -1));
    t.thrown(ArithmeticException.class, () -> floorDivisions(1, 0));
  }

  static int exactConversions(long x) { return Math.toIntExact(x) + Math.abs((int) x); }
  /** toIntExact at both ends. */
  static void exactConversions(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(2 * i, exactConversions(i));
    t.same(0, exactConversions(Integer.MIN_VALUE));
    t.thrown(ArithmeticException.class, () -> exactConversions(1L << 31));
    t.thrown(ArithmeticException.class, () -> exactConversions(-(1L << 31) - 1));
  }

  static double trigonometry(double x) { return Math.sin(x) + Math.cos(x) * 3 + Math.tan(x) * 5 + Math.exp(x) + Math.log(x) + Math.log10(x) + Math.cbrt(x) + Math.hypot(x, 1) + Math.atan2(x, -1); }
  /** sin, cos, exp and log are the same number in the interpreter and in compiled code. */
  static void trigonometry(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(trigonometry(i * 0.37));
    for (double x : new double[] {0, -0.0, 1e-300, 1e22, -5, Double.NaN, Double.POSITIVE_INFINITY, 709.9, Math.PI / 2}) t.add(trigonometry(x));
  }

  static boolean classOf(Object o, Class<?> c) { return o.getClass() == c && o.getClass().isArray() == c.isArray() && c.getSuperclass() != c && o.getClass().getModifiers() == c.getModifiers() && !c.isInterface() && !c.isPrimitive(); }
  /** Questions to Class: arrays, null. */
  static void classOf(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, classOf("x", String.class));
    t.same(true, classOf(new int[0], int[].class));
    t.same(false, classOf(new Object[0], Object.class));
    t.thrown(NullPointerException.class, () -> classOf(null, String.class));
    t.same(false, classOf("x", null));
  }

  static final class Custom { final int h; Custom(int h) { this.h = h; } @Override public int hashCode() { return h; } @Override public boolean equals(Object o) { return o instanceof Custom && ((Custom) o).h == h; } }
  static boolean hashCodes(Object o) { int h = o.hashCode(); return h == o.hashCode() && (o instanceof Custom || o instanceof String || h == System.identityHashCode(o)); }
  /** The identity hash, and classes with their own. */
  static void hashCodes(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, hashCodes(new Object()));
    t.same(true, hashCodes(new Custom(5)));
    t.same(true, hashCodes("s"));
    t.same(true, hashCodes(new int[3]));
    t.thrown(NullPointerException.class, () -> hashCodes((Object) null));
    t.same(0, System.identityHashCode(Trap.hidden((Object) null)));
  }

  static int reflectiveArrays(Class<?> c, int n) { Object a = java.lang.reflect.Array.newInstance(c, n); return java.lang.reflect.Array.getLength(a) * 10 + (a.getClass().getComponentType() == c ? 1 : 0); }
  /** Arrays by reflection: negative length, void, no array. */
  static void reflectiveArrays(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 10 + 1, reflectiveArrays(i % 2 == 0 ? int.class : String.class, i));
    t.thrown(NegativeArraySizeException.class, () -> reflectiveArrays(int.class, -1));
    t.thrown(IllegalArgumentException.class, () -> reflectiveArrays(void.class, 1));
    t.thrown(NullPointerException.class, () -> reflectiveArrays(null, 1));
    t.thrown(IllegalArgumentException.class, () -> java.lang.reflect.Array.getLength("x"));
  }

  static class Plain { } static final class Other { } static final class Late extends Plain { @Override public int hashCode() { return 77; } }
  static int virtualHash(Object o) { return o.hashCode(); }
  static boolean hashesOfSeen(Object o) { return virtualHash(o) == System.identityHashCode(o) && virtualHash(o) == virtualHash(o); }
  /** hashCode of classes that leave it alone, by the receiver's class: without a hash, locked, inflated, moved, of a class that overrides it. */
  static void hashesOfSeen(Trap t) throws InterruptedException {
    for (int k = 1; k <= 2; k++) for (int i = 0; i < HOT; i++) t.same(true, hashesOfSeen(i % k == 0 ? new Plain() : new Other()));
    Object o = new Plain(), p = new Plain();
    synchronized (o) { t.same(true, hashesOfSeen(o)); synchronized (o) { t.same(true, hashesOfSeen(o)); } }
    synchronized (p) { p.wait(1); t.same(true, hashesOfSeen(p)); }
    int before = virtualHash(o);
    System.gc();
    t.same(true, before == virtualHash(o));
    t.same(77, virtualHash(new Late()));
    t.same(false, hashesOfSeen(new Late()));
    t.same(true, hashesOfSeen(new int[2]));
    t.thrown(NullPointerException.class, () -> virtualHash((Object) null));
    for (int i = 0; i < HOT; i++) t.same(i % 3 != 0, hashesOfSeen(i % 3 == 0 ? new Late() : i % 3 == 1 ? new Plain() : new Other()));
  }

  static int arrayHashes(int[] a, byte[] b, Object[] c) { return Arrays.hashCode(a) + Arrays.hashCode(b) * 3 + Arrays.hashCode(c) * 5 + (Arrays.equals(a, a.clone()) ? 7 : 0) + Arrays.compare(a, a); }
  /** Hashes of arrays with null elements and of length 0. */
  static void arrayHashes(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(arrayHashes(new int[i % 33], new byte[i % 17], new Object[i % 5]));
    t.same(31 + 3 + 5 + 7, arrayHashes(new int[1], new byte[0], new Object[0]));
  }

  static String bigNumbers(String a, String b) { BigInteger x = new BigInteger(a), y = new BigInteger(b); return x.multiply(y).add(x.pow(3)).mod(y.abs().add(BigInteger.ONE)).toString(16) + x.shiftLeft(67).xor(y).bitLength(); }
  /** Kernels of BigInteger: products of many words with carries. */
  static void bigNumbers(Trap t) {
    String big = "123456789".repeat(20);
    for (int i = 0; i < HOT; i++) t.add(bigNumbers(big + i, "-987654321".repeat(1) + "0".repeat(i % 40) + i));
    t.same("068", bigNumbers("1", "0"));
  }

  static long crc(byte[] b, int from, int n) { java.util.zip.CRC32 c = new java.util.zip.CRC32(); c.update(b, from, n); return c.getValue(); }
  /** CRC32 over parts of an array, out of bounds too. */
  static void crc(Trap t) {
    byte[] b = new byte[200];
    for (int i = 0; i < 200; i++) b[i] = (byte) (i * 7);
    for (int i = 0; i < HOT; i++) t.add(crc(b, i % 13, i));
    t.same(0xcbf43926L, crc("123456789".getBytes(), 0, 9));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> crc(b, 190, 11));
  }

  static int characterKinds(int c) { return (Character.isDigit(c) ? 1 : 0) + (Character.isLetter(c) ? 2 : 0) + (Character.isUpperCase(c) ? 4 : 0) + (Character.isWhitespace(c) ? 8 : 0) + Character.toLowerCase(c) * 16 + Character.getNumericValue(c); }
  /** Character questions within and beyond Latin-1. */
  static void characterKinds(Trap t) {
    for (int i = 0; i < 3 * HOT; i++) t.add(characterKinds(i));
    for (int c : new int[] {0x130, 0x1234, 0x1f600, 0x10400, Character.MAX_CODE_POINT, -1 >>> 8}) t.add(characterKinds(c));
  }

  static boolean currentThread(Thread x) { return Thread.currentThread() == x && !Thread.interrupted() && x.isAlive(); }
  /** The current thread, in several threads, over collections. */
  static void currentThread(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) { if (i == 60) System.gc(); t.same(true, currentThread(Thread.currentThread())); }
    boolean[] ok = new boolean[1];
    Thread other = new Thread(() -> ok[0] = currentThread(Thread.currentThread()));
    other.start();
    other.join();
    t.same(true, ok[0]);
    t.same(false, currentThread(other));
    Thread.currentThread().interrupt();
    t.same(false, currentThread(Thread.currentThread()));
  }
}
