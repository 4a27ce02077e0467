package io.heliodor.benchmarks;

import java.util.OptionalLong;

/** The server that is measured. */
interface Server extends AutoCloseable {
    Target target();

    /** Its process, if it is known and runs on this machine. */
    OptionalLong pid();

    @Override
    void close();

    /** A server that somebody else started and will stop. */
    static Server running(Target target, OptionalLong pid) {
        return new Server() {
            @Override
            public Target target() {
                return target;
            }

            @Override
            public OptionalLong pid() {
                return pid;
            }

            @Override
            public void close() {}
        };
    }
}
