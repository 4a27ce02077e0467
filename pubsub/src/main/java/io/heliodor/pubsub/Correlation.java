package io.heliodor.pubsub;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The context of one request on its way through threads and nodes: its correlation id, by which the lines in the logs of
 * all nodes are found, and its W3C trace context, if it has one.
 *
 * <pre>{@code
 * try (var scope = Correlation.with(Correlation.generate())) {
 *     pid.send(new Work());
 * }
 * }</pre>
 *
 * <p>Every message to other nodes, message of a process, call and procedure carries the context of the thread that sent it. A process has
 * the context of a message until its next {@code receive}; a procedure and a subscriber have that of the sender while they run. As long
 * as a thread has an id, it is in the logging context (SLF4J's {@code MDC}) under {@code correlationId}. It does not pass to threads that
 * are started meanwhile; open a scope there.
 *
 * <p>A trace context is passed on in the same way, and never looked into: give the headers of a request to {@link #traced}, and its
 * handler on another node finds them in {@link #trace()}. Handlers of channels have the trace context of the message that they
 * handle: of the sender of a published message, an info message or an intercepted broadcast, else of the client's request to
 * connect. Their correlation id in the log is that of their connection.
 */
public final class Correlation {
    /** The key in the logging context. */
    public static final String MDC_KEY = "correlationId";

    private static final int LONGEST = 128;
    private static final int LONGEST_STATE = 512;
    private static final ThreadLocal<@Nullable Captured> CURRENT = new ThreadLocal<>();

    /**
     * A trace context, as <a href="https://www.w3.org/TR/trace-context/">Trace Context</a> of the W3C has it.
     *
     * @param parent the header {@code traceparent}
     * @param state the header {@code tracestate}; empty if there is none
     */
    public record Trace(String parent, String state) {
        /** Checks that no value is null. */
        public Trace {
            Objects.requireNonNull(parent, "parent");
            Objects.requireNonNull(state, "state");
        }
    }

    /**
     * The context of a thread at one time: an id, a trace, or both. Immutable, for messages to other threads of this JVM; {@link #carried()}
     * is for other processes.
     */
    public static final class Captured {
        private final @Nullable String id;
        private final @Nullable Trace trace;

        private Captured(@Nullable String id, @Nullable Trace trace) {
            this.id = id;
            this.trace = trace;
        }

        /**
         * Gives this thread the context until the scope is closed. Any thread may do so, any number of times.
         *
         * @return the scope
         */
        public Scope open() {
            return new Scope(this);
        }
    }

    /** Initialized with the first id. */
    private static final class Source {
        static final SecureRandom RANDOM = new SecureRandom();
    }

    private Correlation() {}

    /** From opening to closing, the thread has an id or a trace. To be closed by the thread that opened it. */
    public static final class Scope implements AutoCloseable {
        private final Captured now;
        private final @Nullable Captured before;

        private Scope(Captured now) {
            this.now = now;
            this.before = CURRENT.get();
            boolean opened = false;
            try {
                set(now);
                opened = true;
            } finally {
                if (!opened) {
                    // The logging context has failed. Nothing would close this.
                    carry(before);
                }
            }
        }

        /** Gives the thread back what it had before, unless it has been given something else since. */
        @Override
        public void close() {
            if (now.equals(CURRENT.get())) {
                set(before);
            }
        }
    }

    /**
     * A new id.
     *
     * @return 128 bits of a secure random source, as 22 characters
     */
    public static String generate() {
        byte[] bits = new byte[16];
        Source.RANDOM.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /**
     * The id of this thread.
     *
     * @return it, if there is one
     */
    public static Optional<String> current() {
        return capture().map(captured -> captured.id);
    }

    /**
     * The trace context of this thread.
     *
     * @return it, if there is one
     */
    public static Optional<Trace> trace() {
        return capture().map(captured -> captured.trace);
    }

    /**
     * Gives this thread an id until the scope is closed.
     *
     * @param id 1 to 128 printable characters of ASCII
     * @return the scope
     * @throws IllegalArgumentException when the id is not one
     */
    public static Scope with(String id) {
        Objects.requireNonNull(id, "id");
        if (!isId(id)) {
            throw new IllegalArgumentException("A correlation id has 1 to " + LONGEST
                    + " printable characters of ASCII; take Correlation.generate().");
        }
        return new Scope(new Captured(id, trace().orElse(null)));
    }

    /**
     * Gives this thread a trace context until the scope is closed. It keeps its correlation id.
     *
     * @param trace the two headers
     * @return the scope
     * @throws IllegalArgumentException when {@code parent} has not 1 to 128 printable characters of ASCII, or {@code state}
     *     has more than 512
     */
    public static Scope traced(Trace trace) {
        Objects.requireNonNull(trace, "trace");
        if (!isTrace(trace)) {
            throw new IllegalArgumentException("A trace context is made of the headers traceparent, with 1 to "
                    + LONGEST + " printable characters of ASCII, and tracestate, with at most " + LONGEST_STATE + ": "
                    + trace);
        }
        return new Scope(new Captured(current().orElse(null), trace));
    }

    /**
     * The context of this thread, to be opened by another thread of this JVM.
     *
     * @return it; empty if the thread has none
     */
    public static Optional<Captured> capture() {
        return Optional.ofNullable(CURRENT.get());
    }

    /**
     * The context of this thread as a text, to be resumed by another process.
     *
     * @return a text for {@link #resume}; empty for nothing
     */
    public static String carried() {
        Captured now = CURRENT.get();
        if (now == null) {
            return "";
        }
        String id = now.id == null ? "" : now.id;
        Trace trace = now.trace;
        return trace == null ? id : id + " " + trace.parent() + " " + trace.state();
    }

    /**
     * Gives this thread the context of a thread of another process.
     *
     * @param carried the result of {@link #carried} there
     * @return the scope; empty if the text is empty or invalid
     */
    public static Optional<Scope> resume(String carried) {
        Objects.requireNonNull(carried, "carried");
        if (carried.isEmpty()) {
            return Optional.empty();
        }
        int first = carried.indexOf(' ');
        if (first < 0) {
            return isId(carried) ? Optional.of(new Scope(new Captured(carried, null))) : Optional.empty();
        }
        String id = carried.substring(0, first);
        int second = carried.indexOf(' ', first + 1);
        if (second < 0 || (!id.isEmpty() && !isId(id))) {
            return Optional.empty();
        }
        Trace trace = new Trace(carried.substring(first + 1, second), carried.substring(second + 1));
        return isTrace(trace)
                ? Optional.of(new Scope(new Captured(id.isEmpty() ? null : id, trace)))
                : Optional.empty();
    }

    private static boolean isTrace(Trace trace) {
        return isId(trace.parent())
                && trace.state().length() <= LONGEST_STATE
                && trace.state().chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /**
     * Whether a text may be an id. Nothing else gets into logs from other nodes.
     *
     * @param text any
     * @return true for 1 to 128 printable characters of ASCII
     */
    public static boolean isId(String text) {
        Objects.requireNonNull(text, "text");
        return !text.isEmpty() && text.length() <= LONGEST && text.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    private static void set(@Nullable Captured next) {
        String former = id(CURRENT.get());
        carry(next);
        String id = id(next);
        // A scope without an id of its own leaves the logging context as others have set it.
        if (Objects.equals(former, id)) {
            return;
        }
        if (id == null) {
            MDC.remove(MDC_KEY);
        } else {
            MDC.put(MDC_KEY, id);
        }
    }

    private static void carry(@Nullable Captured next) {
        if (next == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(next);
        }
    }

    private static @Nullable String id(@Nullable Captured captured) {
        return captured == null ? null : captured.id;
    }
}
