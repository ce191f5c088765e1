/**
 * Small numeric kernels. Prints one line per kernel: name, best nanoseconds of one call, checksum. The checksum must not
 * depend on who compiled the kernel.
 *
 * <p>java examples/Kernels.java [milliseconds per kernel] [kernel..]
 */
public final class Kernels {
  static final int N = 10_007;

  static int sum(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  static int max(int[] a) { int m = Integer.MIN_VALUE; for (int i = 0; i < a.length; i++) if (a[i] > m) m = a[i]; return m; }
  static int dot(int[] a, int[] b) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i] * b[i]; return s; }
  static int count(byte[] a, byte v) { int n = 0; for (int i = 0; i < a.length; i++) if (a[i] == v) n++; return n; }
  static int hash(byte[] a) { int h = 0; for (int i = 0; i < a.length; i++) h = 31 * h + a[i]; return h; }
  static long sumLong(int[] a) { long s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  static void saxpy(float a, float[] x, float[] y) { for (int i = 0; i < x.length; i++) y[i] = a * x[i] + y[i]; }
  static double ddot(double[] x, double[] y) { double s = 0; for (int i = 0; i < x.length; i++) s += x[i] * y[i]; return s; }
  static void scale(int[] a, int[] b, int k) { for (int i = 0; i < a.length; i++) b[i] = a[i] * k + (a[i] >> 3); }
  static int bits(long[] a) { int n = 0; for (int i = 0; i < a.length; i++) { long v = a[i]; v = v - ((v >>> 1) & 0x5555555555555555L); v = (v & 0x3333333333333333L) + ((v >>> 2) & 0x3333333333333333L); v = (v + (v >>> 4)) & 0x0f0f0f0f0f0f0f0fL; n += (int) ((v * 0x0101010101010101L) >>> 56); } return n; }
  static int sieve(boolean[] composite) { for (int i = 0; i < composite.length; i++) composite[i] = false; int primes = 0; for (int i = 2; i < composite.length; i++) { if (composite[i]) continue; primes++; for (int j = i + i; j < composite.length; j += i) composite[j] = true; } return primes; }
  static int collatz(int limit) { int best = 0; for (int i = 1; i < limit; i++) { long n = i; int steps = 0; while (n != 1) { n = (n & 1) == 0 ? n >> 1 : 3 * n + 1; steps++; } if (steps > best) best = steps; } return best; }
  static void multiply(double[][] a, double[][] b, double[][] c) { int n = a.length; for (int i = 0; i < n; i++) { double[] ci = c[i]; for (int j = 0; j < n; j++) ci[j] = 0; for (int k = 0; k < n; k++) { double v = a[i][k]; double[] bk = b[k]; for (int j = 0; j < n; j++) ci[j] += v * bk[j]; } } }
  static int mandelbrot(int size, int limit) { int inside = 0; for (int py = 0; py < size; py++) for (int px = 0; px < size; px++) { double re = px * 3.0 / size - 2, im = py * 2.0 / size - 1, x = 0, y = 0; int i = 0; while (i < limit && x * x + y * y < 4) { double t = x * x - y * y + re; y = 2 * x * y + im; x = t; i++; } if (i == limit) inside++; } return inside; }

  private static final int[] A = new int[N], B = new int[N], C = new int[N];
  private static final byte[] BYTES = new byte[N];
  private static final long[] LONGS = new long[N];
  private static final float[] X = new float[N], Y = new float[N];
  private static final double[] U = new double[N], V = new double[N];
  private static final boolean[] FLAGS = new boolean[N];
  private static final double[][] M1 = new double[96][96], M2 = new double[96][96], M3 = new double[96][96];

  private static void fill() {
    long seed = 42;
    for (int i = 0; i < N; i++) {
      seed = seed * 6364136223846793005L + 1442695040888963407L;
      A[i] = (int) (seed >>> 33);
      B[i] = (int) (seed >>> 17) & 0xffff;
      BYTES[i] = (byte) (seed >>> 40);
      LONGS[i] = seed;
      X[i] = (i & 255) * 0.25f;
      Y[i] = 1;
      U[i] = i * 0.001;
      V[i] = 1.0 / (i + 1);
    }
    for (int i = 0; i < 96; i++) for (int j = 0; j < 96; j++) { M1[i][j] = i - j * 0.5; M2[i][j] = (i ^ j) * 0.25; }
  }

  private static final String[] NAMES = {"sum", "max", "dot", "count", "hash", "sumLong", "saxpy", "ddot", "scale", "bits", "sieve", "collatz", "multiply", "mandelbrot"};

  private static int call(int kernel) {
    switch (kernel) {
      case 0: return sum(A);
      case 1: return max(A);
      case 2: return dot(A, B);
      case 3: return count(BYTES, (byte) 7);
      case 4: return hash(BYTES);
      case 5: return Long.hashCode(sumLong(A));
      case 6: for (int i = 0; i < N; i += 512) Y[i] = 1; saxpy(0.5f, X, Y); return Float.floatToIntBits(Y[512]);
      case 7: return Double.hashCode(ddot(U, V));
      case 8: scale(A, C, 3); return C[N - 1];
      case 9: return bits(LONGS);
      case 10: return sieve(FLAGS);
      case 11: return collatz(1000);
      case 12: multiply(M1, M2, M3); return Double.hashCode(M3[17][23]);
      default: return mandelbrot(48, 100);
    }
  }

  public static void main(String[] args) {
    long nanos = (args.length > 0 ? Long.parseLong(args[0]) : 500) * 1_000_000L;
    fill();
    for (int kernel = 0; kernel < NAMES.length; kernel++) {
      boolean wanted = args.length < 2;
      for (int i = 1; i < args.length; i++) wanted |= args[i].equals(NAMES[kernel]);
      if (!wanted) continue;
      long best = Long.MAX_VALUE;
      int result = 0;
      long end = System.nanoTime() + nanos;
      do {
        long start = System.nanoTime();
        result = call(kernel);
        best = Math.min(best, System.nanoTime() - start);
      } while (System.nanoTime() < end);
      System.out.println(NAMES[kernel] + "\t" + best + "\t" + Integer.toHexString(result));
    }
  }
}
