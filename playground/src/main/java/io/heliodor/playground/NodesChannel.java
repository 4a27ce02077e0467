package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.event.InvalidPayload;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;

/**
 * {@code demo:nodes}: the presences of nodes and their users, for the picture of the cluster in the demo page.
 *
 * @param node the name of this node
 * @param presence of nodes and users
 */
record NodesChannel(String node, Presence<Seen> presence) {
    static final String TOPIC = "demo:nodes";
    private static final int MAX_NAME = 100;

    /**
     * A node, or a user of one.
     *
     * @param node the name of the node
     * @param port the port of its page; 0 for a user
     * @param pid the id of its process; 0 for a user
     */
    record Seen(String node, int port, long pid) {}

    record Enter(String user) {
        Enter {
            if (user.isEmpty() || user.length() > MAX_NAME) {
                throw new InvalidPayload("user", "must have 1 to " + MAX_NAME + " characters");
            }
        }
    }

    record Here(String node) {}

    Channel<Object, Enter> channel() {
        return Channel.join(Enter.class, (enter, join) -> Join.ok(enter, new Here(node)))
                .onJoined(room -> presence.track(room, "user " + room.assigns().user(), new Seen(node, 0, 0)))
                .joinReply(Here.class)
                .sends()
                .presence(Seen.class)
                .build();
    }

    /** Tracks this node for the life of the process. */
    void show(int port) {
        presence.track(
                Owner.of(TOPIC),
                "node " + node,
                new Seen(node, port, ProcessHandle.current().pid()));
    }
}
