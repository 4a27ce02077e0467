package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PushTests {
    private static String write(int payload, long n, long t) {
        byte[] message = new byte[Push.maxLength(payload)];
        Push push = new Push("room:0", "shout", payload, message);
        return new String(message, 0, push.write(n, t), US_ASCII);
    }

    @Test
    void aPushIsAMessageOfTheProtocol() {
        assertThat(write(40, 12, 3_400))
                .isEqualTo("[\"0\",\"12\",\"room:0\",\"shout\",{\"n\":12,\"t\":3400,\"pad\":\"xxxxxxxxxxxxxx\"}]");
    }

    @ParameterizedTest
    @CsvSource({"100,1,0", "100,99,123456789", "100,1000000,9223372036854775807", "1000,10,10"})
    void thePadMakesThePayloadExactlyAsLongAsRequested(int payload, long n, long t) {
        String message = write(payload, n, t);
        assertThat(message.substring(message.indexOf('{'), message.length() - 1))
                .hasSize(payload);
    }

    @Test
    void aPayloadThatIsTooShortForItsNumbersHasNoPad() {
        assertThat(write(1, 7, 8)).endsWith("{\"n\":7,\"t\":8,\"pad\":\"\"}]");
    }
}
