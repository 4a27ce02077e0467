package io.heliodor.spring.guide.desk;

import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGN;
import static io.heliodor.spring.guide.desk.DeskChannels.ASSIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.when;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.spring.guide.desk.DeskChannels.Ticket;
import io.heliodor.spring.test.AutoConfigureChannelKit;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

/** The whole application, with its database and its security, on a kit. */
// @start region=whole
@SpringBootTest
@AutoConfigureChannelKit
class WholeDeskTests {
    @Autowired
    private ChannelKit kit;

    @MockitoBean
    private JwtDecoder decoder;
    // @end

    @Autowired
    private Assignments assignments;

    @Autowired
    private ObjectProvider<Endpoint> endpoints;

    @BeforeEach
    void tokensAreScopes() {
        when(decoder.decode(anyString()))
                .thenAnswer(call -> Jwt.withTokenValue(call.getArgument(0))
                        .header("alg", "none")
                        .subject("ann")
                        .claim("scope", call.getArgument(0))
                        .build());
    }

    private TestClient connect(String scope) {
        return kit.request().authToken(scope).connect();
    }

    @Test
    void aCallReachesTheDatabaseAndTheOtherChannelAfterTheCommit() {
        assertThat(endpoints).as("no port is open").isEmpty();
        TestChannel lobby = connect("guest").join("lobby");
        TestChannel desk = connect("agent").join("desk");
        int before = assignments.count();
        desk.call(ASSIGN, new Ticket(7, "ann"));
        assertThat(lobby.expect(ASSIGNED)).isEqualTo(new Ticket(7, "ann"));
        assertThat(assignments.count()).isEqualTo(before + 1);
    }

    @Test
    void methodSecurityHolds() {
        TestChannel desk = connect("guest").join("desk");
        assertThat(desk.callRefused(ASSIGN, new Ticket(8, "bo")).reason()).isEqualTo("forbidden");
    }
}
