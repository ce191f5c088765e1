/** Fields of every type, static and not; null receivers. */
class FieldCases {
  int i; long j; float f; double d; byte b; boolean z; char c; short s; FieldCases next; int[] array;
  static int si; static long sj; static float sf; static double sd; static byte sb; static boolean sz; static char sc; static short ss; static FieldCases sn;
  static int getAll(FieldCases x) { return x.i + (int) x.j + (int) x.f + (int) x.d + x.b + (x.z ? 1 : 0) + x.c + x.s; }
  static void setAll(FieldCases x, int v) { x.i = v; x.j = v * 3L; x.f = v; x.d = v / 3.0; x.b = (byte) v; x.z = (v & 1) != 0; x.c = (char) v; x.s = (short) v; }
  static long statics(int v) { si += v; sj += si; sf += 1; sd = sd * 2 + 1; sb += v; sz = !sz; sc++; ss--; return si + sj + (long) sf + (long) sd + sb + (sz ? 1 : 0) + sc + ss; }
  static FieldCases next(FieldCases x) { return x.next; }
  static boolean staticNull() { return sn == null; }
  static int walk(FieldCases x, int n) { int s = 0; n &= 15; while (x != null && n-- > 0) { s = s * 31 + x.i; x = x.next; } return s; }
  static int arrayOf(FieldCases x, int i) { return x.array[i] + x.array.length; }
  static int twice(FieldCases x, FieldCases y) { int a = x.i; y.i = a + 1; return x.i + a; }
  int self(int v) { i += v; return i - s; }
  static int callSelf(FieldCases x, int v) { return x.self(v) + x.self(1); }
  static boolean same(FieldCases x, FieldCases y) { return x == y || x.next == y; }
  static int sumArray(FieldCases x) { int s = 0; for (int i = 0; i < x.array.length; i++) { s += x.array[i]; x.i = s; } return s; }
}
