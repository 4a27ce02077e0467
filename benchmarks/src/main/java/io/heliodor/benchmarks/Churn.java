package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rooms with presence and a history. The first member of each room stays and talks; the others come and go.
 *
 * <p>A member that comes back joins from its last token. So it is due every message of its room, also those of the time in which
 * it was away, once and in order. In the end each member must see each member of its room present, once.
 *
 * <p>Latencies are those of messages that were due when the member had joined. A repeated one would have waited for the member.
 */
final class Churn extends SendingScenario {
    private static final byte[] SHOUT = Traffic.LOUNGE.event().getBytes(US_ASCII);
    private static final byte[] RECOVERED = "\"recovered\":true".getBytes(US_ASCII);
    private static final byte[] TOKEN = "\"token\":\"".getBytes(US_ASCII);
    private static final byte[] QUOTE = {'"'};
    private static final byte[] NOTHING = {};

    /** For the answer to a close frame, after the time away. */
    private static final long CLOSE_PATIENCE = 10_000_000_000L;

    /** The times of a room's last messages are kept for the latency; more than are in flight. */
    private static final int TIMES = 256;

    private final PresenceReader reader = new PresenceReader();
    private final BitSet joins = new BitSet();
    private final BitSet leaves = new BitSet();
    private final Room[] rooms;
    private final Member[] members;
    private final byte[] message;
    private int turn;
    private int joined;

    private long arrivals;
    private long repeated;
    private long recovered;
    private long unrecovered;
    private long states;
    private long diffs;

    /** @param plan its topics are the rooms, over which the connections are spread */
    Churn(Plan plan, double rate) {
        super(new Load(1, rate));
        message = new byte[Push.maxLength(plan.payload())];
        rooms = new Room[plan.topics()];
        for (int i = 0; i < rooms.length; i++) {
            rooms[i] = new Room(Traffic.LOUNGE.topic(i), plan.payload());
        }
        members = new Member[plan.connections()];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member(i, rooms[i % rooms.length]);
        }
    }

    private final class Room {
        final byte[] name;
        final Push push;
        final List<Member> members = new ArrayList<>();
        final PresenceNumbers numbers = new PresenceNumbers();
        final long[] times = new long[TIMES];
        long newest;

        Room(String topic, int payload) {
            name = topic.getBytes(US_ASCII);
            push = new Push(topic, Traffic.LOUNGE.event(), payload, message);
        }
    }

    private static final class Member {
        final int index;
        final Room room;

        @Nullable
        Connection connection;
        /** The message that it waits for. */
        long next = 1;

        byte[] token = NOTHING;
        boolean joined;
        long joinedAt;
        PresenceView view = new PresenceView();

        Member(int index, Room room) {
            this.index = index;
            this.room = room;
            room.members.add(this);
        }

        String user() {
            return "user-" + index;
        }

        boolean talks() {
            return room.members.getFirst() == this;
        }

        /** Whether it sees all members of its room, each once. */
        boolean seesAll() {
            List<String> seen = room.numbers.keys(view.present());
            Set<String> all = new HashSet<>();
            room.members.forEach(member -> all.add(member.user()));
            return view.synced() && seen.size() == all.size() && all.equals(new HashSet<>(seen));
        }
    }

    @Override
    public String topic(int connection) {
        return Traffic.LOUNGE.topic(connection % rooms.length);
    }

    @Override
    public boolean joinsItself() {
        return true;
    }

    @Override
    public void joined(Connection connection) {
        Member member = members[connection.index()];
        member.connection = connection;
        member.view = new PresenceView();
        String since = member.token.length == 0 ? "" : ",\"since\":\"" + new String(member.token, US_ASCII) + "\"";
        byte[] join = ("[\"0\",\"0\",\"" + topic(connection.index()) + "\",\"phx_join\",{\"user\":\"" + member.user()
                        + "\"" + since + "}]")
                .getBytes(US_ASCII);
        connection.send(join, join.length);
    }

    /** Whether all members have joined. */
    @Override
    public boolean isReady() {
        return absent() == 0;
    }

    /** The number of members that have not joined. */
    int absent() {
        return members.length - joined;
    }

    @Override
    boolean sendDue(long due) {
        Room room = rooms[turn];
        Connection talker = room.members.getFirst().connection;
        if (talker == null || !talker.writable()) {
            return false;
        }
        turn = (turn + 1) % rooms.length;
        long n = ++room.newest;
        room.times[(int) (n % TIMES)] = due;
        tally().sent(due);
        talker.send(message, room.push.write(n, due));
        return true;
    }

    @Override
    public boolean message(Connection connection, MessageHead head, ByteBuffer bytes, int to, long now) {
        Member member = members[connection.index()];
        if (!head.topicIs(bytes, member.room.name)) {
            return false;
        }
        if (head.eventIs(bytes, SHOUT)) {
            arrived(member, head, bytes, to, now);
        } else if (head.eventIs(bytes, Storm.STATE)) {
            states++;
            joins.clear();
            expect(reader.state(bytes, head.payload(), to - 1, into(member, joins)));
            member.view.state(joins);
        } else if (head.eventIs(bytes, Storm.DIFF)) {
            diffs++;
            joins.clear();
            leaves.clear();
            expect(reader.diff(bytes, head.payload(), to - 1, into(member, joins), into(member, leaves)));
            member.view.diff(joins, leaves);
        } else if (head.eventIs(bytes, Storm.REPLY)) {
            answered(member, head, bytes, to, now);
        } else {
            return false;
        }
        return true;
    }

    private static PresenceReader.Sink into(Member member, BitSet set) {
        return (bytes, key, keyEnd, ref, refEnd) ->
                set.set(member.room.numbers.number(bytes, key, keyEnd, ref, refEnd));
    }

    private void expect(boolean readable) {
        if (!readable) {
            tally().unknown();
        }
    }

    private void arrived(Member member, MessageHead head, ByteBuffer bytes, int to, long now) {
        int at = MessageHead.after(bytes, head.payload(), to, Push.N_FIELD);
        long n = at < 0 ? -1 : MessageHead.number(bytes, at, to);
        Room room = member.room;
        if (n < member.next || n > room.newest) {
            tally().unknown();
            return;
        }
        member.next = n + 1;
        member.token = head.copyRef(bytes, member.token);
        arrivals++;
        long due = room.times[(int) (n % TIMES)];
        if (room.newest - n >= TIMES || due < member.joinedAt) {
            repeated++;
        } else {
            tally().arrived(due, now);
        }
    }

    private void answered(Member member, MessageHead head, ByteBuffer bytes, int to, long now) {
        if (MessageHead.after(bytes, head.payload(), to, Storm.OK) < 0) {
            tally().refused();
            return;
        }
        if (member.token.length > 0) {
            if (MessageHead.after(bytes, head.payload(), to, RECOVERED) < 0) {
                unrecovered++;
            } else {
                recovered++;
            }
        } else {
            int from = MessageHead.after(bytes, head.payload(), to, TOKEN);
            int end = from < 0 ? -1 : MessageHead.after(bytes, from, to, QUOTE) - 1;
            expect(end > from);
            member.token = new byte[Math.max(0, end - from)];
            bytes.get(from, member.token);
        }
        member.joined = true;
        joined++;
        member.joinedAt = now;
    }

    @Override
    public void closed(Connection connection, long now) {
        Member member = members[connection.index()];
        joined -= member.joined ? 1 : 0;
        member.joined = false;
        member.connection = null;
    }

    /** The members that leave and come back, at a rate, each for a time. */
    final class Coming implements Periodic {
        private final PriorityQueue<Absent> away = new PriorityQueue<>(Comparator.comparingLong(Absent::until));
        private final Loop loop;
        private final long timeAway;
        private final Pace pace;
        private boolean stopped;
        private int next;
        private long left;

        /** @param patient whether it waits once more for the answer to its close frame */
        private record Absent(Member member, long until, boolean patient) {}

        Coming(Loop loop, double rate, long timeAway) {
            this.loop = loop;
            this.timeAway = timeAway;
            // The first one leaves after one interval.
            pace = new Pace(rate, loop.now() + (long) (1e9 / rate));
        }

        /** All come back, and stay. */
        void stop() {
            stopped = true;
        }

        long left() {
            return left;
        }

        @Override
        public long tick(long now) {
            while (!stopped && pace.next() <= now) {
                leave(now);
                pace.advance();
            }
            Absent first;
            while ((first = away.peek()) != null && first.until() <= now) {
                away.remove();
                Connection old = first.member().connection;
                if (old == null) {
                    loop.reopen(first.member().index);
                } else if (first.patient()) {
                    away.add(new Absent(first.member(), now + CLOSE_PATIENCE, false));
                } else {
                    loop.failures().count("no answer to a close frame");
                    old.leave(true);
                    loop.reopen(first.member().index);
                }
            }
            long back = first == null ? LATER : first.until();
            return stopped ? back : Math.min(back, pace.next());
        }

        /** The next one that has joined; every other one leaves abruptly. */
        private void leave(long now) {
            for (int i = 0; i < members.length; i++) {
                Member member = members[next];
                next = (next + 1) % members.length;
                Connection connection = member.connection;
                if (member.joined && connection != null && !connection.leaving() && !member.talks()) {
                    connection.leave(left++ % 2 == 0);
                    away.add(new Absent(member, now + timeAway, true));
                    return;
                }
            }
        }
    }

    /** Messages that were received again after a join. */
    long repeated() {
        return repeated;
    }

    /** Joins from a token, by whether the server had all messages since. */
    long recovered() {
        return recovered;
    }

    long unrecovered() {
        return unrecovered;
    }

    long states() {
        return states;
    }

    long diffs() {
        return diffs;
    }

    /** The members that do not see exactly the members of their room. */
    long wrongViews() {
        long wrong = 0;
        for (Member member : members) {
            wrong += member.seesAll() ? 0 : 1;
        }
        return wrong;
    }

    /** Arrivals of all kinds. */
    long got() {
        return arrivals;
    }

    @Override
    public boolean settled() {
        return arrivals == due();
    }

    @Override
    public long due() {
        long due = 0;
        for (Room room : rooms) {
            due += room.newest * room.members.size();
        }
        return due;
    }
}
