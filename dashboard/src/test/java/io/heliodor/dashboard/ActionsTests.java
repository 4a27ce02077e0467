package io.heliodor.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Actions of operators on the nodes of a cluster, from the page of any one. */
@Timeout(60)
class ActionsTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String TOKEN = "a-token-for-these-tests";

    record ById(String id) {}

    private final ClusterKit cluster = ClusterKit.start(A, B);
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void clear() {
        RecordedLog.clear();
    }

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
        return UserSocket.connect(connect -> connect.param("user")
                        .map(user -> Connect.ok(Empty.EMPTY, "users:" + user))
                        .orElseGet(() -> Connect.ok(Empty.EMPTY)))
                .channel("room:*", Channel.join(_ -> Join.ok(Empty.EMPTY)).build())
                .build();
    }

    private ChannelKit serve(String node) {
        return closing(ChannelKit.builder(application()).node(cluster, node).start());
    }

    private Dashboard dashboard(String node, boolean actions) {
        Dashboard.Builder builder =
                Dashboard.over(cluster.node(node).pubsub()).token(TOKEN).node(cluster.node(node));
        return closing((actions ? builder.actions() : builder).build());
    }

    private TestChannel page(String node, boolean actions) {
        ChannelKit kit =
                closing(ChannelKit.builder(dashboard(node, actions).channel().socket())
                        .node(cluster, node)
                        .start());
        return kit.request().authToken(TOKEN).connect().join(PageSettings.TOPIC);
    }

    /** The audit events about actions, from the address of the operator. */
    private static List<String> audited() {
        return audited("dashboard_action");
    }

    private static List<String> audited(String event) {
        String begin = " " + event + " node=\"";
        return RecordedLog.lines().stream()
                .filter(line -> line.logger().equals("io.heliodor.audit"))
                .map(RecordedLog.Line::text)
                .filter(text -> text.contains(begin))
                .map(text -> text.substring(text.indexOf(begin) + begin.length()))
                .toList();
    }

    private static ConnectionTarget only(TestChannel page, String text) {
        Located found = page.call(DashboardChannel.USER_DETAILS, new Search(text))
                .connections()
                .getFirst();
        return new ConnectionTarget(
                found.node(),
                found.connection().connection(),
                found.connection().id());
    }

    private static void isConnected(ChannelKit server, String id) {
        assertThat(server.channels().localConnections(id)).as(id).hasSize(1);
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void aUserIsDisconnectedOnAllNodesFromAnyOne() {
        ChannelKit a = serve(A);
        ChannelKit b = serve(B);
        TestChannel page = page(A, true);
        TestClient here = a.connect(Map.of("user", "ana"));
        TestClient there = b.connect(Map.of("user", "ana"));
        b.connect(Map.of("user", "ben"));
        page.call(DashboardChannel.DISCONNECT_USER, new UserTarget("users:ana"));
        assertThat(here.expectClose()).isEqualTo(1001);
        assertThat(there.expectClose()).isEqualTo(1001);
        assertThat(audited())
                .containsExactly(
                        "a@host\" address=\"127.0.0.1\" action=\"disconnect_user\" result=\"ok\" user=\"users:ana\"");
        assertThat(audited("disconnected"))
                .containsExactlyInAnyOrder(
                        "a@host\" user=\"users:ana\" address=\"127.0.0.1\"",
                        "b@host\" user=\"users:ana\" address=\"127.0.0.1\"");
        isConnected(b, "users:ben");
    }

    @Test
    void aMemberIsRemovedFromOneTopic() {
        ChannelKit b = serve(B);
        serve(A);
        TestChannel page = page(A, true);
        TestClient ana = b.connect(Map.of("user", "ana"));
        TestChannel lobby = ana.join("room:lobby");
        ana.join("room:other");
        page.call(DashboardChannel.REMOVE_MEMBER, new MemberTarget("users:ana", "room:lobby"));
        lobby.expectClose();
        isConnected(b, "users:ana");
        assertThat(audited())
                .containsExactly(
                        "a@host\" address=\"127.0.0.1\" action=\"remove_member\" result=\"ok\" user=\"users:ana\""
                                + " topic=\"room:lobby\"");
        assertThat(audited("removed"))
                .containsExactly(
                        "b@host\" user=\"users:ana\" address=\"127.0.0.1\" topic=\"room:lobby\" reason=\"removed\"");
        assertThat(page.callError(DashboardChannel.REMOVE_MEMBER, new MemberTarget("users:ana", ""))
                        .reason())
                .isEqualTo("not_found");
    }

    @Test
    void oneConnectionIsDisconnectedOnItsNode() {
        serve(A);
        ChannelKit b = serve(B);
        dashboard(B, true);
        TestChannel page = page(A, true);
        TestClient phone = b.connect(Map.of("user", "ana"));
        ConnectionTarget target = only(page, "users:ana");
        b.connect(Map.of("user", "ana"));
        page.call(DashboardChannel.DISCONNECT_CONNECTION, target);
        assertThat(phone.expectClose()).isEqualTo(1001);
        isConnected(b, "users:ana");
        assertThat(audited())
                .containsExactly("a@host\" address=\"127.0.0.1\" action=\"disconnect_connection\" result=\"ok\""
                        + " user=\"users:ana\" target=\"b@host\" connection=\"" + target.connection() + "\"");
        assertThat(page.callError(DashboardChannel.DISCONNECT_CONNECTION, target)
                        .reason())
                .isEqualTo("not_found");
        assertThat(page.callError(
                                DashboardChannel.DISCONNECT_CONNECTION,
                                new ConnectionTarget("c@host", target.connection(), target.id()))
                        .reason())
                .isEqualTo("not_found");
    }

    @Test
    void aConnectionWithoutAnIdIsFoundByItsCorrelationId() {
        serve(A);
        ChannelKit b = serve(B);
        dashboard(B, true);
        TestChannel page = page(A, true);
        TestClient anonymous = b.connect();
        TestClient another = b.connect();
        TestChannel member = anonymous.join("room:1");
        Located located = page.call(DashboardChannel.TOPIC_DETAILS, new Search("room:1"))
                .members()
                .getFirst();
        page.call(
                DashboardChannel.DISCONNECT_CONNECTION,
                new ConnectionTarget(B, located.connection().connection(), Optional.empty()));
        assertThat(member.client().expectClose()).isEqualTo(1001);
        another.join("room:1");
    }

    @Test
    void aConnectionOfAnotherUserWithTheSameCorrelationIdStays() {
        ChannelKit a = serve(A);
        TestChannel page = page(A, true);
        a.connect(Map.of("user", "ana"));
        a.connect(Map.of("user", "ben"));
        ConnectionTarget ana = only(page, "users:ana");
        assertThat(page.callError(
                                DashboardChannel.DISCONNECT_CONNECTION,
                                new ConnectionTarget(A, ana.connection(), Optional.of("users:ben")))
                        .reason())
                .isEqualTo("not_found");
        isConnected(a, "users:ben");
    }

    @Test
    void withoutTheSwitchAnActionThatIsSentByHandIsRefusedAndAudited() {
        ChannelKit a = serve(A);
        TestChannel page = page(A, false);
        TestClient ana = a.connect(Map.of("user", "ana"));
        ana.join("room:lobby");
        assertThat(page.callError(DashboardChannel.DISCONNECT_USER, new UserTarget("users:ana"))
                        .reason())
                .isEqualTo("off");
        assertThat(page.callError(DashboardChannel.REMOVE_MEMBER, new MemberTarget("users:ana", "room:lobby"))
                        .reason())
                .isEqualTo("off");
        assertThat(page.callError(DashboardChannel.DISCONNECT_CONNECTION, only(page, "users:ana"))
                        .reason())
                .isEqualTo("off");
        assertThat(page.callError(DashboardChannel.DRAIN_NODE, new NodeTarget(A))
                        .reason())
                .isEqualTo("off");
        a.settle();
        isConnected(a, "users:ana");
        assertThat(a.channels().memberCount("room:lobby")).isEqualTo(1);
        assertThat(audited()).hasSize(4).allMatch(line -> line.contains("result=\"off\""));
    }

    @Test
    void thePageGetsWhetherActionsAreOn() {
        assertThat(page(A, true).reply(PageSettings.class)).isEqualTo(new PageSettings(true));
        assertThat(page(B, false).reply(PageSettings.class)).isEqualTo(new PageSettings(false));
    }

    @Test
    void aNodeWithoutTheSwitchIsNotDrainedFromAnother() {
        serve(A);
        ChannelKit b = serve(B);
        dashboard(B, false);
        TestChannel page = page(A, true);
        b.connect(Map.of("user", "ana"));
        assertThat(page.callError(DashboardChannel.DRAIN_NODE, new NodeTarget(B))
                        .reason())
                .isEqualTo("off_there");
        assertThat(page.callError(
                                DashboardChannel.DISCONNECT_CONNECTION,
                                new ConnectionTarget(B, "0123456789abcdef", Optional.of("users:ana")))
                        .reason())
                .isEqualTo("off_there");
        isConnected(b, "users:ana");
    }

    @Test
    void aNodeIsDrainedFromAnother() throws Exception {
        serve(A);
        TestChannel page = page(A, true);
        Dashboard there = dashboard(B, true);
        Endpoint endpoint = closing(there.mountOn(Endpoint.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .pubsub(cluster.node(B).pubsub())
                        .socket("/socket", application()))
                .build()
                .start());
        page.call(DashboardChannel.DRAIN_NODE, new NodeTarget(B));
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI health = URI.create("http://127.0.0.1:" + endpoint.port() + "/health");
            eventually()
                    .untilAsserted(() -> assertThat(
                                    http.send(HttpRequest.newBuilder(health).build(), BodyHandlers.ofString())
                                            .statusCode())
                            .isEqualTo(503));
        }
        assertThat(audited())
                .containsExactly(
                        "a@host\" address=\"127.0.0.1\" action=\"drain_node\" result=\"ok\" target=\"b@host\"");
        assertThat(audited("drain")).containsExactly("b@host\" connections=\"0\"");
        page.call(DashboardChannel.DRAIN_NODE, new NodeTarget(B));
        assertThat(audited("drain")).as("it drains once").hasSize(1);
        assertThat(page.callError(DashboardChannel.DRAIN_NODE, new NodeTarget(A))
                        .reason())
                .as("a kit has no server")
                .isEqualTo("not_found");
    }

    @Test
    void aFrozenNodeIsNotAwaitedForEver() {
        serve(A);
        serve(B);
        dashboard(B, true);
        TestChannel page = page(A, true);
        cluster.pause(B);
        assertThat(page.callError(DashboardChannel.DRAIN_NODE, new NodeTarget(B))
                        .reason())
                .isEqualTo("no_answer");
        cluster.resume(B);
    }

    @Test
    void aTargetThatIsTooLongIsRefused() {
        TestChannel page = page(A, true);
        serve(A);
        page.call(DashboardChannel.DISCONNECT_USER, new UserTarget("x".repeat(255)));
        Call<ById, Empty, Reason> byHand = Call.of("disconnect_user", ById.class, Empty.class);
        assertThat(page.callRefused(byHand, new ById("x".repeat(256))).reason()).isEqualTo("invalid_payload");
    }
}
