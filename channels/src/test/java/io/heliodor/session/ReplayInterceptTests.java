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

/** Kept broadcasts and intercepts: a channel intercepts "say" and does not intercept "shout". */
class ReplayInterceptTests {

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxMailboxMessages(3)));

    private String stream = "1";

    private void serve(InterceptHandler<Object, String, Chat.Text> intercept) {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.payload(Chat.Text.class).text()))
                        .intercept(Chat.SAY, intercept)
                        .history(History.of(100, Duration.ofMinutes(5), Chat.SAY, Chat.SHOUT))
                        .build());
    }

    /** Returns a member under a name, which joins after an offset. */
    private Client member(String name, int since) {
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{'text':'%s','since':'%s'}]"
                .formatted(name, HistoryToken.of(stream, since)));
        String reply = client.next();
        String present = HistoryToken.stream(reply);
        assertThat(reply).contains("\"recovered\":" + present.equals(stream));
        stream = present;
        return client;
    }

    private void say(String text) {
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(text));
        server.settle();
    }

    private void shout(String text) {
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text(text));
        server.settle();
    }

    private static String sayOf(int offset, String text) {
        return "[null,'@%d','room:42','say',{'text':'%s'}]".formatted(offset, text);
    }

    private static String shoutOf(int offset, String text) {
        return "[null,'@%d','room:42','shout',{'text':'%s'}]".formatted(offset, text);
    }

    @Test
    void aReplacedMessageKeepsItsOffsetLiveAndInAReplay() {
        serve((text, room) -> Out.replace(new Chat.Text(text.text() + " for " + room.assigns())));
        Client ana = member("ana", 0);
        Client ben = member("ben", 0);
        say("hi");
        ana.receives(sayOf(1, "hi for ana"));
        ben.receives(sayOf(1, "hi for ben"));
        member("cid", 0).receives(sayOf(1, "hi for cid"));
    }

    @Test
    void aMessageThatAnInterceptDropsIsDroppedInAReplayToo() {
        serve((text, room) -> text.text().equals("x") ? Out.drop() : Out.pass());
        Client ana = member("ana", 0);
        say("x");
        say("y");
        ana.receives(sayOf(2, "y"));
        member("ana", 0).receives(sayOf(2, "y"));
    }

    @Test
    void aReplayMayHaveMoreMessagesThanTheMailboxHolds() {
        serve((text, room) -> Out.replace(new Chat.Text(text.text() + "!")));
        Client ana = member("ana", 0);
        for (int i = 1; i <= 20; i++) {
            say("" + i);
            ana.receives(sayOf(i, i + "!"));
        }
        Client back = member("ana", 5);
        for (int i = 6; i <= 20; i++) {
            back.receives(sayOf(i, i + "!"));
        }
        say("21");
        back.receives(sayOf(21, "21!"));
        ana.receives(sayOf(21, "21!"));
    }

    @Test
    void aKeptMessageDoesNotOvertakeAnInterceptedOne() {
        Gate gate = server.gate();
        serve((text, room) -> {
            gate.pass();
            return Out.pass();
        });
        Client ana = member("ana", 0);
        say("1");
        shout("2");
        server.awaitReached(gate);
        server.hub.channels().broadcast("room:42", Chat.COUNT, new Chat.Amount(7));
        // It has no offset, so it waits for no intercept.
        ana.receives("[null,null,'room:42','count',{'number':7}]");
        assertThat(ana.received()).isEmpty();
        gate.open();
        ana.receives(sayOf(1, "1"), shoutOf(2, "2"));
        member("ana", 0).receives(sayOf(1, "1"), shoutOf(2, "2"));
    }

    @Test
    void aChannelThatCouldNotKeepUpMissesNothingWhenItComesBack() {
        Gate gate = server.gate();
        serve((text, room) -> {
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
            back.receives(sayOf(i, "" + i));
        }
    }

    @Test
    void theReplayOfAChannelEndsWithItsLeave() {
        Gate gate = server.gate();
        serve((text, room) -> {
            if (room.assigns().equals("ana")) {
                gate.pass();
            }
            return Out.pass();
        });
        Client ben = member("ben", 0);
        for (int i = 1; i <= 3; i++) {
            say("" + i);
            ben.receives(sayOf(i, "" + i));
        }
        Client ana = member("ana", 0);
        server.awaitReached(gate);
        ana.sends("['4','4','room:42','phx_join',{'text':'ben','since':'%s'}]".formatted(HistoryToken.of(stream, 2)));
        ana.receives("['3','3','room:42','phx_close',{}]");
        assertThat(ana.next()).contains("\"recovered\":true");
        ana.receives(sayOf(3, "3"));
    }
}
