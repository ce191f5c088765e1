import java.math.BigInteger;

/** Digits of pi, a factorial and modular powers with BigInteger. */
final class BigNumbers implements Program {
  private static long pi(int digits) {
    BigInteger q = BigInteger.ONE, r = BigInteger.ZERO, t = BigInteger.ONE;
    long hash = 0;
    for (int k = 1, found = 0; found < digits; k++) {
      // The next term of the series, then as many digits as are sure.
      BigInteger odd = BigInteger.valueOf(2L * k + 1);
      r = q.shiftLeft(1).add(r).multiply(odd);
      t = t.multiply(odd);
      q = q.multiply(BigInteger.valueOf(k));
      if (q.compareTo(r) > 0) continue;
      BigInteger three = q.multiply(BigInteger.valueOf(3)).add(r).divide(t);
      BigInteger four = q.shiftLeft(2).add(r).divide(t);
      if (!three.equals(four)) continue;
      hash = hash * 31 + three.intValue();
      found++;
      r = r.subtract(three.multiply(t)).multiply(BigInteger.TEN);
      q = q.multiply(BigInteger.TEN);
    }
    return hash;
  }

  @Override
  public long run() {
    BigInteger factorial = BigInteger.ONE;
    for (int i = 2; i < 400; i++) factorial = factorial.multiply(BigInteger.valueOf(i));
    BigInteger prime = BigInteger.ONE.shiftLeft(521).subtract(BigInteger.ONE);
    BigInteger power = BigInteger.valueOf(3).modPow(factorial.mod(prime), prime);
    return pi(120) + factorial.toString().hashCode() * 7L + power.hashCode();
  }
}
