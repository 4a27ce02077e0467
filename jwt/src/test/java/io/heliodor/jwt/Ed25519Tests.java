package io.heliodor.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Ed25519Tests {
    /** RFC 8037, appendix A.4. */
    @Test
    void theSignatureOfTheRfcIsValid() {
        byte[] key =
                Base64URL.from("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").decode();
        byte[] message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".getBytes(StandardCharsets.US_ASCII);
        byte[] signature = Base64URL.from(
                        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
                .decode();
        assertThat(Ed25519.verifies(key, message, signature)).isTrue();
        signature[0] ^= 1;
        assertThat(Ed25519.verifies(key, message, signature)).isFalse();
    }

    @Test
    void keysAndSignaturesOfOtherSizesAreInvalid() {
        assertThat(Ed25519.verifies(new byte[31], new byte[1], new byte[64])).isFalse();
        assertThat(Ed25519.verifies(new byte[32], new byte[1], new byte[63])).isFalse();
        assertThat(Ed25519.verifies(new byte[32], new byte[1], new byte[0])).isFalse();
    }
}
