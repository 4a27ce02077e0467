package io.heliodor.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubprotocolsTests {
    private static final String TOKEN = "base64url.bearer.phx.";

    @Test
    void withoutTheHeaderNothingIsChosen() {
        Subprotocols none = Subprotocols.parse(List.of());
        assertThat(none.chosen()).isEmpty();
        assertThat(none.token()).isEmpty();
        assertThat(none.valid()).isTrue();
    }

    @Test
    void thePhoenixProtocolIsChosenAndTheTokenRead() {
        // The token of the protocol's description, in the standard alphabet.
        Subprotocols offered = Subprotocols.parse(List.of("phoenix, " + TOKEN + "czNjcmV0LXRva2VuKy8"));
        assertThat(offered.chosen()).contains("phoenix");
        assertThat(offered.token()).contains("s3cret-token+/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"+/+/", "-_-_", "+_-/"})
    void bothAlphabetsAreRead(String base64) {
        // 0xfbffbf in any of them; no UTF-8, so only its presence can be seen.
        assertThat(Subprotocols.parse(List.of("phoenix," + TOKEN + base64)).token())
                .contains(new String(new byte[] {(byte) 0xfb, (byte) 0xff, (byte) 0xbf}, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"YQ", "YQ==", "YWI", "YWI=", "YWJj"})
    void paddingMayBeThereOrNot(String base64) {
        assertThat(Subprotocols.parse(List.of(TOKEN + base64)).token().orElseThrow())
                .startsWith("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Y", "YWJjZ", "Y Q", "Y*", "YQ=", "=", "é", "YQ==YQ"})
    void badBase64IsNotValid(String base64) {
        Subprotocols offered = Subprotocols.parse(List.of("phoenix, " + TOKEN + base64));
        assertThat(offered.valid()).isFalse();
        assertThat(offered.token()).isEmpty();
    }

    @Test
    void severalTokensCountAsNone() {
        Subprotocols offered = Subprotocols.parse(List.of(TOKEN + "YQ", "phoenix", TOKEN + "YWI"));
        assertThat(offered.token()).isEmpty();
        assertThat(offered.valid()).isTrue();
        assertThat(offered.chosen()).contains("phoenix");
    }

    @Test
    void theHeaderMayComeInSeveralLines() {
        Subprotocols offered = Subprotocols.parse(List.of("graphql-ws", TOKEN + "YQ", " phoenix "));
        assertThat(offered.chosen()).contains("phoenix");
        assertThat(offered.token()).contains("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", ",,", "graphql-ws", "Phoenix", "phoenix2", "base64url.bearer.phx"})
    void otherProtocolsAreNotChosen(String header) {
        Subprotocols offered = Subprotocols.parse(List.of(header));
        assertThat(offered.chosen()).isEmpty();
        assertThat(offered.token()).isEmpty();
        assertThat(offered.valid()).isTrue();
    }

    @Property
    void everyTokenOfTextIsDecoded(@ForAll String token) {
        String base64 = Base64.getEncoder().withoutPadding().encodeToString(token.getBytes(StandardCharsets.UTF_8));
        String expected = new String(token.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        assertThat(Subprotocols.parse(List.of("phoenix, " + TOKEN + base64)).token())
                .contains(expected);
    }

    @Property
    void noHeaderMakesItThrow(@ForAll List<String> headers, @ForAll String token) {
        assertThat(Subprotocols.parse(headers)).isNotNull();
        assertThat(Subprotocols.parse(List.of(TOKEN + token))).isNotNull();
    }
}
