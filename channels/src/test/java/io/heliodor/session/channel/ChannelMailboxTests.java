package io.heliodor.session.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.LeaveReason;
import io.heliodor.limit.Limits;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.lane.FlowControl;
import io.heliodor.session.telemetry.Counters;
import org.junit.jupiter.api.Test;

/** The end of a channel in the order of a race; the module {@code stress} has the races themselves. */
class ChannelMailboxTests {
    private final ChannelMailbox mailbox = new ChannelMailbox(new FlowControl(
            null,
            new EndpointBudget(
                    () -> 0, Limits.openInternet().sessions(), 1 << 20, new MemoryBudget(1 << 20), new Counters()),
            null,
            null));

    @Test
    void leaveHooksRunOnceIfAChannelEndsJustAfterItBecameIdle() {
        assertThat(mailbox.next()).isNull();
        assertThat(mailbox.end(new LeaveReason.Closed(), false, true)).isEqualTo(ChannelMailbox.Teardown.STARTS);
        assertThat(mailbox.claimFinish())
                .as("the thread of the idle channel claims the hooks")
                .isFalse();
        assertThat(mailbox.next()).isNull();
        assertThat(mailbox.claimFinish()).as("the thread that was started").isTrue();
        assertThat(mailbox.claimFinish()).as("a second claim").isFalse();
    }
}
