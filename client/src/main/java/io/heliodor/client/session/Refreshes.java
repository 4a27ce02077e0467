package io.heliodor.client.session;

import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** The refresh of the token over the open connection, from the request for a token to the reply. One runs at a time, as at the server. */
final class Refreshes {
    private static final class Refresh {
        /** The number of the request for its token. */
        private final long fetch;

        private final Alarm deadline;

        /** Those that get its result. */
        private final Set<Long> numbers = new LinkedHashSet<>();

        private @Nullable String ref;

        Refresh(long fetch, Alarm deadline) {
            this.fetch = fetch;
            this.deadline = deadline;
        }
    }

    private final Session session;
    private final long every;
    private final LongSupplier fetches;
    private final Runnable onAccepted;
    private final Alarm regular;
    private @Nullable Refresh pending;

    Refreshes(Session session, long every, LongSupplier fetches, Runnable onAccepted) {
        this.session = session;
        this.every = every;
        this.fetches = fetches;
        this.onAccepted = onAccepted;
        this.regular = new Alarm(session.timers(), this::beginRegularly);
    }

    /** A connection is open. */
    void opened() {
        if (every > 0) {
            regular.set(session.now() + every);
        }
    }

    private void beginRegularly() {
        regular.set(session.now() + every);
        begin(0);
    }

    /** Begins a refresh, or waits for the one that runs. */
    void begin(long number) {
        if (!session.queue().isOpen()) {
            session.effects().refreshed(number, new TokenAnswer.Failed("there is no connection"));
            return;
        }
        if (pending == null) {
            Refresh refresh =
                    new Refresh(fetches.getAsLong(), new Alarm(session.timers(), () -> fail("no reply came in time")));
            pending = refresh;
            refresh.deadline.set(session.now()
                    + session.timing().tokenTimeout()
                    + session.timing().joinTimeout());
            session.effects().fetchToken(refresh.fetch);
        }
        pending.numbers.add(number);
    }

    /** Sends a token, if it was requested for a refresh. */
    boolean fetched(long fetch, @Nullable String token) {
        Refresh refresh = pending;
        if (refresh == null || refresh.fetch != fetch) {
            return false;
        }
        if (token == null) {
            fail("the token supplier returned null");
            return true;
        }
        String ref = session.queue().nextRef();
        refresh.ref = ref;
        String json = JsonNodeFactory.instance.objectNode().put("token", token).toString();
        session.queue().add(Outgoing.control(null, ref, Frame.CONNECTION, "refresh", Payload.json(json)));
        return true;
    }

    boolean failed(long fetch, String fault) {
        if (pending == null || pending.fetch != fetch) {
            return false;
        }
        fail(fault);
        return true;
    }

    /** Takes a reply, if it is that of a refresh. */
    boolean receive(Frame frame) {
        Refresh refresh = pending;
        if (refresh == null || refresh.ref == null || !refresh.ref.equals(frame.ref())) {
            return false;
        }
        boolean accepted = "ok".equals(frame.status());
        end(refresh, accepted ? new TokenAnswer.Accepted() : new TokenAnswer.Refused(frame.payload()));
        if (accepted) {
            onAccepted.run();
        }
        return true;
    }

    /** The connection has ended. */
    void close(String cause) {
        regular.clear();
        fail(cause);
    }

    private void fail(String cause) {
        if (pending != null) {
            end(pending, new TokenAnswer.Failed(cause));
        }
    }

    private void end(Refresh refresh, TokenAnswer answer) {
        pending = null;
        refresh.deadline.clear();
        refresh.numbers.forEach(number -> session.effects().refreshed(number, answer));
    }

    boolean isReplyAwaited() {
        return pending != null;
    }
}
