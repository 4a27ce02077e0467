package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTests {
    private static Text with(Map<String, String> headers) {
        return new Text(200, "text/plain", "hi", headers);
    }

    @ParameterizedTest
    @ValueSource(ints = {199, 600, 0, -1})
    void aStatusIsThatOfAResponse(int status) {
        assertThatThrownBy(() -> new Text(status, "text/plain", "", Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The status of a text is 200 to 599, not " + status + ".");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length",
                "transfer-encoding",
                "CONNECTION",
                "Upgrade",
                "Trailer",
                "Keep-Alive",
                "Content-Type"
            })
    void headersThatFrameTheResponseAreRefused(String name) {
        assertThatThrownBy(() -> with(Map.of(name, "0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The server sets the header " + name + " of a text itself.");
    }

    @ParameterizedTest
    @CsvSource({"a b,c", "a:,c", "'',c", "a,'b\r\nc'", "a,'\0'", "ä,b"})
    void otherCharactersThanThoseOfHttpAreRefused(String name, String value) {
        assertThatThrownBy(() -> with(Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has a character that HTTP does not allow");
    }

    @Test
    void aHeaderIsThereOnce() {
        assertThatThrownBy(() -> with(Map.of("Cache-Control", "no-store", "cache-control", "no-cache")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is there twice");
    }

    @Test
    void otherHeadersAreTaken() {
        assertThat(with(Map.of("Cache-Control", "no-store", "X-Frame-Options", "DENY"))
                        .headers())
                .hasSize(2);
    }
}
