package io.heliodor.client.session;

import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** The refreshes of the token over the open connection, from the request for a token to the reply. */
final class Refreshes {
    private static final class Refresh {
        private final long number;
        private final Alarm deadline;
        private @Nullable String ref;

        Refresh(long number, Timers timers, Refreshes all, long fetch) {
            this.number = number;
            this.deadline = new Alarm(timers, () -> all.fail(fetch, "no reply came in time"));
        }
    }

    private final Session session;
    private final Runnable onAccepted;

    /** By the number of the request for a token. */
    private final Map<Long, Refresh> pending = new LinkedHashMap<>();

    Refreshes(Session session, Runnable onAccepted) {
        this.session = session;
        this.onAccepted = onAccepted;
    }

    void begin(long fetch, long number) {
        if (!session.isOpen()) {
            session.effects().refreshed(number, new TokenAnswer.Failed("there is no connection"));
            return;
        }
        Refresh refresh = new Refresh(number, session.timers(), this, fetch);
        pending.put(fetch, refresh);
        refresh.deadline.set(session.now()
                + session.timing().tokenTimeout()
                + session.timing().joinTimeout());
        session.effects().fetchToken(fetch);
    }

    /** Sends a token, if it was requested for a refresh. */
    boolean fetched(long fetch, @Nullable String token) {
        Refresh refresh = pending.get(fetch);
        if (refresh == null) {
            return false;
        }
        if (token == null) {
            fail(fetch, "the token supplier returned null");
            return true;
        }
        String ref = session.nextRef();
        refresh.ref = ref;
        String json = JsonNodeFactory.instance.objectNode().put("token", token).toString();
        session.queue().add(Outgoing.control(null, ref, Frame.CONNECTION, "refresh", Payload.json(json)));
        return true;
    }

    boolean failed(long fetch, String fault) {
        if (!pending.containsKey(fetch)) {
            return false;
        }
        fail(fetch, fault);
        return true;
    }

    /** Takes a reply, if it is that of a refresh. */
    boolean receive(Frame frame) {
        for (Map.Entry<Long, Refresh> each : pending.entrySet()) {
            Refresh refresh = each.getValue();
            if (refresh.ref != null && refresh.ref.equals(frame.ref())) {
                pending.remove(each.getKey());
                refresh.deadline.clear();
                boolean accepted = "ok".equals(frame.status());
                session.effects()
                        .refreshed(
                                refresh.number,
                                accepted ? new TokenAnswer.Accepted() : new TokenAnswer.Refused(frame.payload()));
                if (accepted) {
                    onAccepted.run();
                }
                return true;
            }
        }
        return false;
    }

    void close(String cause) {
        for (Long fetch : List.copyOf(pending.keySet())) {
            fail(fetch, cause);
        }
    }

    private void fail(long fetch, String cause) {
        Refresh refresh = pending.remove(fetch);
        if (refresh != null) {
            refresh.deadline.clear();
            session.effects().refreshed(refresh.number, new TokenAnswer.Failed(cause));
        }
    }

    int size() {
        return pending.size();
    }
}
