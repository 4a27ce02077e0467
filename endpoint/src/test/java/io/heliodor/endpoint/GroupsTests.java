package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.group.Group;
import io.heliodor.group.Groups;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Groups of topics, as their members see them. */
class GroupsTests extends LiveTest {
    private static final String OPS = "room:ops";
    private static final String SUPPORT = "room:support";
    private static final String OTHER = "room:other";

    private static Groups groups(Live live) {
        return Groups.over(live.endpoint.pubsub());
    }

    @Test
    void eachMemberOfEachTopicGetsABroadcastToAGroupOnceAndOthersDoNot() {
        Live live = start();
        withHealthyClient(live);
        RawClient ops = open(live).joins(OPS);
        RawClient both = open(live).joins(OPS).joins(SUPPORT);
        RawClient other = open(live).joins(OTHER);
        Group staff =
                groups(live).create("staff").add(OPS).add(SUPPORT).add(OPS).add("room:nobody");

        live.broadcasts(staff, "disk full");
        Stream.of(OPS, SUPPORT, OTHER).forEach(topic -> live.broadcasts(topic, "end"));

        ops.receives(Live.told(OPS, "disk full"), Live.told(OPS, "end"));
        other.receives(Live.told(OTHER, "end"));
        // Between topics there is no order.
        assertThat(Stream.generate(() -> both.next().text()).limit(4))
                .containsSubsequence(Live.told(OPS, "disk full"), Live.told(OPS, "end"))
                .containsSubsequence(Live.told(SUPPORT, "disk full"), Live.told(SUPPORT, "end"));
    }

    @Test
    void aGroupReachesMembersThatJoinLaterAndNotThoseOfARemovedTopic() {
        Live live = start();
        Group staff = groups(live).create("staff").add(OPS);
        live.broadcasts(staff, "nobody is there");
        RawClient client = open(live).joins(OPS);
        live.broadcasts(staff, "hello");
        staff.remove(OPS);
        live.broadcasts(staff, "you are out");
        live.broadcasts(OPS, "end");
        client.receives(Live.told(OPS, "hello"), Live.told(OPS, "end"));
    }

    @Test
    void aClosedEndpointBroadcastsNothing() {
        Live live = start();
        Group staff = groups(live).create("staff").add(OPS);
        live.endpoint.close();
        assertThatIllegalStateException().isThrownBy(() -> live.broadcasts(staff, "too late"));
    }
}
