package io.heliodor.client.session;

import java.util.random.RandomGenerator;

/** The delays between attempts to connect: random between a half and all of a value that doubles. */
final class Backoff {
    private static final int MAX_DOUBLINGS = 30;

    private final Timing timing;
    private final RandomGenerator random;
    private int attempts;

    Backoff(Timing timing, RandomGenerator random) {
        this.timing = timing;
        this.random = random;
    }

    /** The delay before the next attempt, after a connection that was open for a time; 0 if it was not established. */
    long next(long openFor) {
        if (openFor >= timing.stable()) {
            attempts = 0;
        }
        double doubled = (double) timing.firstDelay() * Math.pow(2, Math.min(attempts, MAX_DOUBLINGS));
        long max = (long) Math.min((double) timing.maxDelay(), doubled);
        attempts++;
        return max - (long) (random.nextDouble() * (max / 2.0));
    }

    void reset() {
        attempts = 0;
    }
}
