package io.heliodor.session.telemetry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.Socket;
import io.heliodor.observe.AuditEvent;
import io.heliodor.type.text.ControlCharacters;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The lines of the logger {@code io.heliodor.audit}: one for each {@link AuditEvent}, at a limited rate for each name. Events over the rate
 * are counted, and reported within ten seconds. Any thread may use it, event loops too.
 */
public final class AuditLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.audit");
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int MAX_VALUE = 255;

    private static final int CLIENTS_BURST = 100;
    private static final int CLIENTS_PER_SECOND = 1;
    private static final int SERVER_BURST = 1_000;
    private static final int SERVER_PER_SECOND = 100;

    private final Counters counters;
    private final LongSupplier clock;
    private final String node;
    private final Map<AuditEvent, Budget> budgets = new EnumMap<>(AuditEvent.class);

    /**
     * A log that has written nothing.
     *
     * @param counters counts the events that are left out
     * @param clock monotonic, in nanoseconds
     * @param node the name of the node
     */
    public AuditLog(Counters counters, LongSupplier clock, String node) {
        this.counters = counters;
        this.clock = clock;
        this.node = node;
        for (AuditEvent event : AuditEvent.values()) {
            budgets.put(event, new Budget(event, clock.getAsLong()));
        }
    }

    /**
     * Writes a line, or counts it as left out.
     *
     * @param event its event
     * @param describing adds the fields; not called for a line that is not written
     */
    public void write(AuditEvent event, Consumer<Fields> describing) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        if (budget(event).take(clock.getAsLong())) {
            line(event, describing);
        } else {
            counters.increment(Counter.AUDIT_LEFT_OUT);
        }
    }

    /**
     * Reports the events that were left out, ten seconds after the last report. To be called every second or so.
     *
     * @param now the present time, monotonic, in nanoseconds
     */
    public void sweep(long now) {
        budgets.values().forEach(each -> report(each.event, each.due(now)));
    }

    /** Reports the events that were left out. */
    public void close() {
        budgets.values().forEach(each -> report(each.event, each.leftOut()));
    }

    private void report(AuditEvent event, long count) {
        if (count > 0) {
            line(
                    AuditEvent.LEFT_OUT,
                    fields -> fields.with("of", event.toString()).with("count", Long.toString(count)));
        }
    }

    private Budget budget(AuditEvent event) {
        Budget budget = budgets.get(event);
        if (budget == null) {
            throw new AssertionError("each event has a budget");
        }
        return budget;
    }

    private void line(AuditEvent event, Consumer<Fields> describing) {
        Fields fields = new Fields();
        fields.with("node", node);
        describing.accept(fields);
        StringBuilder text = new StringBuilder(event.toString());
        LoggingEventBuilder line = LOG.atInfo().addKeyValue("event", event.toString());
        for (Map.Entry<String, String> field : fields.all.entrySet()) {
            line = line.addKeyValue(field.getKey(), field.getValue());
            text.append(' ')
                    .append(field.getKey())
                    .append("=\"")
                    .append(field.getValue().replace("\\", "\\\\").replace("\"", "\\\""))
                    .append('"');
        }
        if (fields.correlation != null) {
            line = line.addKeyValue(LogContext.KEY, fields.correlation);
        }
        line.log("{}", text);
    }

    /** The fields of one line. A value has no control characters, and at most 255 characters. */
    public static final class Fields {
        private final Map<String, String> all = new LinkedHashMap<>();
        private @Nullable String correlation;

        private Fields() {}

        /**
         * Adds a field.
         *
         * @param name its name
         * @param value its value, which may come from a client
         * @return this
         */
        public Fields with(String name, String value) {
            String cut = value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE - 1) + "…";
            all.put(name, ControlCharacters.escaped(cut));
            return this;
        }

        /**
         * Adds the id, the address and the correlation id of a connection.
         *
         * @param socket the connection
         * @return this
         */
        public Fields of(Socket<?> socket) {
            socket.id().ifPresent(id -> with("user", id));
            return with("address", socket.remoteAddress()).correlation(Optional.of(socket.correlationId()));
        }

        /**
         * Sets the correlation id, which is in the pairs alone.
         *
         * @param id the id of the connection, if it has one
         * @return this
         */
        public Fields correlation(Optional<String> id) {
            correlation = id.orElse(null);
            return this;
        }
    }

    /** The lines that may be written about one event: a burst, which comes back evenly. */
    private static final class Budget {
        final AuditEvent event;
        private final int burst;
        private final long nanosForOne;

        @GuardedBy("this")
        private long available;

        @GuardedBy("this")
        private long last;

        @GuardedBy("this")
        private long leftOut;

        @GuardedBy("this")
        private long reported;

        Budget(AuditEvent event, long now) {
            this.event = event;
            this.burst = event.isFromClients() ? CLIENTS_BURST : SERVER_BURST;
            this.nanosForOne =
                    TimeUnit.SECONDS.toNanos(1) / (event.isFromClients() ? CLIENTS_PER_SECOND : SERVER_PER_SECOND);
            this.available = burst * nanosForOne;
            this.last = now;
            this.reported = now - REPORT_NANOS;
        }

        synchronized boolean take(long now) {
            long passed = now - last;
            if (passed > 0) {
                available = passed >= burst * nanosForOne - available ? burst * nanosForOne : available + passed;
                last = now;
            }
            if (available < nanosForOne) {
                leftOut++;
                return false;
            }
            available -= nanosForOne;
            return true;
        }

        /** The number of events that were left out, if the last report is old enough. */
        synchronized long due(long now) {
            if (leftOut == 0 || now - reported < REPORT_NANOS) {
                return 0;
            }
            reported = now;
            return leftOut();
        }

        synchronized long leftOut() {
            long count = leftOut;
            leftOut = 0;
            return count;
        }
    }
}
