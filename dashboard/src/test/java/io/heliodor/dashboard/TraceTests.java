package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.testkit.TestChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live traces of a user and of a topic on the nodes of a cluster, as a page gets them. */
@Timeout(60)
class TraceTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String TOKEN = "a-token-for-these-tests";
    private static final TraceLimits TINY =
            new TraceLimits(1, Duration.ofSeconds(30), 6, 1 << 20, Duration.ofSeconds(10), 20);

    record Text(String text) {}

    record Password(String password) {}

    private static final Event<Text> SAID = Event.of("said", Text.class);
    private static final Event<Text> WHISPER = Event.of("whisper", Text.class);
    private static final Call<Text, Text, Reason> ASK = Call.of("ask", Text.class, Text.class);

    private final ClusterKit cluster = ClusterKit.start(A, B);
    private final AtomicLong clock = new AtomicLong();
    private final List<AutoCloseable> open = new ArrayList<>();
    private List<Count> read = List.of();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        cluster.close();
    }

    private <C extends AutoCloseable> C closing(C closeable) {
        open.add(closeable);
        return closeable;
    }

    private ChannelKit serve(String node) {
        Channel<Object, Empty> room = Channel.join(_ -> Join.ok(Empty.EMPTY))
                .on(SAID, (text, in) -> in.broadcast(SAID, text))
                .on(WHISPER, (text, in) -> in.push(WHISPER, text))
                .answer(ASK, (text, _) -> Reply.ok(text))
                .build();
        UserSocket<Empty> socket = UserSocket.connect(connect ->
                        Connect.ok(Empty.EMPTY, "users:" + connect.param("user").orElseThrow()))
                .channel("room:*", room)
                .build();
        return closing(ChannelKit.builder(socket).node(cluster, node).start());
    }

    private Dashboard dashboard(String node, UnaryOperator<Dashboard.Builder> change) {
        return closing(change.apply(
                        Dashboard.over(cluster.node(node).pubsub()).token(TOKEN).clock(clock::get))
                .build());
    }

    private TestChannel page(String node, Dashboard dashboard) {
        ChannelKit kit = closing(ChannelKit.builder(dashboard.channel().socket())
                .node(cluster, node)
                .start());
        return open(kit);
    }

    private static TestChannel open(ChannelKit kit) {
        return kit.request().authToken(TOKEN).connect().join(PageSettings.TOPIC);
    }

    private static TestChannel join(ChannelKit server, String user, String topic) {
        return server.connect(Map.of("user", user)).join(topic, new Password("p4ss"));
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private TraceBegun user(TestChannel page, String id) {
        read = List.of();
        return page.call(DashboardChannel.TRACE, new TraceRequest(Traced.USER, id));
    }

    private TraceBegun topic(TestChannel page, String topic) {
        read = List.of();
        return page.call(DashboardChannel.TRACE, new TraceRequest(Traced.TOPIC, topic));
    }

    /** The frames since the last reading, a second later. */
    private Frames next(TestChannel page, TraceBegun trace) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        Frames frames = page.call(DashboardChannel.FRAMES, new TraceRead(trace.id(), read));
        read = frames.read();
        return frames;
    }

    private static List<String> lines(Frames frames) {
        return frames.frames().stream().map(TraceTests::line).toList();
    }

    private static String line(LocatedFrame located) {
        LoggedFrame frame = located.frame();
        assertThat(frame.bytes()).isPositive();
        assertThat(frame.atMillis()).isPositive();
        return located.node().charAt(0) + " " + frame.direction() + " " + frame.kind() + " " + frame.topic() + " "
                + frame.event() + (frame.status().isEmpty() ? "" : " " + frame.status())
                + (frame.count() == 1 ? "" : " x" + frame.count())
                + frame.payload().map(text -> " " + text).orElse("");
    }

    @Test
    void aUserIsTracedOnAllNodesFromAnyOne() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B, UnaryOperator.identity());
        TestChannel page = page(A, dashboard(A, UnaryOperator.identity()));
        TestChannel ben = join(b, "ben", "room:1");
        TraceBegun trace = user(page, "users:ana");
        assertThat(trace.full()).isEmpty();
        assertThat(trace.silent()).isEmpty();

        TestChannel ana = join(b, "ana", "room:1");
        ana.call(ASK, new Text("why"));
        b.settle();
        Frames first = next(page, trace);
        assertThat(lines(first))
                .containsExactly(
                        "b in join room:1 phx_join",
                        "b out reply room:1 phx_join ok",
                        "b in message room:1 ask",
                        "b out reply room:1 ask ok");
        assertThat(first.frames()).allSatisfy(each -> {
            assertThat(each.frame().user()).isEqualTo("users:ana");
            assertThat(each.frame().connection()).isNotEmpty();
        });
        assertThat(first.running()).isTrue();
        assertThat(first.ended()).isEmpty();

        TestChannel other = join(a, "ana", "room:1");
        ben.push(SAID, new Text("hi"));
        ana.expect(SAID);
        other.expect(SAID);
        a.settle();
        b.settle();
        assertThat(lines(next(page, trace)))
                .containsExactlyInAnyOrder(
                        "a in join room:1 phx_join",
                        "a out reply room:1 phx_join ok",
                        "a out broadcast room:1 said",
                        "b out broadcast room:1 said");
        assertThat(lines(next(page, trace))).isEmpty();
    }

    @Test
    void aBroadcastInTheTraceOfATopicIsOneLineForEachNode() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B, UnaryOperator.identity());
        TestChannel page = page(A, dashboard(A, UnaryOperator.identity()));
        TestChannel ana = join(a, "ana", "room:1");
        join(b, "ben", "room:1");
        TestChannel bob = join(b, "bob", "room:1");
        TraceBegun trace = topic(page, "room:1");
        ana.push(SAID, new Text("hi"));
        bob.expect(SAID);
        join(b, "eve", "room:2");
        a.settle();
        b.settle();
        assertThat(lines(next(page, trace)))
                .containsExactlyInAnyOrder(
                        "a in message room:1 said", "a out broadcast room:1 said", "b out broadcast room:1 said x2");
    }

    @Test
    void noPayloadIsShownUnlessTheApplicationDeclaresItsEvent() {
        ChannelKit a = serve(A);
        Dashboard closed = dashboard(A, UnaryOperator.identity());
        TestChannel page = page(A, closed);
        TraceBegun trace = user(page, "users:ana");
        TestChannel ana = join(a, "ana", "room:1");
        ana.push(SAID, new Text("secret"));
        ana.expect(SAID);
        ana.push(WHISPER, new Text("secret"));
        ana.call(ASK, new Text("secret"));
        a.settle();
        Frames frames = next(page, trace);
        assertThat(frames.frames()).hasSizeGreaterThan(7);
        assertThat(new String(AnswerFormat.write(frames), UTF_8)).doesNotContain("secret", "p4ss");
    }

    @Test
    void declaredEventsOfDeclaredTopicsAreShownAndLongPayloadsCut() {
        ChannelKit a = serve(A);
        Dashboard dashboard = dashboard(
                A, builder -> builder.showsPayloads("room:*", "ask").showsPayloads("room:1", "said", "phx_join"));
        TestChannel page = page(A, dashboard);
        TraceBegun trace = user(page, "users:ana");
        TestChannel ana = join(a, "ana", "room:1");
        TestChannel two = join(a, "ana", "room:2");
        ana.push(SAID, new Text("shown"));
        ana.expect(SAID);
        ana.push(WHISPER, new Text("secret"));
        ana.expect(WHISPER);
        two.push(SAID, new Text("secret"));
        two.expect(SAID);
        two.call(ASK, new Text("x".repeat(3_000)));
        a.settle();
        Frames frames = next(page, trace);
        assertThat(lines(frames))
                .contains(
                        "a in message room:1 said {\"text\":\"shown\"}",
                        "a out broadcast room:1 said {\"text\":\"shown\"}",
                        "a in message room:1 whisper",
                        "a out push room:1 whisper",
                        "a in message room:2 said",
                        "a in message room:2 ask {\"text\":\"" + "x".repeat(2_039) + "…",
                        "a out reply room:2 ask ok {\"text\":\"" + "x".repeat(2_039) + "…");
        assertThat(new String(AnswerFormat.write(frames), UTF_8)).doesNotContain("secret", "p4ss");
    }

    @Test
    void aTraceStopsAtItsFrames() {
        ChannelKit a = serve(A);
        TestChannel page = page(A, dashboard(A, builder -> builder.traces(TINY)));
        TestChannel ana = join(a, "ana", "room:1");
        TraceBegun trace = user(page, "users:ana");
        assertThat(trace.maxFrames()).isEqualTo(6);
        assertThat(trace.maxSeconds()).isEqualTo(30);
        for (int i = 0; i < 5; i++) {
            ana.call(ASK, new Text("" + i));
        }
        Frames frames = next(page, trace);
        assertThat(frames.frames()).hasSize(6);
        assertThat(frames.running()).isFalse();
        assertThat(frames.ended()).containsExactly(new TraceEnd(A, "frames"));
    }

    @Test
    void aTraceStopsAtItsTime() {
        ChannelKit a = serve(A);
        TestChannel page = page(A, dashboard(A, builder -> builder.traces(TINY)));
        TestChannel ana = join(a, "ana", "room:1");
        TraceBegun trace = user(page, "users:ana");
        for (int i = 0; i < 3; i++) {
            pass(Duration.ofSeconds(8));
            assertThat(next(page, trace).ended()).isEmpty();
        }
        pass(Duration.ofSeconds(8));
        assertThat(next(page, trace).ended()).containsExactly(new TraceEnd(A, "time"));
        ana.call(ASK, new Text("after"));
        assertThat(next(page, trace).frames()).isEmpty();
    }

    @Test
    void aTraceThatNoPageReadsEndsAndMakesRoom() {
        ChannelKit a = serve(A);
        Dashboard dashboard = dashboard(A, builder -> builder.traces(TINY));
        TestChannel page = page(A, dashboard);
        join(a, "ana", "room:1");
        TraceBegun trace = user(page, "users:ana");
        pass(Duration.ofSeconds(10));
        // The thread of the traces ends it.
        await().atMost(Duration.ofSeconds(20)).until(() -> !dashboard.isTracing());
        assertThat(next(page, trace).untraced()).contains(A);
    }

    @Test
    void oneMoreTraceThanANodeMayRunIsRefused() {
        serve(A);
        Dashboard dashboard = dashboard(A, builder -> builder.traces(TINY));
        ChannelKit kit = closing(ChannelKit.builder(dashboard.channel().socket())
                .node(cluster, A)
                .start());
        TestChannel page = open(kit);
        TestChannel other = open(kit);
        TraceBegun trace = user(page, "users:ana");
        assertThat(other.callError(DashboardChannel.TRACE, new TraceRequest(Traced.USER, "users:ben"))
                        .reason())
                .isEqualTo("too_many_traces");
        page.call(DashboardChannel.UNTRACE, new TraceId(trace.id()));
        assertThat(user(other, "users:ben").full()).isEmpty();
        // A page that begins another one ends its own.
        assertThat(user(other, "users:eve").full()).isEmpty();
        other.leave();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(user(page, "users:ana").full()).isEmpty());
    }

    @Test
    void anotherNodeThatHasTooManyTracesIsShown() {
        serve(A);
        serve(B);
        Dashboard ofB = dashboard(B, builder -> builder.traces(TINY));
        TestChannel page = page(A, dashboard(A, UnaryOperator.identity()));
        TestChannel elsewhere = page(B, ofB);
        user(elsewhere, "users:ben");
        TraceBegun trace = user(page, "users:ana");
        assertThat(trace.full()).containsExactly(B);
        assertThat(next(page, trace).untraced()).containsExactly(B);
    }

    @Test
    void thePageThatLeavesEndsItsTraceOnAllNodes() {
        serve(A);
        ChannelKit b = serve(B);
        Dashboard ofB = dashboard(B, builder -> builder.traces(TINY));
        TestChannel page = page(A, dashboard(A, UnaryOperator.identity()));
        TestChannel ana = join(b, "ana", "room:1");
        user(page, "users:ana");
        assertThat(ofB.isTracing()).isTrue();
        page.client().drop();
        await().atMost(Duration.ofSeconds(20)).until(() -> !ofB.isTracing());
        ana.call(ASK, new Text("nothing notes this"));
    }

    @Test
    void theLateEndOfAFormerTraceLeavesTheNextOneToTheEndOfThePage() {
        serve(A);
        Dashboard dashboard = dashboard(A, each -> each);
        TestChannel page = page(A, dashboard);
        TraceBegun former = user(page, "users:ana");
        user(page, "users:ben");
        page.call(DashboardChannel.UNTRACE, new TraceId(former.id()));
        page.leave();
        await().atMost(Duration.ofSeconds(20)).until(() -> !dashboard.isTracing());
    }

    @Test
    void aNodeOfAnOlderReleaseIsShownAsSuch() {
        ChannelKit a = serve(A);
        serve(B);
        TestChannel page = page(A, dashboard(A, UnaryOperator.identity()));
        TraceBegun trace = user(page, "users:ana");
        assertThat(trace.silent()).containsExactly(B);
        join(a, "ana", "room:1");
        Frames frames = next(page, trace);
        assertThat(frames.silent()).containsExactly(B);
        assertThat(frames.frames()).hasSize(2);
    }

    @Test
    void anEndpointThatStartsDuringATraceIsTracedSinceTheNextReading() {
        serve(A);
        TestChannel page = page(A, dashboard(A, UnaryOperator.identity()));
        TraceBegun trace = user(page, "users:ana");
        ChannelKit other = serve(A);
        assertThat(next(page, trace).frames()).isEmpty();
        join(other, "ana", "room:1");
        assertThat(lines(next(page, trace)))
                .containsExactly("a in join room:1 phx_join", "a out reply room:1 phx_join ok");
    }

    @Test
    void aDashboardThatIsClosedBeginsNoTrace() {
        serve(A);
        Dashboard dashboard = dashboard(A, UnaryOperator.identity());
        TestChannel page = page(A, dashboard);
        dashboard.close();
        assertThat(page.callError(DashboardChannel.TRACE, new TraceRequest(Traced.USER, "users:ana"))
                        .reason())
                .isEqualTo("too_many_traces");
        assertThat(dashboard.isTracing()).isFalse();
    }

    @Test
    void nothingRunsWithoutATrace() {
        ChannelKit a = serve(A);
        Dashboard dashboard = dashboard(A, UnaryOperator.identity());
        TestChannel page = page(A, dashboard);
        page.call(DashboardChannel.OVERVIEW);
        join(a, "ana", "room:1").call(ASK, new Text("a"));
        assertThat(dashboard.isTracing()).isFalse();
        assertThat(page.call(DashboardChannel.FRAMES, new TraceRead("none", List.of()))
                        .untraced())
                .containsExactly(A);
        assertThat(dashboard.isTracing()).isFalse();
    }

    @Test
    void aTraceOfNothingIsRefused() {
        TestChannel page = page(A, dashboard(A, UnaryOperator.identity()));
        record Request(String of, String text) {}
        Call<Request, TraceBegun, Reason> trace = Call.of("trace", Request.class, TraceBegun.class);
        for (Request wrong :
                List.of(new Request("USER", ""), new Request("USER", "x".repeat(256)), new Request("NODE", "a"))) {
            assertThat(page.callRefused(trace, wrong).reason()).isEqualTo("invalid_payload");
        }
    }

    @Test
    void aPatternThatIsNotOneIsRefused() {
        try (PubSub pubsub = PubSub.local()) {
            Dashboard.Builder builder = Dashboard.over(pubsub);
            assertThatThrownBy(() -> builder.showsPayloads("room:*:1", "said"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("room:*");
            assertThatThrownBy(() -> builder.showsPayloads("phoenix", "said"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.showsPayloads("room:*"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("No event");
        }
    }
}
