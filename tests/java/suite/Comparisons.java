package suite;

/** if*, if_icmp*, if_acmp*, ifnull, lcmp, fcmpl, fcmpg, dcmpl, dcmpg: both outcomes of every branch. */
final class Comparisons implements Suite.Case {
  static int ints(int a, int b) {
    int r = 0;
    if (a == b) r |= 1;
    if (a != b) r |= 2;
    if (a < b) r |= 4;
    if (a >= b) r |= 8;
    if (a > b) r |= 16;
    if (a <= b) r |= 32;
    if (a == 0) r |= 64;
    if (a != 0) r |= 128;
    if (a < 0) r |= 256;
    if (a >= 0) r |= 512;
    if (a > 0) r |= 1024;
    if (a <= 0) r |= 2048;
    return r;
  }

  static int longs(long a, long b) {
    int r = 0;
    if (a == b) r |= 1;
    if (a != b) r |= 2;
    if (a < b) r |= 4;
    if (a >= b) r |= 8;
    if (a > b) r |= 16;
    if (a <= b) r |= 32;
    return r;
  }

  static int doubles(double a, double b) {
    int r = 0;
    if (a == b) r |= 1;
    if (a != b) r |= 2;
    if (a < b) r |= 4;
    if (a >= b) r |= 8;
    if (a > b) r |= 16;
    if (a <= b) r |= 32;
    if (!(a < b)) r |= 64;
    if (!(a >= b)) r |= 128;
    if (!(a > b)) r |= 256;
    if (!(a <= b)) r |= 512;
    return r;
  }

  static int floats(float a, float b) {
    int r = 0;
    if (a == b) r |= 1;
    if (a != b) r |= 2;
    if (a < b) r |= 4;
    if (a >= b) r |= 8;
    if (a > b) r |= 16;
    if (a <= b) r |= 32;
    if (!(a < b)) r |= 64;
    if (!(a >= b)) r |= 128;
    if (!(a > b)) r |= 256;
    if (!(a <= b)) r |= 512;
    return r;
  }

  static int references(Object a, Object b) {
    int r = 0;
    if (a == b) r |= 1;
    if (a != b) r |= 2;
    if (a == null) r |= 4;
    if (a != null) r |= 8;
    return r;
  }

  static boolean logic(boolean a, boolean b, int x) { return a && (b || x > 3) && !(b && x == 7) || x == -1; }

  @Override
  public void run(Suite.Out out) {
    for (int a : IntArithmetic.EDGES) for (int b : IntArithmetic.EDGES) out.add((long) ints(a, b));
    for (long a : LongArithmetic.EDGES) for (long b : LongArithmetic.EDGES) out.add((long) longs(a, b));
    for (double a : FloatArithmetic.D) for (double b : FloatArithmetic.D) out.add((long) doubles(a, b));
    for (float a : FloatArithmetic.F) for (float b : FloatArithmetic.F) out.add((long) floats(a, b));
    Object[] objects = {null, "a", new Object(), new int[1]};
    for (Object a : objects) for (Object b : objects) out.add((long) references(a, b));
    for (int x = -2; x < 10; x++)
      for (int m = 0; m < 4; m++) out.add(logic((m & 1) != 0, (m & 2) != 0, x));
  }
}
