package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.group.Group;
import io.heliodor.group.GroupException;
import io.heliodor.group.Groups;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Groups of topics, which all nodes of a cluster share. */
@Timeout(60)
class GroupsAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String C = "c@host";
    private static final String D = "d@host";

    record Text(String body) {}

    private static final Event<Text> NOTICE = Event.of("notice", Text.class);

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok(0)).build())
            .build();

    private final ClusterKit cluster = ClusterKit.start(A, B, C);
    /** An endpoint, and the groups of its pub/sub. */
    private record Server(ChannelKit kit, Groups groups) implements AutoCloseable {
        static Server over(ChannelKit kit) {
            return new Server(kit, Groups.over(kit.pubsub()));
        }

        TestClient connect() {
            return kit.connect();
        }

        @Override
        public void close() {
            groups.close();
            kit.close();
        }
    }

    private final List<Server> servers = new ArrayList<>();

    private final Server a = serve(A);
    private final Server b = serve(B);

    @AfterEach
    void close() {
        servers.reversed().forEach(Server::close);
        cluster.close();
    }

    private Server serve(String node) {
        Server server =
                Server.over(ChannelKit.builder(SOCKET).node(cluster, node).start());
        servers.add(server);
        return server;
    }

    private static Server local(PubSub pubsub) {
        return Server.over(ChannelKit.builder(SOCKET).pubsub(pubsub).start());
    }

    private void until(Server server, String group, String... topics) {
        cluster.await(() ->
                server.groups().find(group).map(Group::topics).map(Set::copyOf).equals(Optional.of(Set.of(topics))));
    }

    private void untilGone(Server server, String group) {
        cluster.await(() -> server.groups().find(group).isEmpty());
    }

    @Test
    void aGroupOfOneNodeReachesMembersOnAllByAnyOfThem() {
        TestChannel here = a.connect().join("room:ops");
        TestChannel there = b.connect().join("room:support");
        a.groups().create("staff").addAll(List.of("room:ops", "room:support"));
        until(b, "staff", "room:ops", "room:support");
        b.groups().find("staff").orElseThrow().broadcast(NOTICE, new Text("disk full"));
        assertThat(here.expect(NOTICE)).isEqualTo(new Text("disk full"));
        assertThat(there.expect(NOTICE)).isEqualTo(new Text("disk full"));
        assertThatExceptionOfType(GroupException.Exists.class)
                .isThrownBy(() -> b.groups().create("staff"));
    }

    @Test
    void topicsThatSeveralNodesAddAtTheSameTimeAreMerged() {
        Server c = serve(C);
        cluster.partition(List.of(A), List.of(B, C));
        a.groups().create("staff").add("room:a");
        b.groups().create("staff").add("room:b");
        c.groups().ensure("staff").add("room:c");
        cluster.heal();
        Stream.of(a, b, c).forEach(each -> until(each, "staff", "room:a", "room:b", "room:c"));
        assertThat(a.groups().find("staff").orElseThrow().topics())
                .containsExactlyElementsOf(
                        b.groups().find("staff").orElseThrow().topics());
    }

    @Test
    void anyNodeRemovesTopicsOfAnotherOne() {
        Group staff = a.groups().create("staff").addAll(List.of("room:a", "room:b"));
        until(b, "staff", "room:a", "room:b");
        b.groups().find("staff").orElseThrow().remove("room:a");
        assertThat(b.groups().find("staff").orElseThrow().topics()).containsExactly("room:b");
        until(a, "staff", "room:b");
        staff.add("room:a");
        until(b, "staff", "room:b", "room:a");
    }

    @Test
    void aDeletedGroupIsDeletedOnAllNodesAndItsNameIsFree() {
        Group here = a.groups().create("staff").add("room:a");
        until(b, "staff", "room:a");
        Group there = b.groups().ensure("staff").add("room:b");
        until(a, "staff", "room:a", "room:b");
        assertThat(b.groups().delete("staff")).isTrue();
        untilGone(a, "staff");
        Stream.of(here, there)
                .forEach(each ->
                        assertThatExceptionOfType(GroupException.Deleted.class).isThrownBy(each::topics));
        a.groups().create("staff").add("room:c");
        until(b, "staff", "room:c");
    }

    @Test
    void topicsThatOnlyADeadNodeAddedAreRemovedAndTheOthersStay() {
        a.groups().create("staff").addAll(List.of("room:a", "room:b"));
        a.groups().create("only a");
        until(b, "staff", "room:a", "room:b");
        Group staff = b.groups().ensure("staff").add("room:b");
        cluster.await(() -> b.groups().find("only a").isPresent());
        cluster.crash(A);
        until(b, "staff", "room:b");
        untilGone(b, "only a");
        assertThat(staff.topics()).containsExactly("room:b");
    }

    @Test
    void topicsThatOnlyOneEndpointAddedAreRemovedWhenItIsClosed() {
        a.groups().create("staff").add("room:a");
        until(b, "staff", "room:a");
        servers.remove(a);
        a.close();
        untilGone(b, "staff");
    }

    @Test
    void bothSidesOfASplitKeepTheirTopicsAndMergeAfterIt() {
        a.groups().create("staff").add("room:a");
        until(b, "staff", "room:a");
        b.groups().ensure("staff").add("room:b");
        until(a, "staff", "room:a", "room:b");
        cluster.partition(List.of(A), List.of(B, C));
        until(a, "staff", "room:a");
        until(b, "staff", "room:b");
        b.groups().find("staff").orElseThrow().remove("room:b").add("room:c");
        cluster.heal();
        until(a, "staff", "room:a", "room:c");
        until(b, "staff", "room:a", "room:c");
    }

    @Test
    void aNodeThatStartsLaterHasAllGroupsBeforeItServes() {
        IntStream.range(0, 1_000).forEach(i -> a.groups().create("group " + i).add("room:" + i));
        cluster.add(D);
        Server d = serve(D);
        CompletableFuture<Boolean> caughtUp = cluster.async(
                () -> ClusterPubSub.nodesOf(cluster.node(D).pubsub()).awaitCaughtUp(Duration.ofMinutes(1)));
        cluster.await(caughtUp::isDone);
        assertThat(d.groups().names()).containsExactlyElementsOf(a.groups().names());
    }

    @Test
    void severalEndpointsOfOneNodeHaveTheSameGroups() {
        a.groups().create("before").add("room:0");
        Server second = serve(A);
        Groups groups = second.groups();
        assertThat(groups.find("before").orElseThrow().topics()).containsExactly("room:0");
        groups.create("staff").add("room:1");
        assertThat(a.groups().names()).containsExactly("before", "staff");
        until(b, "staff", "room:1");
        a.groups().ensure("staff").remove("room:1").add("room:2");
        assertThat(groups.find("staff").orElseThrow().topics()).containsExactly("room:2");
        servers.remove(second);
        second.close();
        until(b, "staff", "room:2");
        until(a, "staff", "room:2");
    }

    @Test
    void endpointsOfOneJvmHaveTheSameGroupsAndThoseOfClosedOnesDoNotReturn() {
        try (PubSub pubsub = PubSub.local();
                Server last = local(pubsub)) {
            for (int i = 0; i < 200; i++) {
                Server first = local(pubsub);
                first.groups().create("g").addAll(List.of("a", "b"));
                Server second = local(pubsub);
                second.groups().find("g").orElseThrow().remove("a").add("c");
                first.close();
                assertThat(last.groups().find("g").orElseThrow().topics()).containsExactly("c");
                last.groups().ensure("g").add("d");
                second.groups().find("g").orElseThrow().remove("d");
                second.close();
                assertThat(last.groups().find("g").orElseThrow().topics()).isEmpty();
                last.groups().delete("g");
                assertThat(last.groups().names()).isEmpty();
            }
        }
    }
}
