package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A storm: all clients join one topic at once, each as another user, and receive the presences. */
final class Storm implements Scenario {
    static final byte[] REPLY = "phx_reply".getBytes(US_ASCII);
    static final byte[] STATE = "presence_state".getBytes(US_ASCII);
    static final byte[] DIFF = "presence_diff".getBytes(US_ASCII);
    static final byte[] OK = "\"status\":\"ok\"".getBytes(US_ASCII);

    private static final String TOPIC = "room:storm";

    private final ArrivalStatistics tally = new ArrivalStatistics(false);
    private final PresenceReader reader = new PresenceReader();
    private final PresenceNumbers roster = new PresenceNumbers();
    private final BitSet joins = new BitSet();
    private final BitSet leaves = new BitSet();
    private final PresenceView[] views;
    private final boolean[] full;

    private int complete;
    private long replies;
    private long states;
    private long diffs;
    private long stateBytes;
    private long diffBytes;

    Storm(int members) {
        views = new PresenceView[members];
        full = new boolean[members];
        for (int i = 0; i < members; i++) {
            views[i] = new PresenceView();
        }
    }

    static byte[] join(String topic, long ref, String user) {
        return ("[\"" + ref + "\",\"" + ref + "\",\"" + topic + "\",\"phx_join\",{\"user\":\"" + user + "\"}]")
                .getBytes(US_ASCII);
    }

    /** The join message of a connection. */
    static void join(Connection connection) {
        byte[] join = join(TOPIC, 1, user(connection.index()));
        connection.send(join, join.length);
    }

    private static String user(int member) {
        return "user-" + member;
    }

    @Override
    public String topic(int connection) {
        return TOPIC;
    }

    @Override
    public boolean joinsItself() {
        return true;
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        int member = connection.index();
        if (head.eventIs(bytes, STATE)) {
            states++;
            stateBytes += to - head.from();
            joins.clear();
            if (reader.state(bytes, head.payload(), to - 1, this::came)) {
                views[member].state(joins);
            } else {
                tally.unknown();
            }
        } else if (head.eventIs(bytes, DIFF)) {
            diffs++;
            diffBytes += to - head.from();
            joins.clear();
            leaves.clear();
            if (reader.diff(bytes, head.payload(), to - 1, this::came, this::went)) {
                views[member].diff(joins, leaves);
            } else {
                tally.unknown();
            }
        } else if (head.eventIs(bytes, REPLY)) {
            replies++;
            if (MessageHead.after(bytes, head.payload(), to, OK) < 0) {
                tally.refused();
            }
            return true;
        } else {
            return false;
        }
        boolean nowFull = views[member].synced() && views[member].size() == views.length;
        if (nowFull != full[member]) {
            full[member] = nowFull;
            complete += nowFull ? 1 : -1;
        }
        return true;
    }

    private void came(ByteBuffer bytes, int key, int keyEnd, int ref, int refEnd) {
        joins.set(roster.number(bytes, key, keyEnd, ref, refEnd));
    }

    private void went(ByteBuffer bytes, int key, int keyEnd, int ref, int refEnd) {
        leaves.set(roster.number(bytes, key, keyEnd, ref, refEnd));
    }

    /** The number of clients with as many presences as there are clients. */
    int complete() {
        return complete;
    }

    /** Whether every client holds the same, and that is each user once. */
    boolean same() {
        BitSet first = views[0].present();
        for (PresenceView view : views) {
            if (!view.synced() || !view.present().equals(first)) {
                return false;
            }
        }
        Set<String> users = new HashSet<>();
        for (int member = 0; member < views.length; member++) {
            users.add(user(member));
        }
        List<String> held = roster.keys(first);
        return held.size() == users.size() && users.equals(new HashSet<>(held));
    }

    PresenceResult.Messages messages() {
        return new PresenceResult.Messages(replies + states + diffs, replies, states, diffs, stateBytes, diffBytes);
    }

    @Override
    public boolean settled() {
        return complete == views.length;
    }

    @Override
    public ArrivalStatistics tally() {
        return tally;
    }
}
