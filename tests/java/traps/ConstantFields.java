package traps;

import static traps.Trap.HOT;

import java.lang.reflect.Field;

/** Finals that are constants, finals that only look so, tables. */
final class ConstantFields {
  static final int COMPILE_TIME = 7;
  static final int RUN_TIME = Trap.hidden(9);
  static final int[] TABLE = {1, 2, 3};
  static final Object NOTHING = Trap.hidden((Object) null);
  static final String TEXT = Trap.hidden("text");
  static final Point ORIGIN = new Point(1, 2);
  static final double PRECISE = Math.PI * Trap.hidden(1);
  static int mutable = 1;

  static final class Point { final int x; int y; Point(int x, int y) { this.x = x; this.y = y; } }

  static int tableChanges(int i) { return TABLE[i] + TABLE.length; }
  /** A static final array is constant, its elements are not. */
  static void tableChanges(Trap t) {
    TABLE[1] = 2;
    for (int i = 0; i < HOT; i++) t.same(5, tableChanges(1));
    TABLE[1] = 50;
    t.same(53, tableChanges(1));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> tableChanges(3));
  }

  static int nullConstant(int x) { return NOTHING == null ? x + RUN_TIME : NOTHING.hashCode(); }
  /** A static final that is null. */
  static void nullConstant(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 9, nullConstant(i));
  }

  static int finalOfInstance(Point p) { return ORIGIN.x * 10 + ORIGIN.y + p.x; }
  /** Finals of a constant object, and its field that is none. */
  static void finalOfInstance(Trap t) {
    ORIGIN.y = 2;
    for (int i = 0; i < HOT; i++) t.same(12 + i, finalOfInstance(new Point(i, 0)));
    ORIGIN.y = 5;
    t.same(15 + 1, finalOfInstance(new Point(1, 1)));
  }

  static int reflectedFinal(Point p) { return p.x * 3; }
  /** Reflection changes the final field of an ordinary object: the program sees it. */
  static void reflectedFinal(Trap t) throws ReflectiveOperationException {
    Point p = new Point(4, 5);
    for (int i = 0; i < HOT; i++) t.same(12, reflectedFinal(p));
    Field f = Point.class.getDeclaredField("x");
    f.setAccessible(true);
    f.setInt(p, 6);
    t.same(18, reflectedFinal(p));
  }

  static int foldedText(int i) { return TEXT.charAt(i) + TEXT.length() + "const".charAt(i) + "const".hashCode(); }
  /** Strings are constants; an index beyond them is none. */
  static void foldedText(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("text".charAt(i % 4) + 4 + "const".charAt(i % 4) + "const".hashCode(), foldedText(i % 4));
    t.thrown(StringIndexOutOfBoundsException.class, () -> foldedText(4));
  }

  static double doubles(double x) { return x * PRECISE + Double.MAX_VALUE * 0 + Float.MIN_VALUE + Math.E; }
  /** Floating-point constants of all sizes. */
  static void doubles(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * Math.PI + 0.0 + Float.MIN_VALUE + Math.E, doubles(i));
  }

  static long largeConstants(long x) { return (x ^ 0x123456789abcdef0L) + 0x7fffffffffffffffL - (x & 0xffffffff00000000L) + (int) 0x80000000 + (x * 0x9e3779b97f4a7c15L >>> 60); }
  /** Constants that fit no immediate operand. */
  static void largeConstants(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(largeConstants(i * 777777777777777L));
    t.same(0x123456789abcdef0L + 0x7fffffffffffffffL - 0x80000000L, largeConstants(0));
  }

  static boolean sameConstant(String s, Class<?> c) { return s == "const" && c == Point.class && "con" + "st" == s && int[].class != (Object) c; }
  /** Constants are the same object everywhere, also after collections. */
  static void sameConstant(Trap t) {
    for (int i = 0; i < HOT; i++) { if (i % 50 == 49) System.gc(); t.same(true, sameConstant("const", Point.class)); }
    t.same(false, sameConstant(new String("const"), Point.class));
    t.same(true, sameConstant(new String("const").intern(), Point.class));
  }

  static int branchOnConstant(int x) { int s = x; if (COMPILE_TIME > 5) s += 1; if (RUN_TIME != 9) s += 1000 / (RUN_TIME - 9); if (TEXT == null) s = -1; return s; }
  /** Conditions that are known when code is compiled; the dead side would trap. */
  static void branchOnConstant(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 1, branchOnConstant(i));
  }

  enum Kind { A, B, C }
  static int enumConstants(Kind k) { return (k == Kind.A ? 1 : 0) + k.ordinal() * 10 + k.name().length() * 100 + Kind.values().length * 1000; }
  /** Enum constants and the copy that values() makes. */
  static void enumConstants(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3101, enumConstants(Kind.A));
    Kind.values()[0] = Kind.C;
    t.same(3110, enumConstants(Kind.B));
    t.same(3101, enumConstants(Kind.A));
  }

  static final boolean YES = Trap.hidden(1) == 1, NO = Trap.hidden(0) == 1;
  static final byte BYTE = (byte) Trap.hidden(-128);
  static final char CHAR = (char) Trap.hidden(0xffff);
  static final short SHORT = (short) Trap.hidden(-32768);
  static final int INT = Trap.hidden(Integer.MIN_VALUE);
  static final long LONG = Trap.hidden(-5) * 0x123456789L;
  static final float NEGATIVE_ZERO = -0.0f * Trap.hidden(1), FLOAT = Trap.hidden(3) / 7f;
  static final double NAN = Double.longBitsToDouble(0x7ff8000000000123L + Trap.hidden(0)), DOUBLE = Trap.hidden(-3) / 7d;
  static long everyType(int x) {
    long s = YES ? x : -1;
    if (NO) s += 1000;
    s = s * 31 + BYTE; s = s * 31 + CHAR; s = s * 31 + SHORT; s = s * 31 + INT; s = s * 31 + LONG;
    s = s * 31 + Float.floatToRawIntBits(NEGATIVE_ZERO); s = s * 31 + Float.floatToRawIntBits(FLOAT);
    return s * 31 + Double.doubleToRawLongBits(NAN) + Double.doubleToRawLongBits(DOUBLE);
  }
  /** Static finals of every type, with all their bits. */
  static void everyType(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(everyType(i));
    t.add(everyType(-1));
  }

  static final int[] EMPTY = new int[Trap.hidden(0)];
  static final Object HIDDEN_ARRAY = new long[Trap.hidden(5)];
  static int lengths(int i) {
    int s = 0;
    for (int k = 0; k < TABLE.length; k++) s += TABLE[k] * k;
    for (int k = 0; k < EMPTY.length; k++) s += EMPTY[k];
    return s + EMPTY.length + TABLE[i] + ((long[]) HIDDEN_ARRAY).length * 100;
  }
  /** Lengths of constant arrays; an index beyond them. */
  static void lengths(Trap t) {
    TABLE[1] = 2;
    for (int i = 0; i < HOT; i++) t.same(8 + 500 + i % 3 + 1, lengths(i % 3));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> lengths(3));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> lengths(-1));
  }

  static final class Late {
    static final int SELF;
    static int seen;
    static { for (int i = 0; i < 2 * HOT; i++) seen += early(i); SELF = Trap.hidden(6); }
    static int early(int i) { return SELF + (i & 1); }
  }
  static int late(int i) { return Late.early(i) + Late.SELF; }
  /** A static final that is read, in hot code, before its initialiser has set it. */
  static void late(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(12 + (i & 1), late(i));
    t.same(HOT, Late.seen);
  }

  static int mutableStatic(int n) { int s = 0; for (int i = 0; i < n; i++) { s += mutable; bump(); } return s; }
  static void bump() { mutable += 2; }
  /** A static that a callee changes is read again. */
  static void mutableStatic(Trap t) {
    for (int i = 0; i < HOT; i++) { mutable = 1; t.same(i * i, mutableStatic(i)); }
  }
}
