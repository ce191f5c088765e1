/** Loops over int arrays: sum, dot product, maximum, scaling. */
final class IntKernels implements Program {
  private final int[] a = new int[40_009], b = new int[a.length], c = new int[a.length];

  IntKernels() {
    Numbers numbers = new Numbers(1);
    for (int i = 0; i < a.length; i++) {
      a[i] = numbers.next();
      b[i] = numbers.below(1 << 16);
    }
  }

  private static int sum(int[] a) {
    int sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i];
    return sum;
  }

  private static int dot(int[] a, int[] b) {
    int sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  private static int maximum(int[] a) {
    int maximum = Integer.MIN_VALUE;
    for (int i = 0; i < a.length; i++) maximum = Math.max(maximum, a[i]);
    return maximum;
  }

  private static void scale(int[] from, int[] to, int factor) {
    for (int i = 0; i < from.length; i++) to[i] = from[i] * factor + (from[i] >> 3);
  }

  @Override
  public long run() {
    long result = 0;
    for (int turn = 1; turn <= 10; turn++) {
      scale(a, c, turn);
      result = result * 31 + sum(c) + dot(b, c) + maximum(c);
    }
    return result;
  }
}
