package io.heliodor.transport.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTests {
    private static final Origins SAME = Origins.of(List.of());

    @ParameterizedTest
    @CsvSource({
        "http://example.com, example.com",
        "https://example.com, example.com",
        "http://example.com:80, example.com",
        "http://example.com, example.com:80",
        "https://example.com, example.com:443",
        "http://example.com:4000, example.com:4000",
        "http://EXAMPLE.com:4000, Example.COM:4000",
        "http://127.0.0.1:4000, 127.0.0.1:4000",
        "http://[::1]:4000, [::1]:4000",
        "http://my_app:4000, my_app:4000",
        "http://xn--bcher-kva.example, xn--bcher-kva.example"
    })
    void withoutRulesAPageOfTheSameHostAndPortMayConnect(String origin, String host) {
        assertThat(SAME.allows(origin, host, Optional.empty())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example, example.com",
        "http://example.com:4001, example.com:4000",
        "http://example.com, example.com:4000",
        "http://example.com:4000, example.com",
        "https://example.com, example.com:80",
        "http://www.example.com, example.com",
        "http://example.com, www.example.com",
        "http://example.com.evil.example, example.com",
        "http://example.com, ''",
        "http://example.com, -",
        "http://example.com, example.com/path",
        "http://example.com, user@example.com",
        "http://example.com, 'example.com, evil.example'"
    })
    void withoutRulesNoOtherPageMayConnect(String origin, String host) {
        assertThat(SAME.allows(origin, host, Optional.empty())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "file://",
                "file:///etc/passwd",
                "example.com",
                "//example.com",
                "http://",
                "http:example.com",
                "http://exa mple.com",
                "http://[::1",
                "http://example.com:port",
                "http://example.com:",
                "http://user@example.com",
                "http://example.com/",
                "http://example.com/path",
                "http://example.com?x",
                "http://example.com, http://example.com",
                "1http://example.com",
                "://example.com",
                "\u0000"
            })
    void anInvalidOriginMayNotConnectUnlessEveryPageMay(String origin) {
        assertThat(SAME.allows(origin, "example.com", Optional.empty())).isFalse();
        assertThat(Origins.of(List.of("//example.com", "*.example.com", "http://"))
                        .allows(origin, "example.com", Optional.empty()))
                .isFalse();
        assertThat(Origins.of(List.of("*")).allows(origin, "example.com", Optional.empty()))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        // The rule, an origin that it allows, one that it does not.
        "https://app.example.com, https://app.example.com, http://app.example.com",
        "https://app.example.com, https://app.example.com:8443, https://example.com",
        "https://APP.example.com, https://app.EXAMPLE.com, https://app.example.org",
        "//app.example.com, http://app.example.com:4000, http://www.app.example.com",
        "app.example.com, https://app.example.com, https://xapp.example.com",
        "app.example.com:4000, https://app.example.com:4000, https://app.example.com",
        "//app.example.com:443, https://app.example.com, http://app.example.com",
        "http://, http://any.example:1, https://any.example",
        "*.example.com, https://example.com, https://badexample.com",
        "*.example.com, https://a.example.com, https://example.com.evil.example",
        "*.example.com, http://a.b.c.example.com:99, http://example.org",
        "https://*.example.com:8443, https://a.example.com:8443, https://a.example.com",
        "localhost, http://localhost:3000, http://localhost.evil.example",
        "my_app:4000, http://my_app:4000, http://my_app:4001",
        "[::1], http://[::1]:5, http://[::2]:5",
        "chrome-extension://abcdefgh, chrome-extension://abcdefgh, chrome-extension://hgfedcba"
    })
    void aRuleAllowsOriginsThatMatchItsParts(String rule, String allowed, String other) {
        Origins origins = Origins.of(List.of(rule));
        assertThat(origins.allows(allowed, "elsewhere", Optional.empty())).isTrue();
        assertThat(origins.allows(other, "elsewhere", Optional.empty())).isFalse();
    }

    @Test
    void pagesOfFurtherPortsOfTheHostMayConnect() {
        Origins origins = Origins.of(List.of(), Set.of(8080));
        assertThat(origins.allows("http://app.example.com:8080", "app.example.com:4000", Optional.empty()))
                .isTrue();
        assertThat(origins.allows("https://app.example.com:8080", "app.example.com:4000", Optional.of("http")))
                .isTrue();
        assertThat(origins.allows("http://app.example.com:4000", "app.example.com:4000", Optional.empty()))
                .isTrue();
        assertThat(origins.allows("http://app.example.com:8081", "app.example.com:4000", Optional.empty()))
                .isFalse();
        assertThat(origins.allows("http://evil.example.com:8080", "app.example.com:4000", Optional.empty()))
                .isFalse();
        assertThat(origins.allows("http://evil.example.com:8080", "", Optional.empty()))
                .isFalse();
        Origins named = Origins.of(List.of("https://other.example"), Set.of(8080));
        assertThat(named.allows("http://app.example.com:8080", "app.example.com:4000", Optional.empty()))
                .isTrue();
        assertThat(named.allows("https://other.example", "app.example.com:4000", Optional.empty()))
                .isTrue();
    }

    @Test
    void oneOfSeveralRulesIsEnough() {
        Origins origins = Origins.of(List.of("https://a.example", "https://b.example"));
        assertThat(origins.allows("https://b.example", "c.example", Optional.empty()))
                .isTrue();
        assertThat(origins.allows("https://c.example", "c.example", Optional.empty()))
                .isFalse();
    }

    @Test
    void twoRulesAreIndependentOfEachOther() {
        Origins one = Origins.of(List.of("//one.example"));
        Origins other = Origins.of(List.of("//other.example"));
        assertThat(one.allows("http://one.example", "x", Optional.empty())).isTrue();
        assertThat(other.allows("http://one.example", "x", Optional.empty())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "//",
                "https://app.example.com/path",
                "a.*.example.com",
                "*example.com",
                "app.example.com:port",
                "app.example.com:-1",
                "app.example.com:65536",
                "http://user@host",
                "two words",
                "://host",
                "https:host",
                ":4000"
            })
    void anInvalidRuleIsRefusedAtOnce(String rule) {
        assertThatThrownBy(() -> Origins.of(List.of(rule)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + rule + "'")
                .hasMessageContaining("write https://app.example.com");
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:*, write http://localhost",
        "*.example.com:*, write *.example.com",
        "https://app.example.com/, write https://app.example.com.",
        "//app.example.com:8443/, write //app.example.com:8443."
    })
    void aRuleWithAPartTooManyIsRefusedWithTheOneWithout(String rule, String right) {
        assertThatThrownBy(() -> Origins.of(List.of(rule)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + rule + "'")
                .hasMessageContaining(right);
    }

    @Property
    void noHeaderMakesItThrow(@ForAll String origin, @ForAll String host) {
        assertThat(SAME.allows(origin, host, Optional.empty())).isFalse();
        assertThat(Origins.of(List.of("*.example.com")).allows(origin, host, Optional.empty()))
                .isFalse();
    }
}
