package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.limit.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.awaitility.Awaitility;

/**
 * Random broadcasts, pushes, joins, ends and slow readers on one topic, whose members are of all kinds. Each client gets the
 * messages of a simple model, however the broadcasts are batched.
 */
class BatchModelTests {
    private static final Event<Chat.Text> CURSOR = Event.of("cursor", Chat.Text.class);
    private static final Event<Chat.Text> TYPING = Event.of("typing", Chat.Text.class);
    private static final Event<Chat.Text> NOTE = Event.of("note", Chat.Text.class);
    private static final List<Event<Chat.Text>> EVENTS = List.of(Chat.SAY, TYPING, CURSOR, NOTE);
    private static final int[] LENGTHS = {1, 1, 1, 100, 6_000};
    static final int MEMBERS = 6;
    private static final int KINDS = 4;
    static final int ACTIONS = 11;
    private static final String HOLDS_UP = "x".repeat(Client.HIGH_WATER);

    /** A present or future member, and the messages that its client is to get. */
    private final class Member {
        final int number;
        final boolean slow;
        final boolean intercepts;
        final UserSocket<Object> socket;

        Client client;
        Gate joining;
        boolean joined;

        /** In order, except for notes that its channel intercepts: those have an order of their own. */
        List<String> expected = new ArrayList<>();

        List<String> notes = new ArrayList<>();

        /** The messages that wait while its socket takes nothing; null while it takes everything. */
        List<Waiting> waiting;

        Member(int number) {
            this.number = number;
            this.slow = number % KINDS % 2 == 1;
            this.intercepts = number % KINDS >= 2;
            var channel = Channel.join(join -> {
                        joining.pass();
                        return Join.ok("" + number);
                    })
                    .onJoined(room -> rooms.put(number, room));
            if (slow) {
                channel.whenSlow(TYPING, SlowPolicy.drop()).whenSlow(CURSOR, SlowPolicy.latest(BatchModelTests::key));
            }
            if (intercepts) {
                channel.intercept(
                        NOTE, (note, room) -> Out.replace(new Chat.Text(note.text() + " for " + room.assigns())));
            }
            this.socket = UserSocket.open().channel("room:*", channel.build()).build();
        }

        void beginsToJoin() {
            if (joined || joining != null) {
                return;
            }
            if (client == null) {
                client = server.connectTo(socket);
            }
            joining = server.gate();
            client.sends("['3','3','room:42','phx_join',{}]");
            server.loop().turn();
            awaitHere(joining::reached);
        }

        /** Whether broadcasts reach it, now or after the reply. */
        boolean isListening() {
            return joined || joining != null;
        }

        /** The loop stands still meanwhile: later broadcasts are in the turn of the join. */
        void joins() {
            if (joining == null || joined) {
                return;
            }
            rooms.remove(number);
            joining.open();
            awaitHere(() -> rooms.containsKey(number));
            joined = true;
            // Before what was broadcast since the handler began.
            expected.addFirst("['3','3','room:42','phx_reply',{'status':'ok','response':{}}]");
        }

        /** Often in each try, so without Awaitility's first tenth of a second. */
        private void awaitHere(Callable<Boolean> condition) {
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(TestServer.DEADLINE)
                    .until(condition);
        }

        void gets(Event<Chat.Text> event, String text, String message) {
            if (waiting == null) {
                expected.add(message);
            } else if (!slow || event.equals(Chat.SAY) || event.equals(NOTE)) {
                waiting.add(new Waiting(null, message));
            } else if (event.equals(CURSOR)) {
                waits(new Waiting(key(new Chat.Text(text)), message));
            }
        }

        /** Replaces the message with its key, unless an ordinary message waits after that. */
        private void waits(Waiting latest) {
            for (int i = waiting.size() - 1; i >= 0 && waiting.get(i).key != null; i--) {
                if (waiting.get(i).key.equals(latest.key)) {
                    waiting.set(i, latest);
                    return;
                }
            }
            waiting.removeIf(each -> latest.key.equals(each.key));
            waiting.add(latest);
        }

        void lags() {
            if (!joined || waiting != null || intercepts) {
                return;
            }
            server.settle();
            client.stopsTaking();
            push(this, Chat.SAY, HOLDS_UP);
            push(this, Chat.SAY, "waits");
            server.passes(Duration.ofSeconds(1));
            waiting = new ArrayList<>();
        }

        void takesAgain() {
            if (waiting != null) {
                server.settle();
                client.takesAgain();
                waiting.forEach(each -> expected.add(each.message));
                waiting = null;
            }
        }

        void isDisconnected() {
            if (joined && waiting == null) {
                client.session().disconnect();
                joined = false;
                joining = null;
                ended.add(this);
                Member next = new Member(number);
                members.set(number, next);
            }
        }

        void leaves() {
            if (joined && waiting == null) {
                server.settle();
                checkAll();
                client.sends("['3','9','room:42','phx_leave',{}]");
                client.receives(
                        "['3','9','room:42','phx_reply',{'status':'ok','response':{}}]",
                        "['3','3','room:42','phx_close',{}]");
                joined = false;
                joining = null;
            }
        }

        void checkAll() {
            if (client == null) {
                return;
            }
            server.await(
                    () -> client.untaken() >= expected.size() + notes.size(),
                    () -> "%s of %s and %s".formatted(client.received(), expected, notes));
            assertThat(received(false)).isEqualTo(quoted(expected));
            assertThat(received(true)).isEqualTo(quoted(notes));
            client.forgets();
            expected.clear();
            notes.clear();
        }

        /** The last notes may have been on their way when the connection ended. */
        void checkEnded() {
            client.isClosedWith(1001);
            assertThat(received(false)).isEqualTo(quoted(expected));
            assertThat(quoted(notes)
                            .subList(0, Math.min(notes.size(), received(true).size())))
                    .isEqualTo(received(true));
            client.forgets();
        }

        private List<String> received(boolean intercepted) {
            return client.received().stream()
                    .filter(message ->
                            intercepted == (intercepts && message.startsWith("[null,null,\"room:42\",\"note\"")))
                    .toList();
        }
    }

    private record Waiting(String key, String message) {}

    private final Map<Integer, Context<?, String>> rooms = new ConcurrentHashMap<>();
    private final List<Member> members = new ArrayList<>();
    private final List<Member> ended = new ArrayList<>();
    private TestServer server;
    private int count;

    private static String key(Chat.Text payload) {
        return payload.text().substring(0, 1);
    }

    private static List<String> quoted(List<String> messages) {
        return messages.stream().map(message -> message.replace('\'', '"')).toList();
    }

    @Property(tries = 200)
    void eachMemberGetsTheMessagesOfTheModel(
            @ForAll @Size(max = 80) List<@IntRange(max = ACTIONS * MEMBERS * 4 * 5 - 1) Integer> actions) {
        rooms.clear();
        members.clear();
        ended.clear();
        count = 0;
        try (var fresh = new TestServer(Limits.openInternet()
                .sessions(s -> s.idleTimeout(Duration.ofDays(1)).stallTimeout(Duration.ofHours(1))))) {
            server = fresh;
            for (int i = 0; i < MEMBERS; i++) {
                members.add(new Member(i));
            }
            for (Member member : members.subList(0, KINDS)) {
                member.beginsToJoin();
                member.joins();
            }
            for (int action : actions) {
                Member who = members.get(action / ACTIONS % MEMBERS);
                Event<Chat.Text> event = EVENTS.get(action / (ACTIONS * MEMBERS) % 4);
                String text = text(action / (ACTIONS * MEMBERS * 4));
                switch (action % ACTIONS) {
                    case 0, 1 -> broadcast(null, event, text);
                    case 2, 3 -> broadcast(who, event, text);
                    case 4 -> push(who, event, text);
                    case 5 -> server.loop().turn();
                    case 6 -> who.beginsToJoin();
                    case 7 -> who.joins();
                    case 8 -> ends(who, event);
                    case 9 -> who.lags();
                    default -> who.takesAgain();
                }
            }
            members.forEach(Member::joins);
            members.forEach(Member::takesAgain);
            server.settle();
            members.forEach(Member::checkAll);
            ended.forEach(Member::checkEnded);
        }
    }

    private static void ends(Member who, Event<Chat.Text> how) {
        if (how.equals(Chat.SAY)) {
            who.leaves();
        } else if (how.equals(NOTE)) {
            who.isDisconnected();
        }
    }

    /** A unique number after one of two keys. */
    private String text(int length) {
        count++;
        return (count % 2 == 0 ? "a" : "b") + count + "x".repeat(LENGTHS[length]);
    }

    private void broadcast(Member from, Event<Chat.Text> event, String text) {
        if (from == null) {
            server.hub.channels().broadcast("room:42", event, new Chat.Text(text));
        } else if (from.joined) {
            rooms.get(from.number).broadcastFrom(event, new Chat.Text(text));
        } else {
            return;
        }
        String message = "[null,null,'room:42','%s',{'text':'%s'}]";
        for (Member member : members) {
            if (!member.isListening() || member == from) {
                continue;
            }
            if (member.intercepts && event.equals(NOTE)) {
                member.notes.add(message.formatted("note", text + " for " + member.number));
            } else {
                member.gets(event, text, message.formatted(event.name(), text));
            }
        }
    }

    private void push(Member to, Event<Chat.Text> event, String text) {
        if (to.joined) {
            rooms.get(to.number).push(event, new Chat.Text(text));
            to.gets(event, text, "['3',null,'room:42','%s',{'text':'%s'}]".formatted(event.name(), text));
        }
    }
}
