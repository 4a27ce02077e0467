package io.heliodor.spring.guide.desk;

import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGN;
import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.spring.guide.desk.DeskChannels.Ticket;
import io.heliodor.spring.test.AutoConfigureChannelKit;
import io.heliodor.spring.test.TestJwt;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** The whole application, with its database and its security, on a kit. */
// @start region=whole
@SpringBootTest
@AutoConfigureChannelKit
class WholeDeskTests {
    @Autowired
    private ChannelKit kit;

    @Autowired
    private Assignments assignments;

    private TestChannel join(String topic, String scope) {
        return kit.request().authToken(TestJwt.of("ann", scope)).connect().join(topic);
    }

    @Test
    void aCallReachesTheDatabaseAndTheOtherChannelAfterTheCommit() {
        TestChannel lobby = join("lobby", "guest");
        TestChannel desk = join("desk", "agent");
        int before = assignments.count();
        desk.call(ASSIGN, new Ticket(7, "ann"));
        assertThat(lobby.expect(ASSIGNED)).isEqualTo(new Ticket(7, "ann"));
        assertThat(assignments.count()).isEqualTo(before + 1);
    }
}
// @end
