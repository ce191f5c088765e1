import java.util.Vector;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Locks that nobody fights for: synchronized methods and blocks, the library's locks, atomic counters. */
final class Locks implements Program {
  private static final class Account {
    private long balance;

    synchronized void add(long amount) {
      balance += amount;
    }

    synchronized long balance() {
      return balance;
    }
  }

  private static void move(Account from, Account to, long amount) {
    synchronized (from) {
      synchronized (to) {
        from.add(-amount);
        to.add(amount);
      }
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final ReentrantReadWriteLock readers = new ReentrantReadWriteLock();

  @Override
  public long run() {
    Account[] accounts = new Account[16];
    for (int i = 0; i < accounts.length; i++) accounts[i] = new Account();
    for (int i = 0; i < 20_000; i++) move(accounts[i & 15], accounts[i * 7 + 3 & 15], i);
    long sum = 0;
    for (Account account : accounts) sum = sum * 31 + account.balance();
    Vector<Integer> vector = new Vector<>();
    for (int i = 0; i < 5_000; i++) vector.add(i);
    for (int i = 0; i < vector.size(); i++) sum += vector.get(i);
    StringBuffer buffer = new StringBuffer();
    for (int i = 0; i < 5_000; i++) buffer.append((char) ('a' + i % 26));
    sum = sum * 31 + buffer.toString().hashCode();
    AtomicInteger counter = new AtomicInteger();
    AtomicLong total = new AtomicLong();
    for (int i = 0; i < 10_000; i++) {
      lock.lock();
      try {
        counter.incrementAndGet();
      } finally {
        lock.unlock();
      }
      readers.readLock().lock();
      total.addAndGet(counter.get());
      readers.readLock().unlock();
    }
    return sum * 31 + counter.get() + total.get();
  }
}
