package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CookieKeyTests {
    private static final String COOKIE = "a cookie of 31 characters, no less";

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
    void howGoodACookieMustBeDependsOnWhoCanReachTheNode() {
        assertThatCode(() -> CookieKey.check("16 characters ok", false)).doesNotThrowAnyException();
        assertThatCode(() -> CookieKey.check("12345678", true)).doesNotThrowAnyException();
        assertThatThrownBy(() -> CookieKey.check("15 characters..", false)).hasMessageContaining("at least 16");
        assertThatThrownBy(() -> CookieKey.check("1234567", true)).hasMessageContaining("at least 8");
        assertThatThrownBy(() -> CookieKey.check("abcdefgabcdefgabcdefg", false))
                .hasMessageContaining("7 different characters");
    }
}
