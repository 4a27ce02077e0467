package io.heliodor.session.cluster;

import io.heliodor.wire.Payload;
import java.util.concurrent.atomic.AtomicBoolean;

/** An event for all connections of an id, as the pub/sub carries it. All endpoints of a node get the same object. */
final class IdPush {
    private final Origin origin;
    private final String id;
    private final String event;
    private final Payload payload;
    private final AtomicBoolean taken;

    /**
     * The endpoint that awaits the counts of a push, and its number of the push.
     *
     * @param node the name of its node
     * @param endpoint its number among the endpoints of the node
     * @param push a random number
     */
    record Origin(String node, int endpoint, long push) {}

    private IdPush(Origin origin, String id, String event, Payload payload, boolean taken) {
        this.origin = origin;
        this.id = id;
        this.event = event;
        this.payload = payload;
        this.taken = new AtomicBoolean(taken);
    }

    /** A push that was delivered on this node, and is published to the other nodes. */
    static IdPush delivered(Origin origin, String id, String event, Payload payload) {
        return new IdPush(origin, id, event, payload, true);
    }

    /** A push of another node. */
    static IdPush received(Origin origin, String id, String event, Payload payload) {
        return new IdPush(origin, id, event, payload, false);
    }

    /** Whether the caller delivers it to the connections of its node: true for the first caller. */
    boolean take() {
        return taken.compareAndSet(false, true);
    }

    Origin origin() {
        return origin;
    }

    String id() {
        return id;
    }

    String event() {
        return event;
    }

    Payload payload() {
        return payload;
    }
}
