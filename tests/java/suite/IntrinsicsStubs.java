package suite;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** What the VM's stubs compute over arrays: big integers, checksums, Base64, mismatches; also with arguments that no caller of the library has. */
final class IntrinsicsStubs implements Suite.Case {
  static BigInteger product(BigInteger a, BigInteger b) { return a.multiply(b); }
  static BigInteger square(BigInteger a) { return a.multiply(a); }
  static BigInteger power(BigInteger a, BigInteger e, BigInteger m) { return a.modPow(e, m); }
  static BigInteger shifted(BigInteger a, int n) { return a.shiftLeft(n).xor(a.shiftRight(n)); }
  static BigInteger[] divided(BigInteger a, BigInteger b) { return a.divideAndRemainder(b); }
  static long sum(Checksum c, byte[] a, int i, int n) { c.reset(); c.update(a, i, n); return c.getValue(); }
  static long sum(Checksum c, ByteBuffer b) { c.reset(); c.update(b); return c.getValue(); }
  static byte[] encoded(Base64.Encoder e, byte[] a) { return e.encode(a); }
  static int mismatch(byte[] a, byte[] b) { return java.util.Arrays.mismatch(a, b); }
  static int mismatch(char[] a, int i, char[] b, int j, int n) { return java.util.Arrays.mismatch(a, i, i + n, b, j, j + n); }
  static int order(long[] a, long[] b) { return java.util.Arrays.compare(a, b); }
  static boolean equal(int[] a, int[] b) { return java.util.Arrays.equals(a, b); }
  static int mismatch(ByteBuffer a, ByteBuffer b) { return a.mismatch(b); }
  /** The accessor that the library generates calls the method as code would. */
  static Object called(Method m, Object[] arguments) throws Throwable {
    try { return m.invoke(null, arguments); } catch (InvocationTargetException e) { throw e.getCause(); }
  }

  private final long[] seed = {88172645463325252L};
  private int random() {
    seed[0] ^= seed[0] << 13; seed[0] ^= seed[0] >>> 7; seed[0] ^= seed[0] << 17;
    return (int) (seed[0] >>> 16);
  }
  private int[] ints(int n) { int[] a = new int[n]; for (int i = 0; i < n; i++) a[i] = i % 5 == 4 ? -1 : random(); return a; }
  private byte[] bytes(int n) { byte[] a = new byte[n]; for (int i = 0; i < n; i++) a[i] = (byte) random(); return a; }
  private BigInteger number(int ints) { byte[] b = bytes(ints * 4 + 1); b[0] = 0; return new BigInteger(b); }
  private static void add(Suite.Out out, int[] a) { out.add(a == null ? -1L : a.length); if (a != null) for (int x : a) out.add((long) x); }
  private static void add(Suite.Out out, byte[] a) { out.add((long) a.length); for (byte x : a) out.add((long) x); }
  private static void add(Suite.Out out, BigInteger a) { add(out, a.toByteArray()); }

  private static Method method(String name, Class<?>... types) throws Exception {
    Method m = BigInteger.class.getDeclaredMethod(name, types);
    m.setAccessible(true);
    return m;
  }

  @Override
  public void run(Suite.Out out) throws Throwable {
    seed[0] = 88172645463325252L;
    numbers(out);
    checksums(out);
    Suite.deoptimizeAll();
    arrays(out);
    unchecked(out);
  }

  private void numbers(Suite.Out out) {
    for (int n = 0; n <= 200; n = n < 20 ? n + 1 : n + 13) {
      BigInteger a = number(n), b = number((n * 7 + 3) % 61), odd = number(n % 37 + 1).setBit(0);
      add(out, product(a, b));
      add(out, square(a));
      add(out, shifted(a, n * 5 % 97));
      if (n < 60) add(out, power(a, b.mod(BigInteger.valueOf(1 << 20)), odd));
      for (BigInteger part : divided(a, odd)) add(out, part);
      Suite.disturb(n);
    }
  }

  private void checksums(Suite.Out out) {
    Checksum[] sums = {new CRC32(), new CRC32C(), new Adler32()};
    byte[] a = bytes(260);
    ByteBuffer direct = ByteBuffer.allocateDirect(260).put(a);
    for (Checksum c : sums)
      for (int n = 0; n <= 200; n = n < 70 ? n + 1 : n + 29)
        for (int i = 0; i < 40; i = i < 9 ? i + 1 : i + 15) {
          out.add(sum(c, a, i, n));
          out.add(sum(c, direct.clear().position(i).limit(i + n)));
          if (i == 0) Suite.disturb(n);
        }
    byte[] large = bytes(9000);
    for (Checksum c : sums) out.add(sum(c, large, 3, 8990));
    for (Checksum c : sums)
      for (int[] wrong : new int[][] {{-1, 5}, {5, -1}, {250, 20}, {261, 0}, {Integer.MAX_VALUE, Integer.MAX_VALUE}})
        try { out.add(sum(c, a, wrong[0], wrong[1])); } catch (Throwable t) { out.thrown("sum", t); }
  }

  private void arrays(Suite.Out out) {
    for (int n = 0; n <= 200; n++) {
      byte[] a = bytes(n);
      for (Base64.Encoder e : new Base64.Encoder[] {Base64.getEncoder(), Base64.getUrlEncoder().withoutPadding(), Base64.getMimeEncoder()}) add(out, encoded(e, a));
      byte[] b = a.clone();
      out.add(mismatch(a, b));
      char[] c = new char[n + 3], d = new char[n + 3];
      long[] p = new long[n / 4], q = new long[n / 4];
      int[] r = new int[n / 2], s = new int[n / 2];
      ByteBuffer direct = ByteBuffer.allocateDirect(n).put(a).flip(), heap = ByteBuffer.wrap(b);
      out.add(mismatch(direct, heap));
      for (int k = 0; k < n; k += k < 12 ? 1 : 17) {
        b[k]++;
        out.add(mismatch(a, b));
        out.add(mismatch(direct, heap));
        b[k]--;
        d[k + 1] = 'x';
        out.add(mismatch(c, 0, d, 1, n));
        out.add(mismatch(c, 2, d, k % 3, n));
        d[k + 1] = 0;
        if (p.length > 0) { p[k % p.length] = -1; out.add(order(p, q)); out.add(order(q, p)); p[k % p.length] = 0; }
        if (r.length > 0) { r[k % r.length] = 1; out.add(equal(r, s)); r[k % r.length] = 0; out.add(equal(r, s)); }
      }
      Suite.disturb(n);
    }
  }

  private void attempt(Suite.Out out, Method m, Object... arguments) {
    try {
      Object result = called(m, arguments);
      if (result instanceof int[]) add(out, (int[]) result); else out.add((long) (Integer) result);
      for (Object argument : arguments) if (argument instanceof int[]) add(out, (int[]) argument);
    } catch (Throwable t) {
      out.thrown(m.getName(), t);
    }
  }

  /** The VM's own compilers check nothing here, since the callers do. */
  private void unchecked(Suite.Out out) throws Exception {
    Method multiply = method("implMultiplyToLen", int[].class, int.class, int[].class, int.class, int[].class);
    Method square = method("implSquareToLen", int[].class, int.class, int[].class, int.class);
    Method add = method("implMulAdd", int[].class, int[].class, int.class, int.class, int.class);
    for (int n = 1; n <= 40; n += n < 9 ? 1 : 7) {
      attempt(out, multiply, ints(n), n, ints(5), 5, null);
      attempt(out, multiply, ints(n), n - 1, ints(9), 4, new int[n + 20]);
      attempt(out, multiply, ints(n), n, ints(n), n, new int[n]);
      attempt(out, multiply, ints(n), n + 1, ints(n), n, null);
      attempt(out, multiply, ints(n), n, ints(n), -1, null);
      attempt(out, multiply, ints(n), 0, ints(n), n, null);
      attempt(out, multiply, ints(n), Integer.MAX_VALUE, ints(n), 2, null);
      int[] same = ints(3 * n);
      attempt(out, multiply, same, n, ints(n), n, same);
      attempt(out, multiply, same, n, same, n, null);
      attempt(out, square, ints(n), n, new int[2 * n], 2 * n);
      attempt(out, square, ints(n), n, new int[2 * n + 3], 2 * n);
      attempt(out, square, ints(n), n, new int[2 * n + 3], 2 * n + 2);
      attempt(out, square, ints(n), n, new int[2 * n - 1], 2 * n);
      attempt(out, square, ints(n), n + 1, new int[2 * n + 2], 2 * n + 2);
      attempt(out, square, ints(n), -1, new int[2 * n], -2);
      attempt(out, square, same, n, same, 2 * n);
      for (int offset = -1; offset <= n; offset += n < 9 ? 1 : 3) attempt(out, add, ints(2 * n), ints(n), offset, n, -7);
      attempt(out, add, ints(n), ints(n), 0, n + 1, 3);
      attempt(out, add, ints(n), ints(n), 1, n, 3);
      attempt(out, add, ints(n), ints(n), 0, -1, 3);
      attempt(out, add, same, same, 1, n, 3);
      Suite.disturb(n);
    }
    attempt(out, multiply, null, 1, ints(1), 1, null);
    attempt(out, multiply, ints(1), 1, null, 1, null);
    attempt(out, square, ints(1), 1, null, 2);
    attempt(out, add, null, ints(1), 0, 1, 3);
    montgomery(out);
  }

  private void montgomery(Suite.Out out) throws Exception {
    Method multiply = method("implMontgomeryMultiply", int[].class, int[].class, int[].class, int.class, long.class, int[].class);
    Method square = method("implMontgomerySquare", int[].class, int[].class, int.class, long.class, int[].class);
    for (int n : new int[] {1, 2, 3, 4, 6, 32, 34, 64, 512, 514}) {
      int[] modulus = ints(n), a = ints(n), b = ints(n);
      modulus[0] = -1;
      modulus[n - 1] |= 1;
      a[0] = 7;
      b[0] = 5;
      long low = modulus[n - 1] & 0xffffffffL | (n > 1 ? (long) modulus[n - 2] << 32 : 0), inverse = low;
      for (int i = 0; i < 6; i++) inverse *= 2 - low * inverse;
      for (int[] product : new int[][] {null, new int[n - 1], new int[n], new int[2 * n], new int[2 * n + 1]}) {
        reduced(out, multiply, modulus, n, product, a, b, modulus, n, -inverse, product);
        reduced(out, square, modulus, n, product, a, modulus, n, -inverse, product);
      }
      reduced(out, multiply, modulus, n, null, a, b, modulus, n + 2, -inverse, null);
      reduced(out, square, modulus, n, null, a, modulus, -n, -inverse, new int[n]);
      reduced(out, square, modulus, n, null, null, modulus, n, -inverse, new int[n]);
      Suite.disturb(n);
    }
  }

  /** The stub may leave a number above the modulus, as its callers expect. */
  private void reduced(Suite.Out out, Method m, int[] modulus, int n, int[] product, Object... arguments) {
    try {
      int[] result = (int[]) called(m, arguments);
      add(out, number(result, n).mod(number(modulus, n)));
      out.add(product != null && product.length >= 2 * n ? result == product : result.length >= n);
    } catch (Throwable t) {
      out.thrown(m.getName(), t);
    }
  }

  private static BigInteger number(int[] a, int n) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * n);
    for (int i = 0; i < n; i++) bytes.putInt(a[i]);
    return new BigInteger(1, bytes.array());
  }

  @Override
  public int rounds() { return Math.min(12, Suite.Case.super.rounds()); }
}
