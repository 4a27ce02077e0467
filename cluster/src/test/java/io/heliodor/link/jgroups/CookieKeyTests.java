package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CookieKeyTests {
    @Test
    void cookieAndClusterTogetherMakeTheKey() throws Exception {
        CookieKey key = CookieKey.of(Wires.COOKIE, "one");
        assertThat(CookieKey.of(Wires.COOKIE, "one").certificate()).isEqualTo(key.certificate());
        assertThat(CookieKey.of(Wires.COOKIE, "two").publicKey()).isNotEqualTo(key.publicKey());
        assertThat(CookieKey.of(Wires.COOKIE + ".", "one").publicKey()).isNotEqualTo(key.publicKey());
    }

    @Test
    void theCertificateIsSignedByTheKeyItCarries() throws Exception {
        CookieKey key = CookieKey.of(Wires.COOKIE, "one");
        assertThat(key.certificate().getPublicKey()).isEqualTo(key.publicKey());
        assertThatCode(() -> key.certificate().verify(key.publicKey())).doesNotThrowAnyException();
        assertThatCode(() -> key.certificate().checkValidity()).doesNotThrowAnyException();
        assertThat(key.certificate().getEncoded()).hasSizeLessThan(256);
    }

    @Test
    void howGoodACookieMustBeDependsOnWhoCanReachTheNode() {
        assertThatCode(() -> CookieKey.check("16 characters ok", false)).doesNotThrowAnyException();
        assertThatCode(() -> CookieKey.check("12345678", true)).doesNotThrowAnyException();
        assertThatThrownBy(() -> CookieKey.check("15 characters..", false)).hasMessageContaining("at least 16");
        assertThatThrownBy(() -> CookieKey.check("1234567", true)).hasMessageContaining("at least 8");
        assertThatThrownBy(() -> CookieKey.check("abcdefgabcdefgabcdefg", false))
                .hasMessageContaining("7 different characters");
    }
}
