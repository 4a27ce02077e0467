package io.heliodor.session.lane;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Virtual threads that run on the thread that starts them until they block for the first time, and on the carriers of the JDK
 * after that. The JDK has no public method for it: {@code java.lang} must be open to this module, and its methods be those of JDK 25.
 */
public final class LoopThreads {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.session");
    private static final String NAME = "heliodor-channels";
    private static final int NO_CHARACTERISTICS = 0;

    private final MethodHandle newThread;
    private final Executor pool;

    private LoopThreads(MethodHandle newThread, Executor pool) {
        this.newThread = newThread;
        this.pool = pool;
    }

    /** Those of this JDK. If it has none, or is not open, one line of the log has the reason. */
    public static Optional<LoopThreads> find() {
        try {
            return Optional.of(of());
        } catch (InaccessibleObjectException e) {
            Module module = LoopThreads.class.getModule();
            LOG.info(
                    "Handlers run on threads of the pool only, which costs more for small messages. Start the JVM with"
                            + " --add-opens java.base/java.lang={} to let short ones run on event loops.",
                    module.isNamed() ? module.getName() : "ALL-UNNAMED");
            return Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.info(
                    "Handlers run on threads of the pool only, which costs more for small messages: JDK {} has no other"
                            + " threads for them. JDK 25 has. Level debug shows the cause.",
                    Runtime.version().feature());
            LOG.debug("Handlers cannot run on event loops.", e);
            return Optional.empty();
        }
    }

    private static LoopThreads of() throws ReflectiveOperationException {
        Method newThread = Class.forName("java.lang.ThreadBuilders")
                .getDeclaredMethod("newVirtualThread", Executor.class, String.class, int.class, Runnable.class);
        newThread.setAccessible(true);
        Method scheduler = Class.forName("java.lang.VirtualThread").getDeclaredMethod("defaultScheduler");
        scheduler.setAccessible(true);
        LoopThreads threads = new LoopThreads(
                MethodHandles.lookup()
                        .unreflect(newThread)
                        .asType(MethodType.methodType(
                                Thread.class, Executor.class, String.class, int.class, Runnable.class)),
                (Executor) scheduler.invoke(null));
        threads.probe();
        return threads;
    }

    /** Runs a thread as lanes do. On a platform thread of its own: the caller may be a virtual one, which can carry no other. */
    private void probe() {
        FutureTask<Void> probe = new FutureTask<>(() -> start(() -> {}).begin(), null);
        Thread.ofPlatform().daemon().name("heliodor-probe").start(probe);
        boolean interrupted = false;
        while (true) {
            try {
                probe.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new UnsupportedOperationException("a virtual thread does not run on its scheduler", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts a thread, which runs when {@link Started#begin} is called. */
    Started start(Runnable task) {
        FirstStay stay = new FirstStay(pool);
        Thread thread = thread(stay, new Once(task));
        thread.start();
        return new Started(thread, stay);
    }

    /** Starts a thread of the pool, also on a thread that was begun here, whose scheduler it would inherit. */
    void startInPool(Runnable task) {
        thread(pool, task).start();
    }

    private Thread thread(Executor scheduler, Runnable task) {
        try {
            return (Thread) newThread.invokeExact(scheduler, NAME, NO_CHARACTERISTICS, task);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a method that declares no exception", e);
        }
    }

    /** A task that its thread does not refer to: threads that it starts keep their scheduler, and that their parent. */
    private static final class Once implements Runnable {
        private @Nullable Runnable task;

        Once(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            Runnable once = task;
            task = null;
            if (once != null) {
                once.run();
            }
        }
    }

    /** A thread that has been started. */
    record Started(Thread thread, FirstStay stay) {
        /** Runs it until it ends or blocks. Called once, by the platform thread that started it. */
        void begin() {
            Runnable continuation = stay.continuation;
            if (continuation == null) {
                throw new UnsupportedOperationException("virtual threads do not use their scheduler");
            }
            continuation.run();
        }

        /** Whether it has not blocked yet; exact on the thread itself. */
        boolean isOnLoop() {
            return !stay.over;
        }

        StackTraceElement[] stack() {
            return thread.getStackTrace();
        }
    }

    /**
     * The scheduler of one thread. Threads that its handlers start inherit it, so only the first continuation of its own thread does
     * not go to the pool.
     */
    private static final class FirstStay implements Executor {
        private final Executor pool;

        /** Written before the thread begins. */
        private @Nullable Runnable continuation;

        private volatile boolean over;

        FirstStay(Executor pool) {
            this.pool = pool;
        }

        @Override
        public void execute(Runnable task) {
            if (continuation == null) {
                continuation = task;
                return;
            }
            if (task.equals(continuation)) {
                // Before the thread goes on.
                over = true;
            }
            pool.execute(task);
        }
    }
}
