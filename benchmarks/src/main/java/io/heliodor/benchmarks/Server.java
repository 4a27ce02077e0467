package io.heliodor.benchmarks;

import java.util.List;

/** The server that is measured. */
interface Server extends AutoCloseable {
    /** Its addresses; one for each node. */
    List<Target> targets();

    /** Its processes, as far as they are known and run on this machine. */
    List<Long> pids();

    @Override
    void close();

    /** A server that was started by others. */
    record Running(List<Target> targets, List<Long> pids) implements Server {
        @Override
        public void close() {}
    }
}
