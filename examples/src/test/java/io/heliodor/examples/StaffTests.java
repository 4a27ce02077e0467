package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.RoomEvents.Notice;
import io.heliodor.fixtures.Page;
import io.heliodor.group.Group;
import io.heliodor.group.GroupException;
import io.heliodor.group.GroupLimits;
import io.heliodor.group.Groups;
import io.heliodor.pubsub.PubSub;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Groups of topics, over the network. */
class StaffTests {
    @AutoClose
    private final Endpoint endpoint =
            Servers.serve(Channel.join(join -> Join.ok(join.topic())).build());

    @AutoClose
    private final Groups groups = Staff.groups(endpoint.pubsub());

    @Test
    void oneNoticeReachesTheRoomsOfTheStaff() throws InterruptedException {
        try (Page client = Page.open(endpoint.port())) {
            client.join("room:support", "{}");
            client.join("room:ops", "{}");
            Staff.create(groups);
            assertThat(client.next("room:ops", "notice")).isEqualTo("{\"text\":\"disk full\"}");
            assertThat(client.next("room:support", "notice")).isEqualTo("{\"text\":\"disk full\"}");
        }
    }

    @Test
    void aCustomerGetsANoticeInAllRooms() throws InterruptedException {
        try (Page client = Page.open(endpoint.port())) {
            client.join("room:42", "{}");
            Staff.tell(groups, "7", new Notice("nobody hears this"));
            Staff.open(groups, "7", "41");
            Staff.open(groups, "7", "42");
            Staff.tell(groups, "7", new Notice("hello"));
            assertThat(client.next("room:42", "notice")).isEqualTo("{\"text\":\"hello\"}");
        }
        assertThat(Staff.forget(groups, "7")).isTrue();
        assertThat(Staff.forget(groups, "7")).isFalse();
    }

    @Test
    void topicsComeAndGo() {
        Group staff = Staff.create(groups);
        Staff.change(staff);
        assertThat(staff.topics()).containsExactly("room:support", "room:day", "room:night");
    }

    @Test
    void aRefusalHasItsReason() {
        Group staff = Staff.create(groups);
        assertThat(refusal(() -> Staff.create(groups))).isEqualTo("staff is taken");
        groups.delete("staff");
        assertThat(refusal(() -> staff.add("room:ops"))).isEqualTo("staff was deleted");

        try (PubSub pubsub = PubSub.local();
                Groups few = Groups.over(pubsub, new GroupLimits(1, 1))) {
            few.create("a").add("room:1");
            assertThat(refusal(() -> few.create("b"))).isEqualTo("too many groups for b");
            assertThat(refusal(() -> few.ensure("a").add("room:2"))).isEqualTo("a has too many topics");
        }
    }

    private static String refusal(Runnable asked) {
        return Staff.describe(catchThrowableOfType(GroupException.class, asked::run));
    }
}
