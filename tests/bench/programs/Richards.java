/** An operating system in small: tasks of several classes exchange packets through queues, a scheduler switches. */
final class Richards implements Program {
  private static final int WORK = 0, DEVICE = 1;

  private static final class Packet {
    Packet next;
    Task receiver;
    final int kind;
    int datum;
    final int[] data = new int[4];

    Packet(Packet next, Task receiver, int kind) {
      this.next = next;
      this.receiver = receiver;
      this.kind = kind;
    }

    /** This packet at the end of a queue; the queue's new head. */
    Packet appendTo(Packet queue) {
      next = null;
      if (queue == null) return this;
      Packet last = queue;
      while (last.next != null) last = last.next;
      last.next = this;
      return queue;
    }
  }

  private abstract static class Task {
    final Task next;
    final int priority;
    Packet queue;
    boolean held, waiting, ready;

    Task(Task next, int priority) {
      this.next = next;
      this.priority = priority;
    }

    /** Whether the scheduler has to look for another task. */
    final boolean blocked() {
      return held || waiting && !ready;
    }

    /** Takes a packet, if one is there, does one step, and says who goes on. */
    final Task activate(Scheduler scheduler) {
      Packet packet = null;
      if (waiting && ready) {
        packet = queue;
        queue = packet.next;
        waiting = false;
        ready = queue != null;
      }
      return step(scheduler, packet);
    }

    abstract Task step(Scheduler scheduler, Packet packet);
  }

  private static final class IdleTask extends Task {
    private int control = 1, count;
    Task[] devices;

    IdleTask(Task next, int count) {
      super(next, 0);
      this.count = count;
    }

    @Override
    Task step(Scheduler scheduler, Packet packet) {
      if (--count == 0) return scheduler.hold(this);
      if ((control & 1) == 0) {
        control >>= 1;
        return scheduler.release(devices[0], this);
      }
      control = control >> 1 ^ 0xd008;
      return scheduler.release(devices[1], this);
    }
  }

  private static final class Worker extends Task {
    Task[] handlers;
    private int turn, letter;

    Worker(Task next, int priority) {
      super(next, priority);
    }

    @Override
    Task step(Scheduler scheduler, Packet packet) {
      if (packet == null) return scheduler.await(this);
      turn ^= 1;
      packet.receiver = handlers[turn];
      packet.datum = 0;
      for (int i = 0; i < packet.data.length; i++) {
        letter = letter == 26 ? 1 : letter + 1;
        packet.data[i] = letter;
      }
      return scheduler.send(packet, this);
    }
  }

  private static final class Handler extends Task {
    Task device;
    private Packet work, answers;

    Handler(Task next, int priority) {
      super(next, priority);
    }

    @Override
    Task step(Scheduler scheduler, Packet packet) {
      if (packet != null) {
        if (packet.kind == WORK) work = packet.appendTo(work);
        else answers = packet.appendTo(answers);
      }
      if (work != null) {
        Packet first = work;
        if (first.datum >= first.data.length) {
          work = first.next;
          first.receiver = scheduler.worker;
          return scheduler.send(first, this);
        }
        if (answers != null) {
          Packet answer = answers;
          answers = answer.next;
          answer.datum = first.data[first.datum++];
          answer.receiver = device;
          return scheduler.send(answer, this);
        }
      }
      return scheduler.await(this);
    }
  }

  private static final class Device extends Task {
    private final Task handler;
    private Packet pending;

    Device(Task next, int priority, Task handler) {
      super(next, priority);
      this.handler = handler;
    }

    @Override
    Task step(Scheduler scheduler, Packet packet) {
      if (packet != null) {
        pending = packet;
        scheduler.checksum = scheduler.checksum * 31 + packet.datum;
        return scheduler.hold(this);
      }
      if (pending == null) return scheduler.await(this);
      Packet done = pending;
      pending = null;
      done.receiver = handler;
      return scheduler.send(done, this);
    }
  }

  private static final class Scheduler {
    Task list, worker;
    long sent, held, checksum;

    Task await(Task task) {
      task.waiting = true;
      return task;
    }

    Task hold(Task task) {
      held++;
      task.held = true;
      return task.next;
    }

    Task release(Task task, Task current) {
      task.held = false;
      return task.priority > current.priority ? task : current;
    }

    Task send(Packet packet, Task current) {
      Task receiver = packet.receiver;
      sent++;
      receiver.queue = packet.appendTo(receiver.queue);
      receiver.ready = true;
      return receiver.priority > current.priority ? receiver : current;
    }

    void schedule() {
      for (Task task = list; task != null; ) {
        task = task.blocked() ? task.next : task.activate(this);
      }
    }
  }

  @Override
  public long run() {
    Scheduler scheduler = new Scheduler();
    IdleTask idle = new IdleTask(null, 10_000);
    Worker worker = new Worker(idle, 1000);
    Handler a = new Handler(worker, 2000), b = new Handler(a, 3000);
    Device first = new Device(b, 4000, a), second = new Device(first, 5000, b);
    a.device = first;
    b.device = second;
    idle.devices = new Task[] {first, second};
    worker.handlers = new Task[] {a, b};
    scheduler.worker = worker;
    scheduler.list = second;  // by falling priority
    worker.queue = new Packet(new Packet(null, worker, WORK), worker, WORK);
    worker.waiting = worker.ready = true;
    for (Handler handler : new Handler[] {a, b}) {
      for (int i = 0; i < 3; i++) handler.queue = new Packet(handler.queue, handler, DEVICE);
      handler.waiting = handler.ready = true;
    }
    first.waiting = second.waiting = true;
    scheduler.schedule();
    return scheduler.sent * 1_000_003 + scheduler.held * 31 + scheduler.checksum;
  }
}
