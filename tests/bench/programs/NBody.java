/** Planets as objects that attract each other. */
final class NBody implements Program {
  private static final class Body {
    double x, y, z, vx, vy, vz, mass;

    Body(double x, double y, double z, double vx, double vy, double vz, double mass) {
      this.x = x;
      this.y = y;
      this.z = z;
      this.vx = vx;
      this.vy = vy;
      this.vz = vz;
      this.mass = mass;
    }
  }

  private static Body[] system() {
    Body[] bodies = new Body[5];
    bodies[0] = new Body(0, 0, 0, 0, 0, 0, 40);
    for (int i = 1; i < bodies.length; i++) {
      bodies[i] = new Body(3.5 * i, 1.25 * i, -0.5 * i, 0.7 / i, 2.1 / i, 0.02 * i, 0.04 / i);
    }
    return bodies;
  }

  private static void advance(Body[] bodies, double dt) {
    for (int i = 0; i < bodies.length; i++) {
      Body a = bodies[i];
      for (int j = i + 1; j < bodies.length; j++) {
        Body b = bodies[j];
        double dx = a.x - b.x, dy = a.y - b.y, dz = a.z - b.z;
        double square = dx * dx + dy * dy + dz * dz;
        double magnitude = dt / (square * Math.sqrt(square));
        a.vx -= dx * b.mass * magnitude;
        a.vy -= dy * b.mass * magnitude;
        a.vz -= dz * b.mass * magnitude;
        b.vx += dx * a.mass * magnitude;
        b.vy += dy * a.mass * magnitude;
        b.vz += dz * a.mass * magnitude;
      }
    }
    for (Body body : bodies) {
      body.x += dt * body.vx;
      body.y += dt * body.vy;
      body.z += dt * body.vz;
    }
  }

  @Override
  public long run() {
    Body[] bodies = system();
    for (int i = 0; i < 20_000; i++) advance(bodies, 0.001);
    return Double.doubleToLongBits(bodies[0].x + bodies[3].vy);
  }
}
