package io.heliodor.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.process.engine.ProcessId;
import org.junit.jupiter.api.Test;

class GroupMembersTests {
    private static final Peer SELF = new Peer("ana@host", 1);
    private static final ProcessId ONE = new ProcessId(SELF, 1);
    private static final ProcessId TWO = new ProcessId(SELF, 2);

    private final GroupMembers members = new GroupMembers(SELF);

    @Test
    void recipientsFollowEachChange() {
        assertThat(members.recipients().here()).isEmpty();
        members.add(TWO);
        assertThat(members.recipients().here()).containsExactly(TWO);
        members.add(ONE);
        assertThat(members.recipients().here()).containsExactly(ONE, TWO);
        assertThat(members.remove(TWO)).isFalse();
        assertThat(members.recipients().here()).containsExactly(ONE);
        assertThat(members.remove(ONE)).isTrue();
        assertThat(members.recipients().here()).isEmpty();
    }

    @Test
    void recipientsAreSortedOnceForEachChange() {
        members.add(ONE);
        assertThat(members.recipients()).isSameAs(members.recipients());
    }
}
