package traps;

import static traps.Trap.HOT;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import sun.misc.Unsafe;

/** Unsafe and what is built on it: mismatched widths, raw memory, compare-and-set, buffers. */
final class UnsafeAccess {
  static final Unsafe U = unsafe();
  int field = 3;
  long wide;
  volatile Object ref;
  byte small;

  private static Unsafe unsafe() {
    try {
      Field f = Unsafe.class.getDeclaredField("theUnsafe");
      f.setAccessible(true);
      return (Unsafe) f.get(null);
    } catch (ReflectiveOperationException e) { throw new AssertionError(e); }
  }
  private static long offset(String name) { try { return U.objectFieldOffset(UnsafeAccess.class.getDeclaredField(name)); } catch (NoSuchFieldException e) { throw new AssertionError(e); } }
  static final long FIELD = offset("field"), WIDE = offset("wide"), REF = offset("ref"), SMALL = offset("small");
  static final long BYTES = Unsafe.ARRAY_BYTE_BASE_OFFSET;

  static int fields(UnsafeAccess o, int v) { U.putInt(o, FIELD, v); o.field++; U.putLong(o, WIDE, v * 3L); return U.getInt(o, FIELD) + o.field + (int) o.wide; }
  /** The same field by name and by offset: neither access may be moved over the other. */
  static void fields(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((i + 1) * 2 + i * 3, fields(new UnsafeAccess(), i));
  }

  static long mismatched(byte[] b, int i) { U.putLong(b, BYTES + i, 0x0102030405060708L); b[i + 3] = -1; return U.getLong(b, BYTES + i) + U.getInt(b, BYTES + i + 1) + U.getShort(b, BYTES + i + 3) + U.getChar(b, BYTES + i + 2); }
  /** Longs, ints and shorts in a byte array, not aligned. */
  static void mismatched(Trap t) {
    byte[] b = new byte[32];
    for (int i = 0; i < HOT; i++) t.add(mismatched(b, i % 20));
    t.same(0x01020304ff060708L + 0x04ff0607 + 0x04ff + (char) 0xff06 - 0x04ff + (short) 0x04ff, mismatched(b, 8));
  }

  static long rawMemory(long address, int v) { U.putInt(address, v); U.putByte(address + 1, (byte) 7); U.putDouble(address + 8, v * 0.5); return U.getInt(address) * 31L + (long) U.getDouble(address + 8) + U.getShort(address); }
  /** Memory outside the heap. */
  static void rawMemory(Trap t) {
    long address = U.allocateMemory(64);
    try {
      for (int i = 0; i < HOT; i++) t.same((i & 0xff | 0x700) * 31L + i / 2 + (i & 0xff | 0x700), rawMemory(address, i));
    } finally {
      U.freeMemory(address);
    }
  }

  static int compareAndSet(UnsafeAccess o, int expected, int v) { boolean a = U.compareAndSwapInt(o, FIELD, expected, v); boolean b = U.compareAndSwapLong(o, WIDE, 0, v); return (a ? 1 : 0) + (b ? 2 : 0) + o.field * 10 + (int) o.wide * 100; }
  /** Compare-and-set that succeeds and that fails. */
  static void compareAndSet(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3 + i * 110, compareAndSet(new UnsafeAccess(), 3, i));
    t.same(2 + 30 + 700, compareAndSet(new UnsafeAccess(), 4, 7));
  }

  static boolean referenceSet(UnsafeAccess o, Object expected, Object v) { return U.compareAndSwapObject(o, REF, expected, v) && U.getObjectVolatile(o, REF) == v && U.getAndSetObject(o, REF, expected) == v && o.ref == expected; }
  /** References by compare-and-set, with barriers, over collections. */
  static void referenceSet(Trap t) {
    UnsafeAccess o = new UnsafeAccess();
    Object old = "old";
    o.ref = old;
    for (int i = 0; i < HOT; i++) { if (i % 40 == 39) System.gc(); t.same(true, referenceSet(o, old, "new" + i)); }
    t.same(false, referenceSet(o, "other", "x"));
    t.same(true, referenceSet(new UnsafeAccess(), null, o));
  }

  static int atomicAdds(UnsafeAccess o, int n) { int s = 0; for (int i = 0; i < n; i++) s += U.getAndAddInt(o, FIELD, i) + U.getAndSetInt(o, FIELD, s) + (int) U.getAndAddLong(o, WIDE, 1); return s + o.field; }
  /** getAndAdd and getAndSet in a loop. */
  static void atomicAdds(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(atomicAdds(new UnsafeAccess(), i % 20));
    t.same(3 + 0 + 3 + 0 + 0, atomicAdds(new UnsafeAccess(), 1) - 0);
  }

  static int negativeBooleans(byte[] b, int i) { U.putByte(b, BYTES + i, (byte) 2); return U.getBoolean(b, BYTES + i) ? 1 : 0; }
  /** A boolean whose byte is neither 0 nor 1 is true. */
  static void negativeBooleans(Trap t) {
    byte[] b = new byte[8];
    for (int i = 0; i < HOT; i++) t.same(1, negativeBooleans(b, i % 8));
  }

  static Object allocated(Class<?> c) throws InstantiationException { return U.allocateInstance(c); }
  /** An object made without its constructor has zeros. */
  static void allocated(Trap t) throws InstantiationException {
    for (int i = 0; i < HOT; i++) t.same(0, ((UnsafeAccess) allocated(UnsafeAccess.class)).field);
    t.thrown(InstantiationException.class, () -> allocated(Runnable.class));
    t.thrown(InstantiationException.class, () -> allocated(int[].class));
    t.thrown(InstantiationException.class, () -> allocated(int.class));
    t.same(true, allocated(BeginsLate.class) instanceof BeginsLate);
    t.same(true, begun);
    t.same(true, allocated(Ends.class) instanceof Ends);
    for (int i = 0; i < HOT; i++) {
      Object[] some = {allocated(Wide.class), allocated(String.class), allocated(Ends.class), allocated(Wide.class)};
      Wide first = (Wide) some[0], last = (Wide) some[3];
      t.same(0L, first.a + first.j + last.a + last.j);
      first.a = last.j = i;
      t.same(true, first.o == null && last.o == null && last.a == 0 && first.j == 0);
    }
  }
  static final class Wide { long a, b, c, d, e, f, g, h, i, j; Object o; byte z; }
  static boolean begun;
  static final class BeginsLate { static { begun = true; } }
  static final class Ends {
    @Override @SuppressWarnings("deprecation") protected void finalize() {}
  }

  static int copied(int[] a, byte[] b, int n) { U.copyMemory(a, Unsafe.ARRAY_INT_BASE_OFFSET, b, BYTES, n); U.setMemory(b, BYTES, 1, (byte) 9); int s = 0; for (byte x : b) s = s * 31 + x; return s; }
  /** copyMemory between arrays of different types. */
  static void copied(Trap t) {
    int[] a = {0x01020304, 0x05060708};
    for (int i = 0; i < HOT; i++) t.add(copied(a, new byte[8], i % 9));
    t.same(9 * 31 + 3, copied(a, new byte[2], 2));
  }

  static long buffers(ByteBuffer b, int i) { b.putInt(i, 0x01020304).putLong(i + 4, -2); return b.getInt(i) + b.getLong(i + 3) + b.getShort(i + 1) + b.get(i); }
  /** Buffers on heap and off, in both byte orders, read-only, at their end. */
  static void buffers(Trap t) {
    ByteBuffer[] b = {ByteBuffer.allocate(64), ByteBuffer.allocateDirect(64), ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN), ByteBuffer.allocateDirect(64).order(ByteOrder.LITTLE_ENDIAN)};
    for (int i = 0; i < HOT; i++) t.same(buffers(b[0], i % 50), buffers(b[1], i % 50));
    for (int i = 0; i < HOT; i++) t.add(buffers(b[i % 4], i % 50));
    t.thrown(IndexOutOfBoundsException.class, () -> buffers(b[0], 62));
    t.thrown(IndexOutOfBoundsException.class, () -> buffers(b[1], -1));
    t.thrown(java.nio.ReadOnlyBufferException.class, () -> buffers(b[0].asReadOnlyBuffer(), 0));
  }

  static int aliased(UnsafeAccess o, UnsafeAccess p) { o.small = 5; U.putByte(p, SMALL, (byte) 6); o.field = 1; U.putInt(p, FIELD, 2); return o.small * 10 + o.field; }
  /** Two references to one object, by name and by offset. */
  static void aliased(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(51, aliased(new UnsafeAccess(), new UnsafeAccess()));
    UnsafeAccess o = new UnsafeAccess();
    t.same(62, aliased(o, o));
  }

  static int fences(int[] a, int n) { for (int i = 0; i < n; i++) { a[0] = i; U.fullFence(); a[1] += a[0]; U.loadFence(); U.storeFence(); } return a[1]; }
  /** Explicit fences between plain accesses. */
  static void fences(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * (i - 1) / 2, fences(new int[2], i));
    t.thrown(NullPointerException.class, () -> fences(null, 1));
  }

  static int arrayByOffset(Object a, long offset, int v) { U.putIntVolatile(a, offset, v); return U.getIntVolatile(a, offset) + U.getInt(a, offset); }
  /** Base and offset are both variables: an array, a field, a static. */
  static void arrayByOffset(Trap t) throws NoSuchFieldException {
    int[] a = new int[4];
    for (int i = 0; i < HOT; i++) t.same(2 * i, arrayByOffset(a, Unsafe.ARRAY_INT_BASE_OFFSET + 4L * (i % 4), i));
    UnsafeAccess o = new UnsafeAccess();
    t.same(14, arrayByOffset(o, FIELD, 7));
    t.same(7, o.field);
    Field s = UnsafeAccess.class.getDeclaredField("statics");
    t.same(18, arrayByOffset(U.staticFieldBase(s), U.staticFieldOffset(s), 9));
    t.same(9, statics);
  }
  static int statics;
}
