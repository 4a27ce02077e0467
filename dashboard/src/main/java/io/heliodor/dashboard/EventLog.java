package io.heliodor.dashboard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.inspect.Inspectable;
import io.heliodor.observe.Observation;
import io.heliodor.observe.Observer;
import io.heliodor.pubsub.PubSub;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongSupplier;

/** The newest events of the endpoints of this node, observed {@linkplain WhileRead while they are read}. Any thread may use it. */
final class EventLog implements Observer {
    static final int MAX_EVENTS = 100;

    private final WhileRead<Inspectable> observing;

    @GuardedBy("this")
    private final ArrayDeque<LoggedEvent> events = new ArrayDeque<>();

    @GuardedBy("this")
    private long number;

    /** An observation that was under way at the end of the readings is not shown by the next ones. */
    @GuardedBy("this")
    private boolean isRead;

    EventLog(PubSub pubsub, LongSupplier clock) {
        this.observing =
                new WhileRead<>(() -> Inspectable.over(pubsub), each -> each.observe(this), this::clear, clock);
    }

    @Override
    public void observed(Observation observation) {
        switch (observation) {
            case Observation.Connected(var connection, var id) -> add("connected", connection, id.orElse(""), "");
            case Observation.Disconnected(var connection, var code, var reason) ->
                add("disconnected", connection, "", code + " " + reason);
            case Observation.Joined(var connection, var topic) -> add("joined", connection, topic, "");
            case Observation.JoinRefused(var connection, var topic, var reason) ->
                add("join refused", connection, topic, reason);
            // The name alone: a failure has the text of an exception.
            case Observation.Left(var connection, var topic, var why) ->
                add("left", connection, topic, why.getClass().getSimpleName());
            case Observation.RequestRefused(var reason, var status) ->
                add("request refused", "", "", reason + " " + status);
        }
    }

    private synchronized void add(String kind, String connection, String subject, String detail) {
        if (!isRead) {
            return;
        }
        if (events.size() == MAX_EVENTS) {
            events.removeFirst();
        }
        events.addLast(new LoggedEvent(
                ++number,
                System.currentTimeMillis(),
                kind,
                ShownText.of(connection),
                ShownText.of(subject),
                ShownText.of(detail)));
    }

    /** The events since the readings began, the oldest first. */
    List<LoggedEvent> read() {
        observing.read();
        synchronized (this) {
            isRead = true;
            return List.copyOf(events);
        }
    }

    private synchronized void clear() {
        events.clear();
        isRead = false;
    }

    /** Observes no more. */
    void close() {
        observing.close();
    }
}
