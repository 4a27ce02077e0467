package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.limit.Limits;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.telemetry.Counter;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The share of one client that is read before the others. */
class FairReadingTests {
    private static final int IN_A_SHARE = 8;
    private static final int SHARES_IN_A_TURN = 4;

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet()
            .memory(m -> m.maxHeapBytes(64 << 20).maxConnectionBytes(2 << 20))
            .sessions(s -> s.maxMessageBytes(128 << 10)));

    private final Gate gate = server.gate();

    {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.SAY, (text, room) -> {
                            gate.pass();
                            return NoReply.none();
                        })
                        .build());
    }

    private Client connected() {
        Client client = server.connect();
        client.isCareless();
        server.settle();
        return client;
    }

    /** Returns messages of such a size that a share of a turn has {@link #IN_A_SHARE} of them. */
    private static String[] messages(int count, String topic) {
        String start = "[null,null,'" + topic + "','say',{'text':'";
        long bytes = FlowControl.MAX_COST_PER_TURN / IN_A_SHARE - FlowControl.MESSAGE_COST;
        String message = start + "x".repeat((int) bytes - start.length() - 3) + "'}]";
        return Collections.nCopies(count, message).toArray(String[]::new);
    }

    private void turn() {
        server.loop().turn();
    }

    private static List<Integer> unread(List<Client> clients) {
        return clients.stream().map(Client::unread).toList();
    }

    @Test
    void aClientIsReadForItsShareOfEachTurn() {
        Client client = connected();
        client.sends(messages(20, "nowhere"));
        assertThat(client.unread()).isEqualTo(20 - IN_A_SHARE);
        turn();
        assertThat(client.unread()).isEqualTo(20 - 2 * IN_A_SHARE);
        turn();
        assertThat(client.unread()).isZero();
        assertThat(client.isRead()).isTrue();
        assertThat(server.count(Counter.FRAMES_IN)).isEqualTo(20);
    }

    @Test
    void theShareIsThatOfOneTurn() {
        Client client = connected();
        for (int i = 0; i < 3; i++) {
            client.sends(messages(IN_A_SHARE - 1, "nowhere"));
            assertThat(client.isRead()).isTrue();
            turn();
        }
    }

    @Test
    void clientsThatWaitAreReadInTheirOrder() {
        List<Client> clients = Stream.generate(this::connected).limit(6).toList();
        clients.forEach(client -> client.sends(messages(20, "nowhere")));
        turn();
        assertThat(unread(clients)).containsExactly(4, 4, 4, 4, 12, 12);
        turn();
        assertThat(unread(clients)).as("of two a share, of four the rest").containsExactly(0, 0, 0, 0, 4, 4);
        turn();
        assertThat(unread(clients)).containsOnly(0);
        assertThat(clients).allMatch(Client::isRead);
    }

    @Test
    void aClientThatSendsLittleIsReadMeanwhile() {
        List<Client> floods =
                Stream.generate(this::connected).limit(2 * SHARES_IN_A_TURN).toList();
        floods.forEach(client -> client.sends(messages(20, "nowhere")));
        Client small = connected();
        small.sends("[null,'1','phoenix','heartbeat',{}]");
        turn();
        small.receives("[null,'1','phoenix','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aClientThatIsPausedForItsMemoryIsNotReadThoughItsTurnHasCome() {
        Client client = connected();
        client.joins("1", "room:1");
        client.sends(messages(20, "room:1"));
        while (client.session().memory().held() < 512 << 10) {
            assertThat(client.unread()).isPositive();
            turn();
        }
        int unread = client.unread();
        turn();
        turn();
        assertThat(client.unread()).isEqualTo(unread);
        gate.open();
        server.await(() -> client.unread() == 0, client::toString);
        server.await(client::isRead, client::toString);
    }

    @Test
    void aClientThatWaitsMayDisconnectAndItsMessagesAreReadAsBefore() {
        Client client = connected();
        client.sends(messages(20, "nowhere"));
        client.drops();
        assertThat(server.count(Counter.FRAMES_IN)).isEqualTo(IN_A_SHARE);
        turn();
        assertThat(server.count(Counter.FRAMES_IN)).isEqualTo(2 * IN_A_SHARE);
        server.await(client::isFinished, client::toString);
        assertThat(server.count(Counter.FRAMES_IN)).isEqualTo(20);
    }
}
