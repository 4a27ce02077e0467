package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.inspect.ConnectionState;
import io.heliodor.inspect.KeptEvent;
import io.heliodor.inspect.MemoryUse;
import io.heliodor.inspect.TopicSize;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerFormatTests {
    private static final Numbers NUMBERS = new Numbers(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    private static final NodeReport REPORT = new NodeReport(
            99,
            NUMBERS,
            List.of(new Count("slow", 2)),
            List.of(),
            Optional.of(new ClusterView(
                    "a@host",
                    List.of("a@host"),
                    List.of(),
                    List.of(new Link("b@host", 10, Optional.of(250L), Optional.empty())),
                    Optional.of(new Reachability(1, 2, 3)),
                    Optional.of(new ElectionList(List.of(new ElectionLeader("e", Optional.of("b@host"))), true)),
                    List.of("voters 2 of 3"))),
            Optional.of(new MemoryUse(16, 17)),
            Optional.of(new Replication(Optional.of(18L), 19, 20, 21, 22, 23)));
    private static final ConnectionState CONNECTION =
            new ConnectionState("f00", Optional.of("users:ana"), "127.0.0.1", "websocket", 1, List.of("room:\"1\""), 5);

    private static final LoggedFrame FRAME = new LoggedFrame(
            4, 99, "f00", "users:ana", "room:1", "said", "out", "reply", 20, "ok", 1, Optional.of("{}"));

    private static String written(Object answer) {
        return new String(AnswerFormat.write(answer), UTF_8);
    }

    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(Query.ALL)
                .hasToString("[overview, handlers, events, slow, topics, topic, users, user, trace, frames, untrace]");
        assertThat(written(REPORT))
                .isEqualTo(
                        "{\"atMillis\":99,\"numbers\":{\"connections\":1,\"channels\":2,\"topics\":3,\"opened\":4,\"framesIn\":5,"
                                + "\"framesOut\":6,\"bytesIn\":7,\"bytesOut\":8,\"mailboxMessages\":9,\"pausedConnections\":10,"
                                + "\"oldestHandlerSeconds\":11,\"outboxBytes\":12,\"laneBytes\":13,\"memoryUsed\":14,\"memoryLimit\":15},"
                                + "\"closed\":[{\"name\":\"slow\",\"count\":2}],\"refused\":[],\"cluster\":{\"coordinator\":\"a@host\","
                                + "\"voters\":[\"a@host\"],\"notVoting\":[],\"links\":[{\"peer\":\"b@host\",\"queuedBytes\":10,"
                                + "\"roundTripMicros\":250,\"through\":null}],"
                                + "\"reachability\":{\"suspects\":1,\"detours\":2,\"lostMessages\":3},"
                                + "\"elections\":{\"elections\":[{\"election\":\"e\",\"leader\":\"b@host\"}],\"more\":true},\"reasons\":[\"voters 2 of 3\"]},"
                                + "\"directMemory\":{\"used\":16,\"limit\":17},\"replication\":{\"presences\":18,"
                                + "\"replicatedBytes\":19,\"historyGaps\":20,\"historiesDropped\":21,\"copiesRefused\":22,"
                                + "\"callsAlone\":23}}");
        assertThat(written(new HandlerReport(
                        2_000, List.of(new HandlerTime("room:*", "call", "echo", 3, 1, 0, List.of(0L, 3L))))))
                .isEqualTo(
                        "{\"millis\":2000,\"handlers\":[{\"channel\":\"room:*\",\"kind\":\"call\",\"name\":\"echo\",\"calls\":3,\"refused\":1,"
                                + "\"failed\":0,\"buckets\":[0,3]}]}");
        assertThat(written(new EventReport(List.of(new LoggedEvent(4, 99, "joined", "f00", "room:1", "")))))
                .isEqualTo("{\"events\":[{\"number\":4,\"atMillis\":99,\"kind\":\"joined\",\"connection\":\"f00\","
                        + "\"subject\":\"room:1\",\"detail\":\"\"}]}");
        assertThat(written(new TopicList(List.of(new TopicSize("room:1", 2)), 3, true)))
                .isEqualTo("{\"topics\":[{\"topic\":\"room:1\",\"members\":2}],\"total\":3,\"complete\":true}");
        assertThat(written(new TopicReport(List.of(), 3, List.of(new KeptEvent("said", 7)))))
                .isEqualTo("{\"members\":[],\"total\":3,\"kept\":[{\"event\":\"said\",\"ageMillis\":7}]}");
        assertThat(written(new IdList(List.of("users:ana"), 1, false)))
                .isEqualTo("{\"ids\":[\"users:ana\"],\"total\":1,\"complete\":false}");
        assertThat(written(new UserReport(List.of(CONNECTION), 1)))
                .isEqualTo("{\"connections\":[{\"connection\":\"f00\",\"id\":\"users:ana\",\"address\":\"127.0.0.1\","
                        + "\"transport\":\"websocket\",\"channels\":1,\"topics\":[\"room:\\\"1\\\"\"],\"waitingBytes\":5}],"
                        + "\"total\":1}");
        assertThat(written(new SlowReport(List.of()))).isEqualTo("{\"connections\":[]}");
        assertThat(written(new TraceOrder("f00", Traced.USER, "users:ana")))
                .isEqualTo("{\"id\":\"f00\",\"of\":\"USER\",\"text\":\"users:ana\"}");
        assertThat(written(new TraceState(true))).isEqualTo("{\"running\":true}");
        assertThat(written(new FrameOrder("f00", List.of(new Count("a@host", 3)), 99)))
                .isEqualTo("{\"id\":\"f00\",\"read\":[{\"name\":\"a@host\",\"count\":3}],\"maxBytes\":99}");
        assertThat(written(new FrameReport(true, List.of(FRAME), 4, "time")))
                .isEqualTo(
                        "{\"known\":true,\"frames\":[{\"number\":4,\"atMillis\":99,\"connection\":\"f00\",\"user\":\"users:ana\","
                                + "\"topic\":\"room:1\",\"event\":\"said\",\"direction\":\"out\",\"kind\":\"reply\",\"bytes\":20,"
                                + "\"status\":\"ok\",\"count\":1,\"payload\":\"{}\"}],\"total\":4,\"ended\":\"time\"}");
    }

    @Test
    void anAnswerIsReadAsItWasWritten() {
        assertThat(AnswerFormat.read(NodeReport.class, AnswerFormat.write(REPORT)))
                .hasValue(REPORT);
        UserReport user = new UserReport(List.of(CONNECTION), 1);
        assertThat(AnswerFormat.read(UserReport.class, AnswerFormat.write(user)))
                .hasValue(user);
    }

    @Test
    void fieldsOfALaterReleaseAreIgnoredAndThoseOfAnEarlierOneAreEmpty() {
        assertThat(AnswerFormat.read(
                        TopicList.class, "{\"topics\":[],\"total\":1,\"bySize\":{\"a\":[1]}}".getBytes(UTF_8)))
                .hasValue(new TopicList(List.of(), 1, false));
        assertThat(AnswerFormat.read(NodeReport.class, "{\"numbers\":{\"connections\":4}}".getBytes(UTF_8)))
                .hasValue(new NodeReport(
                        0,
                        new Numbers(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        assertThat(AnswerFormat.read(ClusterView.class, "{\"coordinator\":\"a\"}".getBytes(UTF_8)))
                .hasValue(new ClusterView(
                        "a", List.of(), List.of(), List.of(), Optional.empty(), Optional.empty(), List.of()));
        assertThat(AnswerFormat.read(FrameReport.class, "{}".getBytes(UTF_8))).hasValue(FrameReport.unknown());
        assertThat(AnswerFormat.read(FrameOrder.class, "{}".getBytes(UTF_8))
                        .orElseThrow()
                        .after("a@host"))
                .isZero();
        assertThat(AnswerFormat.read(UserReport.class, "{}".getBytes(UTF_8))).hasValue(new UserReport(List.of(), 0));
        assertThat(AnswerFormat.read(TopicList.class, "{\"topics\":[{},null]}".getBytes(UTF_8)))
                .hasValue(new TopicList(List.of(new TopicSize("", 0)), 0, false));
        assertThat(AnswerFormat.read(UserReport.class, "{\"connections\":[{\"connection\":\"f00\"}]}".getBytes(UTF_8)))
                .hasValue(new UserReport(
                        List.of(new ConnectionState("f00", Optional.empty(), "", "", 0, List.of(), 0)), 0));
    }

    @Test
    void otherBytesAreNoAnswer() {
        for (String text : List.of("", "null", "[]", "{\"topics\":3}", "{\"total\":\"many\"}", "{\"total\":1", "\0")) {
            assertThat(AnswerFormat.read(TopicList.class, text.getBytes(UTF_8)))
                    .as(text)
                    .isEmpty();
        }
        assertThat(AnswerFormat.read(TopicList.class, new byte[(1 << 20) + 1])).isEmpty();
    }
}
