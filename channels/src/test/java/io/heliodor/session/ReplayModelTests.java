package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.limit.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;

/** Random broadcasts, joins, leaves, losses and waits: each client gets the messages of a simple model. */
class ReplayModelTests {
    private static final int MAX = 4;
    private static final int AGE = 10;
    static final int CLIENTS = 3;
    private static final int[] SECONDS = {1, 4, 9, 10, 15};

    /** A topic as documented. */
    private static final class Model {
        private record Kept(long offset, int at) {}

        private final List<Kept> kept = new ArrayList<>();
        private final Set<String> over = new HashSet<>();
        private boolean alive;
        private String stream = "";
        private long newest;
        private int idleSince;

        private boolean recovers(String since, long offset) {
            return alive && since.equals(stream) && offset <= newest && offset >= newest - kept.size();
        }

        private void joins(String newStream) {
            if (!alive) {
                assertThat(over).as("ended streams").doesNotContain(newStream);
                alive = true;
                stream = newStream;
            }
            assertThat(newStream).isEqualTo(stream);
        }

        private void keeps(int now) {
            kept.add(new Kept(++newest, now));
            if (kept.size() > MAX) {
                kept.removeFirst();
            }
        }

        private void expires(int now, boolean members) {
            kept.removeIf(each -> now - each.at >= AGE);
            if (alive && !members && now - idleSince >= AGE) {
                alive = false;
                over.add(stream);
                kept.clear();
                newest = 0;
            }
        }
    }

    private static final class Follower {
        private Client client;
        private boolean member;
        private String stream = "1";
        private long offset;
    }

    private final List<Follower> followers = new ArrayList<>();
    private Model model;
    private int now;

    @BeforeTry
    void begin() {
        followers.clear();
        model = new Model();
        now = 0;
    }

    /** Each action is a number: its kind, its client, and its argument. */
    @Property(tries = 150)
    void clientsGetTheMessagesOfTheModel(
            @ForAll @Size(max = 60) List<@IntRange(max = 7 * CLIENTS * 5 - 1) Integer> actions) {
        try (var server = new TestServer(Limits.openInternet().sessions(s -> s.idleTimeout(Duration.ofDays(1))))) {
            server.serve(
                    "room:*",
                    Channel.join(join -> Join.ok("a"))
                            .history(History.of(MAX, Duration.ofSeconds(AGE), Chat.SAY))
                            .build());
            for (int i = 0; i < CLIENTS; i++) {
                Follower follower = new Follower();
                follower.client = server.connect();
                followers.add(follower);
            }
            for (int action : actions) {
                Follower who = followers.get(action / 7 % CLIENTS);
                switch (action % 7) {
                    case 0, 1 -> say(server);
                    case 2 -> shout(server);
                    case 3 -> joins(who);
                    case 4 -> drops(server, who);
                    case 5 -> leaves(who);
                    default -> {
                        int seconds = SECONDS[action / (7 * CLIENTS)];
                        now += seconds;
                        server.passes(Duration.ofSeconds(seconds));
                    }
                }
                model.expires(now, members());
                assertThat(server.hub.topics()).isEqualTo(model.alive ? 1 : 0);
            }
        }
    }

    private boolean members() {
        return followers.stream().anyMatch(each -> each.member);
    }

    private void say(TestServer server) {
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("hi"));
        if (model.alive) {
            model.keeps(now);
        }
        for (Follower each : followers) {
            if (each.member) {
                each.offset = model.newest;
                each.client.receives(sayOf(model.newest));
            }
        }
        server.settle();
    }

    private static String sayOf(long offset) {
        return "[null,'@%d','room:42','say',{'text':'hi'}]".formatted(offset);
    }

    private void shout(TestServer server) {
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("hi"));
        for (Follower each : followers) {
            if (each.member) {
                each.client.receives("[null,null,'room:42','shout',{'text':'hi'}]");
            }
        }
    }

    /** A member that joins again gets no message twice. */
    private void joins(Follower who) {
        boolean recovered = model.recovers(who.stream, who.offset);
        who.client.sends(
                "['3','3','room:42','phx_join',{'since':'%s'}]".formatted(HistoryToken.of(who.stream, who.offset)));
        if (who.member) {
            who.client.receives("['3','3','room:42','phx_close',{}]");
        }
        String reply = who.client.next();
        model.joins(HistoryToken.stream(reply));
        assertThat(HistoryToken.counter(reply)).isEqualTo(recovered ? who.offset : model.newest);
        assertThat(reply).endsWith("\"recovered\":%b}}}]".formatted(recovered));
        for (long offset = who.offset + 1; recovered && offset <= model.newest; offset++) {
            who.client.receives(sayOf(offset));
        }
        who.member = true;
        who.stream = model.stream;
        who.offset = model.newest;
    }

    private void drops(TestServer server, Follower who) {
        who.client.drops();
        who.client = server.connect();
        gone(who);
    }

    private void leaves(Follower who) {
        if (who.member) {
            who.client.sends("['3','4','room:42','phx_leave',{}]");
            who.client.receives(
                    "['3','4','room:42','phx_reply',{'status':'ok','response':{}}]",
                    "['3','3','room:42','phx_close',{}]");
        }
        gone(who);
    }

    private void gone(Follower who) {
        boolean last = who.member;
        who.member = false;
        if (last && !members()) {
            model.idleSince = now;
        }
    }
}
