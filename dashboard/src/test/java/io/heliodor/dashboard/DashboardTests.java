package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.inspect.Inspectable;
import io.heliodor.inspect.KeptEvent;
import io.heliodor.node.Statistic;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.testkit.TestChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The dashboard of one node of a cluster, as its page sees it. */
@Timeout(60)
class DashboardTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String TOKEN = "a-token-for-these-tests";

    record Text(String text) {}

    record Online(String device) {}

    private static final Event<Text> SAID = Event.of("said", Text.class);

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    private final AtomicLong clock = new AtomicLong();
    private final List<AutoCloseable> open = new ArrayList<>();

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

    private static UserSocket<Empty> application() {
        Channel<Object, Empty> room = Channel.join(_ -> Join.ok(Empty.EMPTY))
                .on(SAID, (text, in) -> in.broadcast(SAID, text))
                .history(History.of(10, Duration.ofMinutes(5), SAID))
                .build();
        return UserSocket.connect(connect -> connect.param("user")
                        .map(user -> Connect.ok(Empty.EMPTY, "users:" + user))
                        .orElseGet(() -> Connect.ok(Empty.EMPTY)))
                .channel("room:*", room)
                .build();
    }

    private ChannelKit serve(String node) {
        return closing(ChannelKit.builder(application()).node(cluster, node).start());
    }

    private Dashboard dashboard(String node) {
        return closing(Dashboard.over(cluster.node(node).pubsub())
                .token(TOKEN)
                .node(cluster.node(node))
                .clock(clock::get)
                .build());
    }

    private ChannelKit page(String node, Dashboard dashboard) {
        return closing(ChannelKit.builder(dashboard.channel().socket())
                .node(cluster, node)
                .start());
    }

    private static TestChannel open(ChannelKit page) {
        return page.request().authToken(TOKEN).connect().join(PageSettings.TOPIC);
    }

    private TestChannel look(String node) {
        return open(page(node, dashboard(node)));
    }

    private static TestChannel join(ChannelKit server, String user, String... topics) {
        var client = server.connect(Map.of("user", user));
        TestChannel last = null;
        for (String topic : topics) {
            last = client.join(topic);
        }
        return Objects.requireNonNull(last);
    }

    private void later() {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
    }

    /** Counts the queries of a name that a node gets. */
    private AtomicInteger counted(String node, String query) {
        AtomicInteger count = new AtomicInteger();
        closing(ClusterPubSub.nodesOf(cluster.node(node).pubsub().scope("heliodor.dashboard"))
                .handle(query, _ -> {
                    count.incrementAndGet();
                    return "{}".getBytes(UTF_8);
                }));
        return count;
    }

    @Test
    void theOverviewHasTheNumbersOfEachNodeWithADashboard() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        serve(C);
        dashboard(B);
        TestChannel page = look(A);
        join(a, "ana", "room:1");
        join(b, "ben", "room:1", "room:2");
        join(b, "bob", "room:1").push(SAID, new Text("hi"));
        b.settle();

        Overview overview = page.call(DashboardChannel.OVERVIEW);
        assertThat(overview.node()).isEqualTo(A);
        assertThat(overview.members()).isEqualTo(3);
        assertThat(overview.nodes()).extracting(NodeState::name).containsExactly(A, B, C);
        assertThat(overview.nodes())
                .extracting(NodeState::state)
                .containsExactly(NodeAnswer.State.OK, NodeAnswer.State.OK, NodeAnswer.State.NO_DASHBOARD);
        NodeReport ofA = overview.nodes().get(0).report().orElseThrow();
        assertThat(ofA.numbers().connections()).as("ana without the page").isEqualTo(1);
        NodeReport ofB = overview.nodes().get(1).report().orElseThrow();
        assertThat(ofB.numbers().connections()).isEqualTo(2);
        assertThat(ofB.numbers().channels()).isEqualTo(3);
        assertThat(ofB.numbers().topics()).isEqualTo(2);
        assertThat(ofB.numbers().framesOut())
                .as("3 replies, and a message for 2 members")
                .isEqualTo(5);
        ClusterView view = ofB.cluster().orElseThrow();
        assertThat(view.coordinator()).isEqualTo(cluster.node(A).membership().coordinator());
        assertThat(view.links()).extracting(Link::peer).containsExactlyInAnyOrder(A, C);
        assertThat(overview.nodes().get(2).report()).isEmpty();
    }

    private static NodeReport report(Overview overview, String node) {
        return overview.nodes().stream()
                .filter(each -> each.name().equals(node))
                .findFirst()
                .flatMap(NodeState::report)
                .orElseThrow();
    }

    @Test
    void theOverviewHasTheReplicationOfEachNode() {
        serve(A);
        serve(B);
        Presence<Online> atA = closing(Presence.over(cluster.node(A).pubsub(), Online.class));
        Presence<Online> atB = closing(Presence.over(cluster.node(B).pubsub(), Online.class));
        closing(Dashboard.over(cluster.node(B).pubsub())
                .node(cluster.node(B))
                .presence("online", atB)
                .build());
        TestChannel page = look(A);
        atA.track(Owner.of("room:1"), "ana", new Online("phone"));
        await().until(() -> atB.size() == 1);

        Overview overview = page.call(DashboardChannel.OVERVIEW);
        Replication ofA = report(overview, A).replication().orElseThrow();
        assertThat(ofA.presences()).as("its dashboard shows no presence").isEmpty();
        Replication ofB = report(overview, B).replication().orElseThrow();
        assertThat(ofB.presences()).hasValue(1L);
        assertThat(List.of(ofB.historyGaps(), ofB.historiesDropped(), ofB.copiesRefused(), ofB.callsAlone()))
                .containsOnly(0L);
        assertThat(report(overview, B).cluster().orElseThrow().reachability()).hasValue(new Reachability(0, 0, 0));
        assertThat(report(overview, A).directMemory())
                .as("a kit has no transport")
                .isEmpty();
    }

    @Test
    void aMemberThatIsCutOffIsASuspectOfTheOverview() {
        serve(A);
        TestChannel page = look(A);
        cluster.pause(C);
        cluster.await(() -> cluster.node(A).statistic(Statistic.SUSPECTS) == 1);
        assertThat(report(page.call(DashboardChannel.OVERVIEW), A)
                        .cluster()
                        .orElseThrow()
                        .reachability())
                .hasValue(new Reachability(1, 0, 0));
        cluster.resume(C);
    }

    @Test
    void theOverviewHasTheLeadersOfElections() {
        serve(A);
        TestChannel page = look(A);
        cluster.node(B).election("reports").whileLeading(_ -> new CountDownLatch(1).await());
        await().until(() -> cluster.node(A).election("reports").leader().isPresent());
        cluster.node(A).election("none");

        assertThat(elections(page))
                .isEqualTo(new ElectionList(
                        List.of(
                                new ElectionLeader("none", Optional.empty()),
                                new ElectionLeader("reports", Optional.of(B))),
                        false));

        for (int i = 0; i < Dashboard.MAX_ELECTIONS; i++) {
            cluster.node(A).election("more-" + i);
        }
        later();
        assertThat(elections(page).elections()).hasSize(Dashboard.MAX_ELECTIONS);
        assertThat(elections(page).more()).isTrue();
    }

    private static ElectionList elections(TestChannel page) {
        return report(page.call(DashboardChannel.OVERVIEW), A)
                .cluster()
                .orElseThrow()
                .elections()
                .orElseThrow();
    }

    @Test
    void closesAreCountedByTheirReasons() {
        ChannelKit a = serve(A);
        TestChannel page = look(A);
        a.connect(Map.of("user", "ana")).disconnect();
        var ben = a.connect(Map.of("user", "ben"));
        a.channels().disconnect("users:ben");
        ben.expectClose();
        a.settle();
        assertThat(page.call(DashboardChannel.OVERVIEW)
                        .nodes()
                        .getFirst()
                        .report()
                        .orElseThrow()
                        .closed())
                .containsExactly(new Count("client", 1), new Count("disconnected", 1));
    }

    @Test
    void aUserIsFoundOnAllNodesWithItsTopics() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B);
        TestChannel page = look(A);
        join(a, "ana", "room:1");
        join(b, "ana", "room:1", "room:2");
        join(b, "ben", "room:3");

        Users found = page.call(DashboardChannel.USERS, new Search("users:"));
        assertThat(found).isEqualTo(new Users(List.of("users:ana", "users:ben"), false, true, List.of(C)));
        assertThat(page.call(DashboardChannel.USERS, new Search("an")).ids()).containsExactly("users:ana");

        UserDetails ana = page.call(DashboardChannel.USER_DETAILS, new Search("users:ana"));
        assertThat(ana.total()).isEqualTo(2);
        assertThat(ana.nodes()).containsExactly(new Count(A, 1), new Count(B, 1));
        assertThat(ana.silent()).containsExactly(C);
        assertThat(ana.connections()).extracting(Located::node).containsExactly(A, B);
        assertThat(ana.connections())
                .extracting(each -> each.connection().topics())
                .containsExactly(List.of("room:1"), List.of("room:1", "room:2"));
        assertThat(ana.connections()).allSatisfy(each -> {
            assertThat(each.connection().id()).hasValue("users:ana");
            assertThat(each.connection().address()).isEqualTo("127.0.0.1");
            assertThat(each.connection().transport()).isEqualTo("websocket");
        });
        assertThat(page.call(DashboardChannel.USER_DETAILS, new Search("users:an"))
                        .connections())
                .isEmpty();
    }

    @Test
    void topicsAreListedByTheirMembersOnAllNodes() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B);
        TestChannel page = look(A);
        join(a, "ana", "room:small", "room:large");
        join(b, "ben", "room:large");

        Topics all = page.call(DashboardChannel.TOPICS, new Search("room:"));
        assertThat(all.topics())
                .containsExactly(
                        new TopicRow("room:large", 2, false, List.of(new Count(A, 1), new Count(B, 1))),
                        new TopicRow("room:small", 1, false, List.of(new Count(A, 1))));
        assertThat(all.more()).isFalse();
        assertThat(all.complete()).isTrue();
        assertThat(page.call(DashboardChannel.TOPICS, new Search("mall")).topics())
                .extracting(TopicRow::topic)
                .containsExactly("room:small");
    }

    @Test
    void aTopicThatANodeDidNotListMayHaveMoreMembers() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B);
        TestChannel page = look(A);
        join(a, "ana", "room:alone");
        join(a, "eve", "room:alone");
        var ben = b.connect(Map.of("user", "ben"));
        for (int i = 0; i <= LocalNode.MAX_TOPICS; i++) {
            ben.join("room:" + i);
        }
        assertThat(page.call(DashboardChannel.TOPICS, new Search("room:")).topics())
                .contains(
                        new TopicRow("room:alone", 2, true, List.of(new Count(A, 2))),
                        new TopicRow("room:0", 1, false, List.of(new Count(B, 1))));
    }

    @Test
    void aNodeWithFewMembersIsShownBesideOneWithMany() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        ChannelKit c = serve(C);
        dashboard(B);
        dashboard(C);
        TestChannel page = look(A);
        for (int i = 0; i < LocalNode.MAX_CONNECTIONS + 5; i++) {
            join(a, "ana", "room:1");
        }
        join(b, "ana", "room:1");
        join(c, "ana", "room:1");
        UserDetails ana = page.call(DashboardChannel.USER_DETAILS, new Search("users:ana"));
        assertThat(ana.connections()).extracting(Located::node).startsWith(A, B, C, A, A);
        assertThat(ana.nodes())
                .containsExactly(new Count(A, LocalNode.MAX_CONNECTIONS + 5), new Count(B, 1), new Count(C, 1));
    }

    @Test
    void aTopicHasItsMembersItsPresencesAndItsHistoryWithoutPayloads() {
        Presence<Online> presence = closing(Presence.over(cluster.node(A).pubsub(), Online.class));
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B);
        Dashboard dashboard = closing(Dashboard.over(cluster.node(A).pubsub())
                .token(TOKEN)
                .presence("rooms", presence)
                .clock(clock::get)
                .build());
        TestChannel page = open(page(A, dashboard));
        join(a, "ana", "room:1").push(SAID, new Text("a secret"));
        join(b, "ben", "room:1");
        presence.track(Owner.of("room:1"), "ana", new Online("phone"));
        a.settle();

        TopicDetails room = page.call(DashboardChannel.TOPIC_DETAILS, new Search("room:1"));
        assertThat(room.total()).isEqualTo(2);
        assertThat(room.members())
                .extracting(Located::node, each -> each.connection().id().orElse(""))
                .containsExactly(tuple(A, "users:ana"), tuple(B, "users:ben"));
        assertThat(room.kept()).extracting(KeptEvent::event).containsExactly("said");
        assertThat(room.present()).containsExactly(new Count("rooms", 1));
        assertThat(room.keys()).containsExactly(new PresentKey("rooms", "ana", 1));
        assertThat(new String(AnswerFormat.write(room), UTF_8))
                .doesNotContain("secret")
                .doesNotContain("phone");
    }

    @Test
    void handlersAreTimedWhileAPageShowsThemAndNotBefore() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B);
        TestChannel page = look(A);
        TestChannel ana = join(a, "ana", "room:1");
        TestChannel ben = join(b, "ben", "room:1");
        ana.push(SAID, new Text("before the first look"));
        a.settle();
        assertThat(page.call(DashboardChannel.HANDLERS).handlers()).isEmpty();

        ana.push(SAID, new Text("one"));
        ana.push(SAID, new Text("two"));
        ben.push(SAID, new Text("three"));
        a.settle();
        b.settle();
        later();
        assertThat(page.call(DashboardChannel.HANDLERS).handlers())
                .filteredOn(each -> each.name().equals("said"))
                .singleElement()
                .satisfies(said -> {
                    assertThat(said.channel()).isEqualTo("room:*");
                    assertThat(said.kind()).isEqualTo("event");
                    assertThat(said.perSecond()).isEqualTo(3);
                    assertThat(said.failed()).isZero();
                    assertThat(said.buckets().stream()
                                    .mapToLong(Long::longValue)
                                    .sum())
                            .isEqualTo(3);
                });
    }

    @Test
    void eventsAreThoseSinceAPageShowsThemTheNewestFirst() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        dashboard(B);
        TestChannel page = look(A);
        join(a, "before", "room:1");
        assertThat(page.call(DashboardChannel.EVENTS).events()).isEmpty();

        TestChannel ana = join(b, "ana", "room:1");
        ana.leave();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            later();
            assertThat(page.call(DashboardChannel.EVENTS).events())
                    .extracting(
                            LocatedEvent::node,
                            each -> each.event().kind(),
                            each -> each.event().subject(),
                            each -> each.event().detail())
                    .containsExactlyInAnyOrder(
                            tuple(B, "connected", "users:ana", ""),
                            tuple(B, "joined", "room:1", ""),
                            tuple(B, "left", "room:1", "Left"));
        });
    }

    @Test
    void clientsThatDoNotReadAreShownWithTheirBytes() {
        serve(A);
        ChannelKit b = serve(B);
        dashboard(B);
        TestChannel page = look(A);
        TestChannel ana = join(b, "ana", "room:1");
        TestChannel ben = join(b, "ben", "room:1");
        assertThat(page.call(DashboardChannel.SLOW).connections()).isEmpty();

        ana.client().stopReading();
        ben.push(SAID, new Text("x".repeat(10_000)));
        ben.expect(SAID);
        later();
        assertThat(page.call(DashboardChannel.SLOW).connections())
                .singleElement()
                .satisfies(slow -> {
                    assertThat(slow.node()).isEqualTo(B);
                    assertThat(slow.connection().id()).hasValue("users:ana");
                    assertThat(slow.connection().waitingBytes()).isGreaterThan(10_000);
                });
    }

    @Test
    void aNodeThatIsFrozenIsShownAsSuch() {
        serve(A);
        serve(B);
        dashboard(B);
        TestChannel page = look(A);
        cluster.pause(B);
        assertThat(page.call(DashboardChannel.OVERVIEW).nodes())
                .extracting(NodeState::state)
                .startsWith(NodeAnswer.State.OK, NodeAnswer.State.NO_ANSWER);
        cluster.resume(B);
    }

    @Test
    void aQueryIsSentOnceASecondForAllPages() {
        serve(A);
        AtomicInteger count = counted(B, "topics");
        ChannelKit kit = page(A, dashboard(A));
        TestChannel one = open(kit);
        TestChannel other = open(kit);
        one.call(DashboardChannel.TOPICS, new Search(""));
        one.call(DashboardChannel.TOPICS, new Search(""));
        other.call(DashboardChannel.TOPICS, new Search(""));
        assertThat(count).hasValue(1);
        later();
        other.call(DashboardChannel.TOPICS, new Search(""));
        assertThat(count).hasValue(2);
    }

    @Test
    void differentQueriesAreLimited() {
        serve(A);
        AtomicInteger count = counted(B, "topics");
        ChannelKit kit = page(A, dashboard(A));
        List<TestChannel> pages = List.of(open(kit), open(kit), open(kit));
        for (int i = 0; i < ClusterQueries.MAX_QUERIES; i++) {
            pages.get(i % 3).call(DashboardChannel.TOPICS, new Search("room:" + i));
        }
        assertThat(pages.getFirst()
                        .callError(DashboardChannel.TOPICS, new Search("one more"))
                        .reason())
                .isEqualTo("busy");
        assertThat(count).hasValue(ClusterQueries.MAX_QUERIES);
    }

    @Test
    void nothingIsSentWhileNoPageCalls() {
        serve(A);
        AtomicInteger count = counted(B, "overview");
        TestChannel page = look(A);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(count).hasValue(0);
        page.call(DashboardChannel.OVERVIEW);
        assertThat(count).hasValue(1);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(count).hasValue(1);
    }

    @Test
    void aLookAtATopicBeginsNothing() {
        serve(A);
        TestChannel page = look(A);
        assertThat(page.call(DashboardChannel.TOPIC_DETAILS, new Search("room:none")))
                .isEqualTo(new TopicDetails(
                        "room:none", 0, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(B, C)));
        assertThat(Inspectable.over(cluster.node(A).pubsub()))
                .allSatisfy(each -> assertThat(each.topics("room:", 10).items()).isEmpty());
    }

    @Test
    void aClientWithoutTheTokenIsRefused() {
        ChannelKit kit = page(A, dashboard(A));
        assertThat(kit.request().refused().status()).isEqualTo(401);
        assertThat(kit.request().authToken(TOKEN + "x").refused().status()).isEqualTo(401);
        assertThat(kit.request().params(Map.of("token", TOKEN)).refused().status())
                .isEqualTo(401);
    }

    @Test
    void aTextThatIsTooLongIsRefused() {
        TestChannel page = look(A);
        Call<Text, Topics, Reason> topics = Call.of("topics", Text.class, Topics.class);
        assertThat(page.call(topics, new Text("x".repeat(255))).topics()).isEmpty();
        assertThat(page.callRefused(topics, new Text("x".repeat(256))).reason()).isEqualTo("invalid_payload");
    }

    @Test
    void anIdIsEscapedNowhereOnTheServer() {
        ChannelKit a = serve(A);
        TestChannel page = look(A);
        String hostile = "\u202e<img src=x onerror=alert(1)>";
        join(a, hostile, "room:1");
        assertThat(page.call(DashboardChannel.USERS, new Search("<img")).ids()).containsExactly("users:" + hostile);
    }

    @Test
    void aPubSubHasOneDashboard() {
        dashboard(A).close();
        dashboard(A);
        assertThatThrownBy(() -> dashboard(A)).isInstanceOf(IllegalStateException.class);
    }
}
