package suite;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jdk.internal.misc.Unsafe;

/** Memory by address: every access mode of jdk.internal.misc.Unsafe, and what stands on it. */
final class IntrinsicsUnsafe implements Suite.Case {
  static final Unsafe U = Unsafe.getUnsafe();
  boolean z; byte b; short s; char c; int i; long j; float f; double d; Object o;
  static int statics;
  volatile int counted;
  static final AtomicIntegerFieldUpdater<IntrinsicsUnsafe> COUNTED = AtomicIntegerFieldUpdater.newUpdater(IntrinsicsUnsafe.class, "counted");
  static long at(String name) { return U.objectFieldOffset(IntrinsicsUnsafe.class, name); }
  static final long Z = at("z"), B = at("b"), S = at("s"), C = at("c"), I = at("i"), J = at("j"), F = at("f"), D = at("d"), O = at("o");

  static long plain(Object x, long z, long b, long s, long c, long i, long j, long f, long d) {
    U.putBoolean(x, z, !U.getBoolean(x, z)); U.putByte(x, b, (byte) (U.getByte(x, b) + 77)); U.putShort(x, s, (short) (U.getShort(x, s) + 7777)); U.putChar(x, c, (char) (U.getChar(x, c) - 7777));
    U.putInt(x, i, U.getInt(x, i) * 31 + 7); U.putLong(x, j, U.getLong(x, j) * 31 + 7); U.putFloat(x, f, U.getFloat(x, f) + 0.5f); U.putDouble(x, d, U.getDouble(x, d) + 0.25);
    return sum(x, z, b, s, c, i, j, f, d);
  }
  static long sum(Object x, long z, long b, long s, long c, long i, long j, long f, long d) {
    return (U.getBoolean(x, z) ? 1 : 2) + U.getByte(x, b) * 3L + U.getShort(x, s) * 5L + U.getChar(x, c) * 7L + U.getInt(x, i) * 11L + U.getLong(x, j) * 13L + (long) (U.getFloat(x, f) * 17) + (long) (U.getDouble(x, d) * 19);
  }
  static long opaque(Object x, long z, long b, long s, long c, long i, long j, long f, long d) {
    U.putBooleanOpaque(x, z, !U.getBooleanOpaque(x, z)); U.putByteOpaque(x, b, (byte) (U.getByteOpaque(x, b) + 77)); U.putShortOpaque(x, s, (short) (U.getShortOpaque(x, s) + 7777)); U.putCharOpaque(x, c, (char) (U.getCharOpaque(x, c) - 7777));
    U.putIntOpaque(x, i, U.getIntOpaque(x, i) * 31 + 7); U.putLongOpaque(x, j, U.getLongOpaque(x, j) * 31 + 7); U.putFloatOpaque(x, f, U.getFloatOpaque(x, f) + 0.5f); U.putDoubleOpaque(x, d, U.getDoubleOpaque(x, d) + 0.25);
    return sum(x, z, b, s, c, i, j, f, d);
  }
  static long ordered(Object x, long z, long b, long s, long c, long i, long j, long f, long d) {
    U.putBooleanRelease(x, z, !U.getBooleanAcquire(x, z)); U.putByteRelease(x, b, (byte) (U.getByteAcquire(x, b) + 77)); U.putShortRelease(x, s, (short) (U.getShortAcquire(x, s) + 7777)); U.putCharRelease(x, c, (char) (U.getCharAcquire(x, c) - 7777));
    U.putIntRelease(x, i, U.getIntAcquire(x, i) * 31 + 7); U.putLongRelease(x, j, U.getLongAcquire(x, j) * 31 + 7); U.putFloatRelease(x, f, U.getFloatAcquire(x, f) + 0.5f); U.putDoubleRelease(x, d, U.getDoubleAcquire(x, d) + 0.25);
    return sum(x, z, b, s, c, i, j, f, d);
  }
  static long sequential(Object x, long z, long b, long s, long c, long i, long j, long f, long d) {
    U.putBooleanVolatile(x, z, !U.getBooleanVolatile(x, z)); U.putByteVolatile(x, b, (byte) (U.getByteVolatile(x, b) + 77)); U.putShortVolatile(x, s, (short) (U.getShortVolatile(x, s) + 7777)); U.putCharVolatile(x, c, (char) (U.getCharVolatile(x, c) - 7777));
    U.putIntVolatile(x, i, U.getIntVolatile(x, i) * 31 + 7); U.putLongVolatile(x, j, U.getLongVolatile(x, j) * 31 + 7); U.putFloatVolatile(x, f, U.getFloatVolatile(x, f) + 0.5f); U.putDoubleVolatile(x, d, U.getDoubleVolatile(x, d) + 0.25);
    return sum(x, z, b, s, c, i, j, f, d);
  }
  static int counts(Object x, long b, long s, long i) {
    return U.getAndAddByte(x, b, (byte) 100) + U.getAndSetByte(x, b, (byte) -3) * 3 + U.getAndAddShort(x, s, (short) 30000) * 5 + U.getAndSetShort(x, s, (short) -4) * 7 + U.getAndAddInt(x, i, 99) * 11 + U.getAndSetInt(x, i, 1234) * 13;
  }
  static long countsLong(Object x, long j) { return U.getAndAddLong(x, j, 99) * 11 + U.getAndSetLong(x, j, -1234) * 13; }
  static int compared(Object x, long b, long s, long i) {
    int r = 0;
    r += U.compareAndSetInt(x, i, 1234, 5) ? 1 : 0; r += U.compareAndSetInt(x, i, 1234, 6) ? 2 : 0; r += U.compareAndExchangeInt(x, i, 5, 1234) * 4;
    r += U.compareAndSetByte(x, b, (byte) -3, (byte) 9) ? 8 : 0; r += U.compareAndExchangeByte(x, b, (byte) 8, (byte) -3) * 16; r += U.compareAndExchangeByteAcquire(x, b, (byte) 9, (byte) -3) * 32;
    r += U.compareAndSetShort(x, s, (short) -4, (short) 9) ? 64 : 0; r += U.compareAndExchangeShort(x, s, (short) 9, (short) -4) * 128; r += U.compareAndExchangeShortRelease(x, s, (short) 9, (short) 1) * 256;
    while (!U.weakCompareAndSetInt(x, i, 1234, 77)) r += 0;
    while (!U.weakCompareAndSetIntPlain(x, i, 77, 1234)) r += 0;
    return r;
  }
  static long comparedLong(Object x, long j) { return (U.compareAndSetLong(x, j, -1234, 5) ? 1 : 0) + (U.compareAndSetLong(x, j, -1234, 5) ? 2 : 0) + U.compareAndExchangeLong(x, j, 5, -1234) * 4 + U.compareAndExchangeLongAcquire(x, j, 6, 7) * 8; }
  static String references(Object x, long o, Object a, Object b) {
    StringBuilder t = new StringBuilder();
    U.putReference(x, o, a); t.append(U.getReference(x, o));
    U.putReferenceVolatile(x, o, b); t.append(U.getReferenceVolatile(x, o));
    U.putReferenceRelease(x, o, a); t.append(U.getReferenceAcquire(x, o));
    U.putReferenceOpaque(x, o, null); t.append(U.getReferenceOpaque(x, o));
    t.append(U.compareAndSetReference(x, o, null, a)).append(U.compareAndSetReference(x, o, null, b)).append(U.compareAndSetReference(x, o, a, b));
    t.append(U.compareAndExchangeReference(x, o, a, null)).append(U.compareAndExchangeReference(x, o, b, a)).append(U.getAndSetReference(x, o, b)).append(U.getAndSetReference(x, o, null));
    while (!U.weakCompareAndSetReference(x, o, null, a)) {}
    while (!U.weakCompareAndSetReferencePlain(x, o, a, b)) {}
    return t.append(U.getReference(x, o)).toString();
  }
  static long unaligned(Object x, long at) {
    U.putShortUnaligned(x, at + 1, (short) 0x1234); U.putCharUnaligned(x, at + 3, (char) 0xfedc); U.putIntUnaligned(x, at + 5, 0x89abcdef); U.putLongUnaligned(x, at + 9, 0x0123456789abcdefL);
    return U.getShortUnaligned(x, at + 1) + U.getCharUnaligned(x, at + 3) * 3L + U.getIntUnaligned(x, at + 5) * 5L + U.getLongUnaligned(x, at + 9) * 7 + U.getLongUnaligned(x, at + 2) * 11;
  }
  static long offHeap(long address, int n) {
    for (int k = 0; k < n; k++) U.putLong(address + 8L * k, k * 0x9e3779b97f4a7c15L);
    long sum = 0;
    for (int k = 0; k < n * 2; k++) sum = sum * 31 + U.getInt(address + 4L * k);
    for (int k = 0; k < n; k++) { if (k % 16 == 0) Suite.disturb(k); sum += U.getByte(address + 5L * k); U.putDouble(null, address + 8L * k, sum); }
    return sum + U.getLong(address);
  }
  static int fences(IntrinsicsUnsafe x, int n) { for (int k = 0; k < n; k++) { x.i = k; U.storeFence(); x.j = k; U.fullFence(); x.i += (int) x.j; U.loadFence(); VarHandle.storeStoreFence(); } return x.i; }
  /** What is stored by address meets what is stored by name. */
  static int mixed(IntrinsicsUnsafe x, int[] a, long at, int n) {
    int r = 0;
    for (int k = 0; k < n; k++) { x.i = k; U.putInt(x, I, x.i + 1); r += x.i; a[k & 7] = r; U.putInt(a, at + 4L * (k & 7), a[k & 7] ^ 5); r += a[k & 7]; }
    return r;
  }
  static int racing(IntrinsicsUnsafe x, AtomicInteger n, AtomicLong m, int times) {
    for (int k = 0; k < times; k++) { n.incrementAndGet(); m.addAndGet(3); COUNTED.getAndIncrement(x); n.getAndUpdate(v -> v + 2); }
    return n.get();
  }
  static Object pushAll(AtomicReference<Object[]> top, int n) {
    for (int k = 0; k < n; k++) { Object[] old, next = new Object[2]; do { old = top.get(); next[0] = old; next[1] = k; } while (!top.compareAndSet(old, next)); }
    return top.get();
  }
  static int popAll(AtomicReference<Object[]> top) {
    int sum = 0;
    for (Object[] t; (t = top.get()) != null; ) if (top.compareAndSet(t, (Object[]) t[0])) sum += (Integer) t[1];
    return sum;
  }
  static int slots(AtomicReferenceArray<String> a, int n) {
    int changed = 0;
    for (int k = 0; k < n; k++) { String old = a.getAndSet(k % a.length(), "v" + k); if (old != null && a.compareAndSet(k % a.length(), old, "never")) changed++; a.lazySet(k % a.length(), old); }
    return changed;
  }
  static long buffers(ByteBuffer a) {
    a.clear();
    a.put((byte) 1).putShort((short) -2).putInt(3).putLong(-4).putFloat(5.5f).putDouble(-6.5).putChar('x');
    a.flip();
    return a.get() + a.getShort() * 3L + a.getInt() * 5L + a.getLong() * 7 + (long) (a.getFloat() * 11) + (long) (a.getDouble() * 13) + a.getChar() * 17L + a.getInt(3);
  }

  @Override
  public int rounds() { return Math.min(12, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) throws Throwable {
    IntrinsicsUnsafe x = new IntrinsicsUnsafe();
    for (int k = 0; k < 5; k++) {
      out.add(plain(x, Z, B, S, C, I, J, F, D)); out.add(opaque(x, Z, B, S, C, I, J, F, D)); out.add(ordered(x, Z, B, S, C, I, J, F, D)); out.add(sequential(x, Z, B, S, C, I, J, F, D));
      out.add((long) counts(x, B, S, I)); out.add(countsLong(x, J)); out.add((long) compared(x, B, S, I)); out.add(comparedLong(x, J));
      out.add(references(x, O, "first", "second"));
    }
    out.add(x.z); out.add((long) x.b); out.add((long) x.s); out.add((long) x.c); out.add((long) x.i); out.add(x.j); out.add(x.f); out.add(x.d);
    long base = Unsafe.ARRAY_BYTE_BASE_OFFSET;
    byte[] bytes = new byte[64];
    out.add(plain(bytes, base, base + 1, base + 2, base + 4, base + 8, base + 16, base + 24, base + 32)); out.add(sequential(bytes, base, base + 1, base + 2, base + 4, base + 8, base + 16, base + 24, base + 32));
    out.add(unaligned(bytes, base)); out.add((long) java.util.Arrays.hashCode(bytes));
    bytes[5] = 2; out.add(U.getBoolean(bytes, base + 5)); U.putBoolean(bytes, base + 5, true); out.add((long) bytes[5]);
    Object[] objects = new Object[600];
    for (int k = 0; k < objects.length; k += 50) out.add(references(objects, Unsafe.ARRAY_OBJECT_BASE_OFFSET + (long) k * Unsafe.ARRAY_OBJECT_INDEX_SCALE, "a" + k, new StringBuilder("b").append(k)));
    Suite.disturb(5);
    for (int k = 0; k < objects.length; k += 50) out.add(String.valueOf(objects[k]));
    long address = U.allocateMemory(4096);
    U.setMemory(address, 4096, (byte) 0);
    try { out.add(offHeap(address, 400)); out.add(plain(null, address, address + 1, address + 2, address + 4, address + 8, address + 16, address + 24, address + 32)); out.add((long) counts(null, address, address + 2, address + 4)); out.add(unaligned(null, address + 64)); } finally { U.freeMemory(address); }
    out.add((long) fences(x, 100)); out.add((long) mixed(x, new int[8], Unsafe.ARRAY_INT_BASE_OFFSET, 100));
    AtomicInteger n = new AtomicInteger();
    AtomicLong m = new AtomicLong();
    x.counted = 0;
    Thread[] threads = new Thread[3];
    for (int k = 0; k < 3; k++) { threads[k] = new Thread(() -> racing(x, n, m, 400)); threads[k].start(); }
    for (Thread t : threads) t.join();
    out.add((long) n.get()); out.add(m.get()); out.add((long) x.counted);
    AtomicReference<Object[]> top = new AtomicReference<>();
    for (int k = 0; k < 3; k++) { threads[k] = new Thread(() -> { pushAll(top, 200); Suite.disturb(1); }); threads[k].start(); }
    for (Thread t : threads) t.join();
    out.add((long) popAll(top)); out.add((long) slots(new AtomicReferenceArray<>(7), 100));
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) { out.add(buffers(ByteBuffer.allocate(64).order(order))); out.add(buffers(ByteBuffer.allocateDirect(64).order(order))); }
    try { buffers(ByteBuffer.allocate(9)); } catch (java.nio.BufferOverflowException e) { out.add("overflow"); }
    ConcurrentHashMap<Integer, String> map = new ConcurrentHashMap<>();
    for (int k = 0; k < 300; k++) map.merge(k % 40, "v" + k, (p, q) -> p.length() > 20 ? q : p + q);
    out.add(map.toString());
    ConcurrentLinkedQueue<Integer> queue = new ConcurrentLinkedQueue<>();
    for (int k = 0; k < 100; k++) { queue.add(k); if (k % 3 == 0) out.add((long) queue.poll()); }
    try { U.putInt((Object) null, 8, 1 / (statics & 0)); } catch (ArithmeticException e) { out.add("by zero"); }
  }
}
