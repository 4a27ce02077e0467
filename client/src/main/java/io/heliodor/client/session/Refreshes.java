package io.heliodor.client.session;

import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;
import java.util.LinkedHashSet;
import java.util.Set;
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
    private final Runnable onAccepted;
    private @Nullable Refresh pending;

    Refreshes(Session session, Runnable onAccepted) {
        this.session = session;
        this.onAccepted = onAccepted;
    }

    /** Begins a refresh, or waits for the one that runs. */
    void begin(long fetch, long number) {
        if (!session.isOpen()) {
            session.effects().refreshed(number, new TokenAnswer.Failed("there is no connection"));
            return;
        }
        if (pending == null) {
            Refresh refresh = new Refresh(fetch, new Alarm(session.timers(), () -> close("no reply came in time")));
            pending = refresh;
            refresh.deadline.set(session.now()
                    + session.timing().tokenTimeout()
                    + session.timing().joinTimeout());
            session.effects().fetchToken(fetch);
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
            close("the token supplier returned null");
            return true;
        }
        String ref = session.nextRef();
        refresh.ref = ref;
        String json = JsonNodeFactory.instance.objectNode().put("token", token).toString();
        session.queue().add(Outgoing.control(null, ref, Frame.CONNECTION, "refresh", Payload.json(json)));
        return true;
    }

    boolean failed(long fetch, String fault) {
        if (pending == null || pending.fetch != fetch) {
            return false;
        }
        close(fault);
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

    void close(String cause) {
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
