package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.InterceptHandler;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.limit.Limits;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Kept broadcasts that a channel looks at on their way out: what is said is looked at, what is shouted is not. */
class ReplayInterceptTests {

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxMailboxMessages(3)));

    private String stream = "1";

    private void serve(InterceptHandler<Object, String, Said.Text> intercept) {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.payload(Said.Text.class).text()))
                        .intercept(Said.SAY, intercept)
                        .history(History.of(100, Duration.ofMinutes(5), Said.SAY, Said.SHOUT))
                        .build());
    }

    /** A member under a name, which joins behind an offset. */
    private Client member(String name, int since) {
        Client client = server.connect();
        client.says("['3','3','room:42','phx_join',{'text':'%s','since':'%s'}]"
                .formatted(name, HistoryToken.of(stream, since)));
        String reply = client.next();
        String present = HistoryToken.stream(reply);
        assertThat(reply).contains("\"recovered\":" + present.equals(stream));
        stream = present;
        return client;
    }

    private void say(String text) {
        server.hub.broadcast("room:42", Said.SAY, new Said.Text(text));
        server.settle();
    }

    private void shout(String text) {
        server.hub.broadcast("room:42", Said.SHOUT, new Said.Text(text));
        server.settle();
    }

    private static String said(int offset, String text) {
        return "[null,'@%d','room:42','say',{'text':'%s'}]".formatted(offset, text);
    }

    private static String shouted(int offset, String text) {
        return "[null,'@%d','room:42','shout',{'text':'%s'}]".formatted(offset, text);
    }

    @Test
    void whatIsReplacedKeepsItsOffsetLiveAndRepeated() {
        serve((said, room) -> Out.replace(new Said.Text(said.text() + " for " + room.assigns())));
        Client ana = member("ana", 0);
        Client ben = member("ben", 0);
        say("hi");
        ana.receives(said(1, "hi for ana"));
        ben.receives(said(1, "hi for ben"));
        member("cid", 0).receives(said(1, "hi for cid"));
    }

    @Test
    void whatIsDroppedIsDroppedWhenItIsRepeated() {
        serve((said, room) -> said.text().equals("x") ? Out.drop() : Out.pass());
        Client ana = member("ana", 0);
        say("x");
        say("y");
        ana.receives(said(2, "y"));
        member("ana", 0).receives(said(2, "y"));
    }

    @Test
    void moreIsRepeatedThanTheMailboxHolds() {
        serve((said, room) -> Out.replace(new Said.Text(said.text() + "!")));
        Client ana = member("ana", 0);
        for (int i = 1; i <= 20; i++) {
            say("" + i);
            ana.receives(said(i, i + "!"));
        }
        Client back = member("ana", 5);
        for (int i = 6; i <= 20; i++) {
            back.receives(said(i, i + "!"));
        }
        say("21");
        back.receives(said(21, "21!"));
        ana.receives(said(21, "21!"));
    }

    @Test
    void whatIsKeptDoesNotOvertakeWhatIsLookedAt() {
        Gate gate = server.gate();
        serve((said, room) -> {
            gate.pass();
            return Out.pass();
        });
        Client ana = member("ana", 0);
        say("1");
        shout("2");
        server.awaitReached(gate);
        server.hub.broadcast("room:42", Said.COUNT, new Said.Amount(7));
        // It has no offset, so it waits for nobody.
        ana.receives("[null,null,'room:42','count',{'number':7}]");
        assertThat(ana.received()).isEmpty();
        gate.open();
        ana.receives(said(1, "1"), shouted(2, "2"));
        member("ana", 0).receives(said(1, "1"), shouted(2, "2"));
    }

    @Test
    void aChannelThatCouldNotKeepUpMissesNothingWhenItComesBack() {
        Gate gate = server.gate();
        serve((said, room) -> {
            gate.pass();
            return Out.pass();
        });
        Client ana = member("ana", 0);
        say("1");
        server.awaitReached(gate);
        for (int i = 2; i <= 6; i++) {
            say("" + i);
        }
        ana.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        gate.open();
        server.settle();
        ana.drops();
        Client back = member("ana", 0);
        for (int i = 1; i <= 6; i++) {
            back.receives(said(i, "" + i));
        }
    }

    @Test
    void aChannelThatLeavesIsRepeatedNothingMore() {
        Gate gate = server.gate();
        serve((said, room) -> {
            if (room.assigns().equals("ana")) {
                gate.pass();
            }
            return Out.pass();
        });
        Client ben = member("ben", 0);
        for (int i = 1; i <= 3; i++) {
            say("" + i);
            ben.receives(said(i, "" + i));
        }
        Client ana = member("ana", 0);
        server.awaitReached(gate);
        ana.says("['4','4','room:42','phx_join',{'text':'ben','since':'%s'}]".formatted(HistoryToken.of(stream, 2)));
        ana.receives("['3','3','room:42','phx_close',{}]");
        assertThat(ana.next()).contains("\"recovered\":true");
        ana.receives(said(3, "3"));
    }
}
