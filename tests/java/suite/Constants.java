package suite;

/** iconst .. sipush, ldc, ldc_w, ldc2_w of every kind; strings and classes; interned identity. */
final class Constants implements Suite.Case {
  static int ints(int k) { return k == 0 ? -1 : k == 1 ? 5 : k == 2 ? 6 : k == 3 ? -128 : k == 4 ? 127 : k == 5 ? 128 : k == 6 ? -32768 : k == 7 ? 32767 : k == 8 ? 32768 : k == 9 ? Integer.MIN_VALUE : 123456789; }
  static long longs(int k) { return k == 0 ? 0L : k == 1 ? 1L : k == 2 ? 2L : k == 3 ? -1L : k == 4 ? Long.MIN_VALUE : 0x123456789abcdefL; }
  static String string(int k) { return k == 0 ? "zero" : k == 1 ? "" : "unicode \u00e9\u4e2d\ud83d\ude00\u0000"; }
  static Class<?> type(int k) { return k == 0 ? String.class : k == 1 ? int[].class : k == 2 ? Constants.class : Runnable.class; }
  static boolean same(int k) { return string(k) == string(k); }
  static Object nothing() { return null; }
  static int useString(int k) { return string(k).length() * 31 + (k == 0 ? "zero".charAt(1) : 0); }

  @Override
  public void run(Suite.Out out) {
    for (int k = 0; k < 11; k++) out.add((long) ints(k));
    for (int k = 0; k < 6; k++) out.add(longs(k));
    for (int k = 0; k < 3; k++) { out.add(string(k)); out.add(same(k)); out.add((long) useString(k)); }
    for (int k = 0; k < 4; k++) out.add(type(k).getName());
    out.add(nothing() == null);
    out.add(string(0) == "ze".concat("ro").intern());
  }
}
