package io.heliodor.testkit;

import java.util.function.BooleanSupplier;

/**
 * The threads of kits, and their time as the machine measures it. A simulation replaces them: it runs all threads one
 * at a time, in an order that it draws.
 */
interface KitThreads {
    /** Those of the kits that the thread of a test starts. */
    ScopedValue<KitThreads> CURRENT = ScopedValue.newInstance();

    /** Those of the calling thread: of a simulation, or of the machine. */
    static KitThreads current() {
        return CURRENT.orElse(new Machine());
    }

    /** The builder of a thread that runs a loop. */
    Thread.Builder loop();

    /** The present time: nanoseconds since an arbitrary moment. */
    long nanoTime();

    /** Waits until all threads are idle. {@code nodes} returns whether the nodes and their network are. */
    Rest rest(BooleanSupplier nodes);

    /** A wait for idle threads. */
    interface Rest {
        /** Waits until all are idle, and hardly any longer than a second for those that never are. */
        void await();

        /** Whether no virtual thread is running or runnable, and no loop of a kit has a task. */
        boolean threadsIdle();
    }

    /** The threads of the machine. */
    record Machine() implements KitThreads {
        @Override
        public Thread.Builder loop() {
            return Thread.ofPlatform().daemon();
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public Rest rest(BooleanSupplier nodes) {
            return new QuiescenceDetector(nodes);
        }
    }
}
