package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Nulls in payloads of a server: they are sent, and logged once for each event. */
@SuppressWarnings("NullAway") // the nulls are the test
class UnreadableNullsTests {
    private static final String LINE = "which would be refused if it were read";

    record Line(String by, @Nullable String note) {}

    private static final Event<Line> SAID = Event.of("said", Line.class);
    private static final Event<Line> HEARD = Event.of("heard", Line.class);
    private static final Event<Line> CHANGED = Event.of("changed", Line.class);
    private static final Call<Empty, Line, Reason> LAST = Call.of("last", Empty.class, Line.class);

    @AutoClose
    private final TestServer server = new TestServer();

    @Test
    void aNullIsSentAndLoggedOnceForEachEvent() {
        RecordedLog.clear();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .on(Chat.GO, (nothing, in) -> {
                            in.push(SAID, new Line(null, null));
                            in.push(SAID, new Line(null, null));
                            in.push(HEARD, new Line("ann", null));
                            return in.broadcast(CHANGED, new Line("ann", null));
                        })
                        .answer(LAST, (nothing, in) -> Reply.ok(new Line(null, null)))
                        .intercept(CHANGED, (line, in) -> Out.replace(new Line(null, null)))
                        .build());
        Client client = server.connect();
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','go',{}]", "['3','9','room:42','last',{}]");
        client.receivesInAnyOrder(
                "['3',null,'room:42','said',{'by':null,'note':null}]",
                "['3',null,'room:42','said',{'by':null,'note':null}]",
                "['3',null,'room:42','heard',{'by':'ann','note':null}]",
                "[null,null,'room:42','changed',{'by':null,'note':null}]",
                "['3','9','room:42','phx_reply',{'status':'ok','response':{'by':null,'note':null}}]");
        List<String> lines = RecordedLog.linesAbout(LINE).stream()
                .map(RecordedLog.Line::text)
                .toList();
        assertThat(lines)
                .hasSize(3)
                .anyMatch(text -> text.contains("The payload of 'said' has null as 'by' of " + Line.class.getName()))
                .anyMatch(text -> text.contains("'last'"))
                .anyMatch(text -> text.contains("'changed'"));
    }
}
