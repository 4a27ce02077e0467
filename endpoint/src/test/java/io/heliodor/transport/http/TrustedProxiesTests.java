package io.heliodor.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTests {
    private static final String PROXY = "10.1.2.3";
    private static final TrustedProxies TRUSTED = TrustedProxies.of(List.of("10.0.0.0/8", "::1", "2001:db8::/32"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.1                              | 192.0.2.1",
                "198.51.100.9, 192.0.2.1                | 192.0.2.1",
                "198.51.100.9,192.0.2.1,10.9.9.9        | 192.0.2.1",
                "192.0.2.1:5678                         | 192.0.2.1",
                "[2001:db9::7]:5678                     | 2001:db9:0:0:0:0:0:7",
                "[2001:db9::7]                          | 2001:db9:0:0:0:0:0:7",
                "2001:db9::7                            | 2001:db9:0:0:0:0:0:7",
                "::ffff:192.0.2.1                       | 192.0.2.1",
                "10.8.8.8, 10.9.9.9                     | 10.8.8.8",
                "'192.0.2.1, unknown'                   | 10.1.2.3",
                "'192.0.2.1, 10.9.9.9, _hidden, 10.5.5.5' | 10.5.5.5",
                "'192.0.2.1, '                          | 10.1.2.3",
                "localhost                              | 10.1.2.3",
                "192.0.2.256                            | 10.1.2.3",
                "1                                      | 10.1.2.3",
            })
    void theClientIsTheRightmostUntrustedAddress(String header, String client) {
        assertThat(client(PROXY, "X-Forwarded-For", header)).isEqualTo(client);
    }

    @Test
    void ofSeveralHeadersTheLastIsTheNearest() {
        assertThat(client(PROXY, "X-Forwarded-For", "198.51.100.9", "192.0.2.1"))
                .isEqualTo("192.0.2.1");
    }

    @Test
    void headersOfAnUntrustedPeerAreIgnored() {
        HttpHeaders headers = headers("X-Forwarded-For", "192.0.2.1").set("X-Forwarded-Proto", "https");
        TrustedProxies.Client client = TRUSTED.client(address("11.0.0.1"), Optional.of("http"), headers);
        assertThat(client).isEqualTo(new TrustedProxies.Client(address("11.0.0.1"), Optional.of("http")));
        assertThat(client("2001:db9::1", "X-Forwarded-For", "192.0.2.1")).isEqualTo("2001:db9:0:0:0:0:0:1");
    }

    @Test
    void aProxyWithoutAHeaderIsTheClient() {
        assertThat(client(PROXY, "X-Other", "192.0.2.1")).isEqualTo(PROXY);
        assertThat(client(PROXY, "Forwarded", "for=192.0.2.1")).isEqualTo(PROXY);
    }

    @ParameterizedTest
    @CsvSource({
        "https, https",
        "HTTPS, https",
        "wss, https",
        "http, http",
        "ws, http",
        "'https, http', https",
        "'https,http', https",
        "'http,https', http",
        "gopher, https",
        "'', https",
    })
    void theSchemeIsTheFirstValue(String header, String scheme) {
        HttpHeaders headers = headers("X-Forwarded-Proto", header);
        assertThat(TRUSTED.client(address(PROXY), Optional.of("https"), headers).scheme())
                .contains(scheme);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.16.0.0/12, 10.31.255.255, true",
        "10.16.0.0/12, 10.32.0.0, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.6, false",
        "192.0.2.6/31, 192.0.2.7, true",
        "0.0.0.0/0, 203.0.113.1, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 203.0.113.1, false",
        "2001:db8::/33, 2001:db8:7fff::, true",
        "2001:db8::/33, 2001:db8:8000::, false",
        "10.0.0.0/8, ::ffff:10.0.0.1, true",
    })
    void aNetworkContainsTheAddressesThatBeginWithItsBits(String network, String address, boolean trusted) {
        assertThat(TrustedProxies.of(List.of(network)).trusts(address(address))).isEqualTo(trusted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10/8",
                "::1/129",
                "[::1]",
                "1.2.3.4:80"
            })
    void anInvalidNetworkIsRefused(String text) {
        assertThatThrownBy(() -> TrustedProxies.of(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + text + "' is not an address of a proxy; ");
    }

    private static String client(String peer, String header, String... values) {
        return TRUSTED.client(address(peer), Optional.empty(), headers(header, values))
                .address()
                .getHostAddress();
    }

    private static HttpHeaders headers(String name, String... values) {
        return new DefaultHttpHeaders().add(name, List.of(values));
    }

    private static InetAddress address(String text) {
        return TrustedProxies.address(text).orElseThrow();
    }
}
