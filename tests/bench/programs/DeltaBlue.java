import java.util.ArrayDeque;
import java.util.ArrayList;

/** Constraints with strengths between variables, kept up one by one: virtual calls, lists, short-lived objects. */
final class DeltaBlue implements Program {
  private static final int REQUIRED = 0, STRONG = 1, NORMAL = 2, WEAK = 3, WEAKEST = 4;

  private static final class Variable {
    final ArrayList<Constraint> constraints = new ArrayList<>();
    Constraint by;
    int value, mark, walkStrength = WEAKEST;
    boolean stays = true;

    Variable(int value) {
      this.value = value;
    }
  }

  private abstract static class Constraint {
    final int strength;

    Constraint(int strength) {
      this.strength = strength;
    }

    abstract void attach();

    abstract void detach();

    abstract boolean satisfied();

    abstract void unsatisfy();

    /** Chooses the variable that this constraint will compute, if one is weaker than it. */
    abstract void choose(int mark);

    abstract Variable output();

    abstract boolean inputsKnown(int mark);

    abstract void markInputs(int mark);

    abstract void recompute();

    abstract void execute();

    boolean isInput() {
      return false;
    }
  }

  private abstract static class Unary extends Constraint {
    final Variable variable;
    private boolean on;

    Unary(Variable variable, int strength) {
      super(strength);
      this.variable = variable;
    }

    @Override
    void attach() {
      variable.constraints.add(this);
      on = false;
    }

    @Override
    void detach() {
      variable.constraints.remove(this);
      on = false;
    }

    @Override
    boolean satisfied() {
      return on;
    }

    @Override
    void unsatisfy() {
      on = false;
    }

    @Override
    void choose(int mark) {
      on = variable.mark != mark && strength < variable.walkStrength;
    }

    @Override
    Variable output() {
      return variable;
    }

    @Override
    boolean inputsKnown(int mark) {
      return true;
    }

    @Override
    void markInputs(int mark) {}

    @Override
    void recompute() {
      variable.walkStrength = strength;
      variable.stays = !isInput();
      if (variable.stays) execute();
    }

    @Override
    void execute() {}
  }

  private static final class Stay extends Unary {
    Stay(Variable variable, int strength) {
      super(variable, strength);
    }
  }

  private static final class Edit extends Unary {
    Edit(Variable variable, int strength) {
      super(variable, strength);
    }

    @Override
    boolean isInput() {
      return true;
    }
  }

  private static class Equal extends Constraint {
    final Variable first, second;
    int direction;

    Equal(Variable first, Variable second, int strength) {
      super(strength);
      this.first = first;
      this.second = second;
    }

    @Override
    void attach() {
      first.constraints.add(this);
      second.constraints.add(this);
      direction = 0;
    }

    @Override
    void detach() {
      first.constraints.remove(this);
      second.constraints.remove(this);
      direction = 0;
    }

    @Override
    boolean satisfied() {
      return direction != 0;
    }

    @Override
    void unsatisfy() {
      direction = 0;
    }

    @Override
    void choose(int mark) {
      if (first.mark == mark) {
        direction = second.mark != mark && strength < second.walkStrength ? 1 : 0;
      } else if (second.mark == mark) {
        direction = strength < first.walkStrength ? -1 : 0;
      } else if (first.walkStrength > second.walkStrength) {
        direction = strength < first.walkStrength ? -1 : 0;
      } else {
        direction = strength < second.walkStrength ? 1 : 0;
      }
    }

    Variable input() {
      return direction > 0 ? first : second;
    }

    @Override
    Variable output() {
      return direction > 0 ? second : first;
    }

    @Override
    boolean inputsKnown(int mark) {
      Variable input = input();
      return input.mark == mark || input.stays || input.by == null;
    }

    @Override
    void markInputs(int mark) {
      input().mark = mark;
    }

    @Override
    void recompute() {
      Variable in = input(), out = output();
      out.walkStrength = Math.max(strength, in.walkStrength);
      out.stays = in.stays;
      if (out.stays) execute();
    }

    @Override
    void execute() {
      output().value = input().value;
    }
  }

  private static final class Scale extends Equal {
    final Variable factor, offset;

    Scale(Variable from, Variable factor, Variable offset, Variable to, int strength) {
      super(from, to, strength);
      this.factor = factor;
      this.offset = offset;
    }

    @Override
    void attach() {
      super.attach();
      factor.constraints.add(this);
      offset.constraints.add(this);
    }

    @Override
    void detach() {
      super.detach();
      factor.constraints.remove(this);
      offset.constraints.remove(this);
    }

    @Override
    void markInputs(int mark) {
      super.markInputs(mark);
      factor.mark = offset.mark = mark;
    }

    @Override
    void recompute() {
      Variable in = input(), out = output();
      out.walkStrength = Math.max(strength, in.walkStrength);
      out.stays = in.stays && factor.stays && offset.stays;
      if (out.stays) execute();
    }

    @Override
    void execute() {
      if (direction > 0) second.value = first.value * factor.value + offset.value;
      else first.value = (second.value - offset.value) / factor.value;
    }
  }

  private static final class Planner {
    private int mark;

    void add(Constraint constraint) {
      constraint.attach();
      int current = ++mark;
      for (Constraint next = constraint; next != null; ) next = satisfy(next, current);
    }

    /** Gives the constraint its variable; the constraint that lost it, if any. */
    private Constraint satisfy(Constraint constraint, int current) {
      constraint.choose(current);
      if (!constraint.satisfied()) {
        if (constraint.strength == REQUIRED) throw new IllegalStateException("a required constraint cannot be met");
        return null;
      }
      constraint.markInputs(current);
      Variable out = constraint.output();
      Constraint loser = out.by;
      if (loser != null) loser.unsatisfy();
      out.by = constraint;
      propagate(constraint);
      out.mark = current;
      return loser;
    }

    private void propagate(Constraint constraint) {
      ArrayDeque<Constraint> todo = new ArrayDeque<>();
      todo.add(constraint);
      while (!todo.isEmpty()) {
        Constraint next = todo.poll();
        next.recompute();
        consumers(next.output(), todo);
      }
    }

    private static void consumers(Variable variable, ArrayDeque<Constraint> into) {
      for (int i = 0; i < variable.constraints.size(); i++) {
        Constraint constraint = variable.constraints.get(i);
        if (constraint != variable.by && constraint.satisfied()) into.add(constraint);
      }
    }

    void remove(Constraint constraint) {
      if (!constraint.satisfied()) {
        constraint.detach();
        return;
      }
      Variable out = constraint.output();
      constraint.unsatisfy();
      constraint.detach();
      out.by = null;
      out.walkStrength = WEAKEST;
      out.stays = true;
      ArrayList<Constraint> lost = new ArrayList<>();
      ArrayDeque<Constraint> reached = new ArrayDeque<>();
      collect(out, lost, reached);
      while (!reached.isEmpty()) {
        Constraint next = reached.poll();
        next.recompute();
        collect(next.output(), lost, reached);
      }
      for (int strength = REQUIRED; strength < WEAKEST; strength++) {
        for (Constraint other : lost) {
          if (other.strength != strength || other.satisfied()) continue;
          int current = ++mark;
          for (Constraint next = other; next != null; ) next = satisfy(next, current);
        }
      }
    }

    private static void collect(Variable variable, ArrayList<Constraint> lost, ArrayDeque<Constraint> reached) {
      for (Constraint constraint : variable.constraints) {
        if (!constraint.satisfied()) lost.add(constraint);
        else if (constraint != variable.by) reached.add(constraint);
      }
    }

    /** What has to be executed when the edited variable changes, in order. */
    ArrayList<Constraint> plan(Edit edit) {
      ArrayList<Constraint> plan = new ArrayList<>();
      ArrayDeque<Constraint> todo = new ArrayDeque<>();
      int current = ++mark;
      todo.add(edit);
      while (!todo.isEmpty()) {
        Constraint next = todo.poll();
        if (next.output().mark == current || !next.inputsKnown(current)) continue;
        plan.add(next);
        next.output().mark = current;
        consumers(next.output(), todo);
      }
      return plan;
    }
  }

  private static long chain(int length) {
    Planner planner = new Planner();
    Variable[] variables = new Variable[length + 1];
    for (int i = 0; i <= length; i++) variables[i] = new Variable(i);
    for (int i = 0; i < length; i++) planner.add(new Equal(variables[i], variables[i + 1], REQUIRED));
    planner.add(new Stay(variables[length], STRONG));
    Edit edit = new Edit(variables[0], REQUIRED);
    planner.add(edit);
    ArrayList<Constraint> plan = planner.plan(edit);
    long sum = 0;
    for (int turn = 0; turn < 100; turn++) {
      variables[0].value = turn;
      for (Constraint constraint : plan) constraint.execute();
      if (variables[length].value != turn) throw new AssertionError(variables[length].value);
      sum += variables[length / 2].value;
    }
    planner.remove(edit);
    return sum;
  }

  private static void change(Planner planner, Variable variable, int value) {
    Edit edit = new Edit(variable, STRONG);
    planner.add(edit);
    ArrayList<Constraint> plan = planner.plan(edit);
    for (int turn = 0; turn < 10; turn++) {
      variable.value = value;
      for (Constraint constraint : plan) constraint.execute();
    }
    planner.remove(edit);
  }

  private static long projection(int count) {
    Planner planner = new Planner();
    Variable factor = new Variable(10), offset = new Variable(1000);
    Variable[] from = new Variable[count], to = new Variable[count];
    for (int i = 0; i < count; i++) {
      from[i] = new Variable(i);
      to[i] = new Variable(i);
      planner.add(new Stay(from[i], NORMAL));
      planner.add(new Scale(from[i], factor, offset, to[i], REQUIRED));
    }
    planner.add(new Stay(to[0], WEAK));
    change(planner, from[3], 17);
    long sum = to[3].value;
    change(planner, to[5], 1050);
    sum = sum * 31 + from[5].value;
    change(planner, factor, 5);
    for (Variable variable : to) sum = sum * 31 + variable.value;
    change(planner, offset, 2000);
    for (Variable variable : to) sum = sum * 31 + variable.value;
    return sum;
  }

  @Override
  public long run() {
    return chain(1_000) * 7 + projection(1_000);
  }
}
