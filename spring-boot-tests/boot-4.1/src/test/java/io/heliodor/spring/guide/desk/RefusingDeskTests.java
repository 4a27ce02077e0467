package io.heliodor.spring.guide.desk;

import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.spring.guide.desk.DeskChannels.Ticket;
import io.heliodor.spring.test.AutoConfigureChannelKit;
import io.heliodor.spring.test.TestJwt;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** A kit refuses as the whole application does. */
@SpringBootTest
@AutoConfigureChannelKit
class RefusingDeskTests {
    @Autowired
    private ChannelKit kit;

    @Autowired
    private ObjectProvider<Endpoint> endpoints;

    @Test
    void noPortIsOpen() {
        assertThat(endpoints).isEmpty();
    }

    @Test
    void methodSecurityHolds() {
        TestChannel desk =
                kit.request().authToken(TestJwt.of("ann", "guest")).connect().join("desk");
        assertThat(desk.callRefused(ASSIGN, new Ticket(8, "bo")).reason()).isEqualTo("forbidden");
    }

    @Test
    void aTokenThatTheDecoderRefusesFailsWithItsReason() {
        assertThatThrownBy(() -> kit.request().authToken("no.real.token").connect())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("refused with status 401 and the text 'invalid token', because: ");
    }
}
