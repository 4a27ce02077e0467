package io.heliodor.benchmarks;

/**
 * The load of a scenario.
 *
 * @param window the most messages in flight: for each sender (fan-out) or connection (echo)
 * @param rate messages a second in all; 0 means that the next is sent when one has landed
 */
record Load(int window, double rate) {
    boolean fixedRate() {
        return rate > 0;
    }
}
