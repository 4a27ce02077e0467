package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class CookieKeyTests {
    private static final String COOKIE = "a cookie of 31 characters, no less";

    private static final String BYTES = """
            3081cf308182020101300506032b657030133111300f06035504030c0868656c696f646f723020170d30303031303130\
            30303030305a180f39393939313233313233353935395a30133111300f06035504030c0868656c696f646f72302a3005\
            06032b6570032100a011aa83f6000d69f19a1893d59dfbcacb63225e6ee587cea665cc0aa66b64bc300506032b657003\
            4100de521905106d67bf9f43c10265f1f16508f363440ed38393ffa277776ccc71daa39783c773caffd9f7489f9a1937\
            fbf708060cd313f237122aced6f0b360de0b
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws Exception {
        CookieKey key = CookieKey.of(COOKIE, "one");
        assertThat(HexFormat.of().formatHex(key.certificate().getEncoded())).isEqualTo(BYTES.strip());
    }

    @Test
    void cookieAndClusterTogetherMakeTheKey() throws Exception {
        CookieKey key = CookieKey.of(COOKIE, "one");
        assertThat(CookieKey.of(COOKIE, "one").certificate()).isEqualTo(key.certificate());
        assertThat(CookieKey.of(COOKIE, "two").publicKey()).isNotEqualTo(key.publicKey());
        assertThat(CookieKey.of(COOKIE + ".", "one").publicKey()).isNotEqualTo(key.publicKey());
    }

    @Test
    void theCertificateIsSignedByTheKeyItCarries() throws Exception {
        CookieKey key = CookieKey.of(COOKIE, "one");
        assertThat(key.certificate().getPublicKey()).isEqualTo(key.publicKey());
        assertThatCode(() -> key.certificate().verify(key.publicKey())).doesNotThrowAnyException();
        assertThatCode(() -> key.certificate().checkValidity()).doesNotThrowAnyException();
        assertThat(key.certificate().getEncoded()).hasSizeLessThan(256);
    }

    @Test
    void aSecretKeepsTheKeyOfOneCluster() {
        CookieSecret secret = new CookieSecret(COOKIE);
        CookieKey one = secret.key("one");
        assertThat(secret.key("one")).isSameAs(one);
        assertThat(secret.key("two").publicKey()).isNotEqualTo(one.publicKey());
        assertThat(secret.key("one").publicKey()).isEqualTo(one.publicKey());
        assertThat(secret).hasToString("CookieSecret");
    }

    @Test
    void aNodeThatOtherMachinesReachNeedsAStrongerCookie() {
        assertThatCode(() -> CookieKey.check("16 characters ok", false)).doesNotThrowAnyException();
        assertThatCode(() -> CookieKey.check("12345678", true)).doesNotThrowAnyException();
        assertThatThrownBy(() -> CookieKey.check("15 characters..", false)).hasMessageContaining("at least 16");
        assertThatThrownBy(() -> CookieKey.check("1234567", true)).hasMessageContaining("at least 8");
        assertThatThrownBy(() -> CookieKey.check("abcdefgabcdefgabcdefg", false))
                .hasMessageContaining("7 different characters");
    }
}
