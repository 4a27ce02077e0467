package io.heliodor.spring.guide.desk;

import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGN;
import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.verify;

import io.heliodor.spring.guide.desk.DeskChannels.Ticket;
import io.heliodor.spring.test.ChannelTest;
import io.heliodor.spring.test.TestJwt;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

/** The channel of the desk, with a mock in place of the database. */
// @start region=slice
@ChannelTest(DeskChannels.class)
class DeskTests {
    @Autowired
    private ChannelKit kit;

    @MockitoBean
    private Assignments assignments;

    private TestChannel join(String agent) {
        return kit.request().authToken(TestJwt.of(agent, "agent")).connect().join("desk");
    }

    @Test
    void anAssignmentReachesTheOtherAgents() {
        TestChannel ann = join("ann");
        TestChannel ben = join("ben");
        ann.call(ASSIGN, new Ticket(7, "ann"));
        assertThat(ben.expect(ASSIGNED)).isEqualTo(new Ticket(7, "ann"));
        verify(assignments).assign(new Ticket(7, "ann"));
    }
}
// @end
