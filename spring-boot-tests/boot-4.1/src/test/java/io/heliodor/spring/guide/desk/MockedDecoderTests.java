package io.heliodor.spring.guide.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.when;

import io.heliodor.spring.test.AutoConfigureChannelKit;
import io.heliodor.spring.test.TestJwt;
import io.heliodor.testkit.ChannelKit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

/** A test that mocks the decoder gets the tokens that are none of TestJwt. */
@SpringBootTest
@AutoConfigureChannelKit
class MockedDecoderTests {
    @Autowired
    private ChannelKit kit;

    @MockitoBean
    private JwtDecoder decoder;

    @Test
    void tokensOfTestJwtAreAccepted() {
        assertThat(kit.request().authToken(TestJwt.of("ann")).connect().join("lobby"))
                .isNotNull();
    }

    @Test
    void otherTokensAreThoseOfTheMock() {
        when(decoder.decode("agent"))
                .thenReturn(Jwt.withTokenValue("agent")
                        .header("alg", "none")
                        .subject("ann")
                        .build());
        assertThat(kit.request().authToken("agent").connect().join("lobby")).isNotNull();
    }

    @Test
    void aMockWithoutAnAnswerIsNamed() {
        assertThatThrownBy(() -> kit.request().authToken("unknown").connect())
                .hasMessageContaining("returned null for a token; a mock needs an answer, or the tokens of TestJwt.");
    }
}
