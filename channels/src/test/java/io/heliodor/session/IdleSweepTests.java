package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sweeps look at a connection while something of it waits or runs, and before its deadline. */
class IdleSweepTests {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration IDLE = Duration.ofSeconds(60);

    @AutoClose
    private final TestServer server = new TestServer();

    private Gate gate;

    @BeforeEach
    void serve() {
        gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.GO, (nothing, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .build());
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            server.passes(SECOND);
        }
    }

    private static void heartbeat(Client client) {
        client.sends("[null,'9','phoenix','heartbeat',{}]");
        client.receives("[null,'9','phoenix','phx_reply',{'status':'ok','response':{}}]");
    }

    /** A drain takes the newest first, wherever they rest. */
    @Test
    void allConnectionsAreKnownFromTheNewestToTheOldest() {
        List<Session<?>> expected = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Client client = server.connect();
            server.lane().forEach(session -> {
                if (!expected.contains(session)) {
                    expected.addFirst(session);
                }
            });
            pass(4);
            if (i % 2 == 0) {
                heartbeat(client);
            }
        }
        List<Session<?>> all = new ArrayList<>();
        server.lane().forEach(all::add);
        assertThat(all).hasSize(5).isEqualTo(expected);
    }

    @Test
    void anIdleConnectionIsNotTouched() {
        Client client = server.connect();
        client.joins("3", "room:42");
        // The reply is there before the thread of the join handler has ended.
        server.await(() -> client.session().table().rests(), () -> "no thread of a handler");
        pass(3);
        int before = client.sweeps();
        pass(50);
        assertThat(client.sweeps()).isEqualTo(before);
        heartbeat(client);
        pass(50);
        assertThat(client.sweeps()).as("after a heartbeat").isEqualTo(before + 1);
    }

    @Test
    void aConnectionWhoseHandlerRunsIsLookedAt() {
        Client client = server.connect();
        client.joins("3", "room:42");
        pass(3);
        client.sends("['3',null,'room:42','go',{}]");
        server.awaitReached(gate);
        int before = client.sweeps();
        pass(20);
        assertThat(client.sweeps()).isEqualTo(before + 20);
    }

    @Test
    void aConnectionWithBytesThatWaitIsLookedAt() {
        Client client = server.connect();
        client.joins("3", "room:42");
        pass(3);
        client.stopsTaking();
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("a"));
        int before = client.sweeps();
        pass(5);
        assertThat(client.sweeps()).isEqualTo(before + 5);
        client.isCareless();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void connectionsAreClosedByTheFirstSweepAfterTheirTime(long seed) {
        Random random = new Random(seed);
        List<Client> clients = new ArrayList<>();
        List<Duration> active = new ArrayList<>();
        Duration now = Duration.ZERO;
        for (int i = 0; i < 300; i++) {
            if (clients.size() < 20 && random.nextInt(4) == 0) {
                clients.add(server.connect());
                active.add(null);
            }
            for (int c = 0; c < clients.size(); c++) {
                if (random.nextInt(25) == 0 && !clients.get(c).closed()) {
                    heartbeat(clients.get(c));
                    active.set(c, null);
                }
            }
            Duration step = Duration.ofMillis(random.nextInt(10) == 0 ? random.nextInt(70_000) : random.nextInt(2_500));
            now = now.plus(step);
            server.passes(step);
            for (int c = 0; c < clients.size(); c++) {
                Duration since = active.get(c);
                if (since == null) {
                    active.set(c, now);
                } else {
                    assertThat(clients.get(c).closed())
                            .as("client %d, idle for %s", c, now.minus(since))
                            .isEqualTo(now.minus(since).compareTo(IDLE) >= 0);
                }
            }
        }
    }
}
