package suite;

/** Null, bounds, zero, negative: exact class, message, line, and nothing done twice before or after. */
final class ImplicitExceptions implements Suite.Case {
  int x;
  static int effects;

  static int field(ImplicitExceptions p) { effects += 1; int r = p.x; effects += 2; return r; }
  static void setField(ImplicitExceptions p, int v) { effects += 1; p.x = v; effects += 2; }
  static int load(int[] a, int i) { effects += 1; int r = a[i]; effects += 2; return r; }
  static void store(long[] a, int i, long v) { effects += 1; a[i] = v; effects += 2; }
  static int length(byte[] a) { effects += 1; return a.length; }
  static Object loadReference(Object[] a, int i) { effects += 1; return a[i]; }
  static int divide(int a, int b) { effects += 1; int r = a / b; effects += 2; return r; }
  static int remainder(int a, int b) { effects += 1; return a % b; }
  static long divideLong(long a, long b) { effects += 1; return a / b; }
  static long remainderLong(long a, long b) { effects += 1; return a % b; }
  static int call(ImplicitExceptions p) { effects += 1; return p.get(); }
  static int callInterface(CharSequence s) { effects += 1; return s.length(); }
  int get() { return x; }
  static int inLoop(int[] a, int from, int to) { int s = 0; for (int i = from; i < to; i++) { s = s * 31 + a[i]; effects += i; } return s; }
  static long operandsOnStack(int[] a, int i, long b, int d) { return a[0] + b * (a[1] + load(a, i) / d); }
  static int order(int[] a, int i, int zero) { a[i] = 5 / zero; return a[i]; }
  static int compoundOrder(int[] a, int i) { return a[i] += effects++; }

  interface Action { long go(); }

  private static void attempt(Suite.Out out, String what, Action a) {
    effects = 0;
    try {
      out.add(a.go());
    } catch (RuntimeException e) {
      out.thrown(what, e);
    }
    out.add((long) effects);
  }

  @Override
  public void run(Suite.Out out) {
    ImplicitExceptions p = new ImplicitExceptions();
    p.x = 9;
    int[] a = {1, 2, 3};
    long[] l = {1};
    for (int k = 0; k < 3; k++) {  // mostly the good path, so that the compiled code is entered
      attempt(out, "field", () -> field(p));
      attempt(out, "load", () -> load(a, 2));
      attempt(out, "divide", () -> divide(7, 2));
      attempt(out, "inLoop", () -> inLoop(a, 0, 3));
      attempt(out, "operands", () -> operandsOnStack(a, 1, 5, 2));
    }
    attempt(out, "field null", () -> field(null));
    attempt(out, "setField null", () -> { setField(null, 3); return 0; });
    attempt(out, "load null", () -> load(null, 0));
    for (int i : new int[] {-1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      attempt(out, "load " + i, () -> load(a, i));
      attempt(out, "store " + i, () -> { store(l, i, 4); return 0; });
      attempt(out, "loadReference " + i, () -> loadReference(new Object[2], i) == null ? 1 : 0);
      attempt(out, "compoundOrder " + i, () -> compoundOrder(a, i));
    }
    attempt(out, "store null", () -> { store(null, 0, 4); return 0; });
    attempt(out, "length null", () -> length(null));
    attempt(out, "divide 0", () -> divide(5, 0));
    attempt(out, "remainder 0", () -> remainder(5, 0));
    attempt(out, "divideLong 0", () -> divideLong(5, 0));
    attempt(out, "remainderLong 0", () -> remainderLong(5, 0));
    attempt(out, "call null", () -> call(null));
    attempt(out, "callInterface null", () -> callInterface(null));
    attempt(out, "inLoop over", () -> inLoop(a, 0, 4));
    attempt(out, "inLoop under", () -> inLoop(a, -1, 2));
    attempt(out, "inLoop null", () -> inLoop(null, 0, 2));
    attempt(out, "inLoop empty null", () -> inLoop(null, 2, 2));
    attempt(out, "operands over", () -> operandsOnStack(a, 3, 5, 2));
    attempt(out, "operands zero", () -> operandsOnStack(a, 1, 5, 0));
    attempt(out, "order zero first", () -> order(a, 77, 0));
    attempt(out, "order null", () -> order(null, 77, 0));
    attempt(out, "order bounds", () -> order(a, 77, 1));
  }
}
