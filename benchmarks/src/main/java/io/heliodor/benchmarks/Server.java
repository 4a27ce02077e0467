package io.heliodor.benchmarks;

import java.util.List;
import java.util.OptionalLong;

/** The server that is measured. */
interface Server extends AutoCloseable {
    /** Its addresses; one for each node. */
    List<Target> targets();

    /** Its processes, as far as they are known and run on this machine. */
    List<Long> pids();

    @Override
    void close();

    /** A server that was started by others. */
    static Server running(Target target, OptionalLong pid) {
        return new Server() {
            @Override
            public List<Target> targets() {
                return List.of(target);
            }

            @Override
            public List<Long> pids() {
                return pid.stream().boxed().toList();
            }

            @Override
            public void close() {}
        };
    }
}
