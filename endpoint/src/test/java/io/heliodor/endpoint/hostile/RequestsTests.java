package io.heliodor.endpoint.hostile;

import static io.heliodor.endpoint.hostile.Row.request;
import static io.heliodor.endpoint.hostile.Row.upgrade;

import io.heliodor.endpoint.Live;
import io.heliodor.endpoint.RawClient;
import io.heliodor.fixtures.RecordedLog;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Hostile input before the upgrade to a WebSocket. */
class RequestsTests extends HostileTest {
    private static final String LIMITS = "endpoint/src/test/java/io/heliodor/endpoint/AddressLimitsTests.java";

    private static final String LINE = "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\n";
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    static List<Row> rows() {
        return List.of(
                request("another path", "404, closed", upgrade("GET /other")).counts("refused_request"),
                request(
                                "a URI over 8 KiB",
                                "414, closed",
                                "GET /socket/websocket?vsn=2.0.0&x=" + "x".repeat(8 << 10) + " HTTP/1.1\r\n")
                        .counts("refused_request"),
                request(
                                "a header over 16 KiB; many small ones",
                                "431, closed",
                                with("X: " + "x".repeat(16 << 10)),
                                with("X: yy\r\n".repeat(4 << 10) + "X: y"))
                        .counts("refused_request"),
                request(
                                "a method that is not GET",
                                "400, closed",
                                variants(
                                        method -> upgrade(method + " /socket/websocket?vsn=2.0.0"),
                                        "HEAD",
                                        "POST",
                                        "PUT",
                                        "OPTIONS",
                                        "CONNECT",
                                        "NONSENSE"))
                        .counts("refused_request"),
                request(
                                "a header of the handshake left out",
                                "400, closed",
                                variants(
                                        header -> LINE
                                                + RawClient.upgradeHeaders().replace(header, ""),
                                        "Connection: Upgrade\r\n",
                                        "Upgrade: websocket\r\n",
                                        "Sec-WebSocket-Key: " + KEY + "\r\n"))
                        .counts("refused_request"),
                request(
                                "a `Sec-WebSocket-Key` that is not 16 bytes",
                                "400, closed",
                                variants(
                                        key -> LINE + RawClient.upgradeHeaders().replace(KEY, key),
                                        "c2hvcnQ=",
                                        "",
                                        KEY + KEY,
                                        "no base64!"))
                        .counts("refused_request"),
                request(
                                "no `Host`, or two",
                                "400, closed",
                                LINE + RawClient.upgradeHeaders().replace("Host: localhost\r\n", ""),
                                with("Host: other"))
                        .counts("refused_request"),
                request(
                                "a `Host` that is not valid",
                                "400, closed",
                                variants(
                                        host -> LINE
                                                + RawClient.upgradeHeaders()
                                                        .replace("Host: localhost", "Host: " + host),
                                        "",
                                        "a b",
                                        "user@localhost",
                                        "localhost/x",
                                        "localhost:65536",
                                        "[::1"))
                        .counts("refused_request"),
                request("two `Origin`", "400, closed", with("Origin: http://localhost\r\nOrigin: http://localhost"))
                        .counts("refused_request"),
                request("more than 128 lines, in one packet", "431, closed", with("a:\r\n".repeat(128) + "a:"))
                        .counts("refused_request"),
                request(
                                "a version of HTTP other than 1.0 and 1.1",
                                "505, closed",
                                variants(
                                        version -> "GET /socket/websocket?vsn=2.0.0 HTTP/" + version + "\r\n"
                                                + RawClient.upgradeHeaders(),
                                        "2.0",
                                        "0.9",
                                        "1.2"))
                        .counts("refused_request"),
                request(
                                "two `Content-Length`, or one with `Transfer-Encoding`",
                                "400, closed",
                                variants(
                                        RequestsTests::with,
                                        "Content-Length: 5\r\nContent-Length: 6",
                                        "Content-Length: 5\r\nContent-Length: 5",
                                        "Content-Length: 5, 5",
                                        "Content-Length: -1",
                                        "Content-Length: 5\r\nTransfer-Encoding: chunked",
                                        "Transfer-Encoding: chunked\r\nContent-Length: 0",
                                        "Transfer-Encoding: gzip"))
                        .counts("refused_request"),
                request(
                                "an upgrade with a body",
                                "400, closed",
                                variants(RequestsTests::with, "Content-Length: 5", "Transfer-Encoding: chunked"))
                        .counts("refused_request"),
                request(
                                "lines that are not headers",
                                "400, closed",
                                variants(
                                        RequestsTests::with,
                                        "No colon",
                                        "Space : before the colon",
                                        "Null: \0",
                                        "Bare: line feed\nX: y",
                                        ": no name"))
                        .counts("refused_request"),
                request(
                                "HTTP/1.0",
                                "400, closed",
                                "GET /socket/websocket?vsn=2.0.0 HTTP/1.0\r\n" + RawClient.upgradeHeaders())
                        .counts("refused_request"),
                request(
                                "a version of WebSocket other than 13",
                                "426, closed",
                                variants(
                                        version -> LINE
                                                + RawClient.upgradeHeaders()
                                                        .replace("Version: 13", "Version: " + version),
                                        "8",
                                        "14",
                                        "x"))
                        .counts("refused_request"),
                request(
                                "a foreign `Origin`, or `null`",
                                "403, closed",
                                variants(
                                        origin -> with("Origin: " + origin),
                                        "http://evil.example",
                                        "null",
                                        "",
                                        "file://",
                                        "http://localhost:1",
                                        "nonsense"))
                        .counts("refused_origin")
                        .logs(
                                "origin 'http://evil.example'",
                                "origin 'null'",
                                "origin ''",
                                "origin 'file://'",
                                "origin 'http://localhost:1'",
                                "origin 'nonsense'"),
                request("no `Origin`: not a browser", "101", upgrade("GET /socket/websocket?vsn=2.0.0")),
                request(
                                "an unknown or unreadable `vsn`",
                                "403, closed",
                                variants(
                                        query -> upgrade("GET /socket/websocket" + query),
                                        "?vsn=1.1.0",
                                        "?vsn=2.1.0",
                                        "?vsn=nonsense",
                                        "?vsn=",
                                        "?vsn[]=2.0.0",
                                        "?vsn=2.0.0&vsn=9"))
                        .counts("refused_version")
                        .logs("1.0.0 and 2.0.0 are supported"),
                request(
                                "a path or a query that cannot be decoded",
                                "400, closed",
                                variants(
                                        uri -> upgrade("GET " + uri),
                                        "/socket/websocket?vsn=%",
                                        "/%zz/websocket?vsn=2.0.0"))
                        .counts("refused_request"),
                request(
                                "a token that is not base64",
                                "403, closed",
                                with("Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx.!!!"))
                        .counts("refused_request"),
                request(
                                "a request that the connect handler refuses",
                                "403, closed",
                                upgrade("GET /socket/websocket?vsn=2.0.0&token=deny"))
                        .counts("refused_connect"),
                request(
                                "a request that the connect handler refuses with a status of its own",
                                "429, closed",
                                upgrade("GET /socket/websocket?vsn=2.0.0&outcome=busy"))
                        .counts("refused_connect"),
                request(
                                "a request for which the connect handler throws",
                                "500, closed",
                                upgrade("GET /socket/websocket?vsn=2.0.0&outcome=crash"))
                        .counts("refused_connect")
                        .logs("connect handler"),
                Row.of(
                                "half a request",
                                "closed in the time of a handshake",
                                target -> waits(target.connect().send(LINE + "Host: loc")))
                        .impatient()
                        .counts("refused_slow_handshake"),
                Row.of("a byte now and then", "closed in the time of a handshake", RequestsTests::trickle)
                        .impatient()
                        .counts("refused_slow_handshake"),
                Row.of("nothing at all", "closed in the time of a handshake", target -> waits(target.connect()))
                        .impatient()
                        .counts("refused_slow_handshake"),
                Row.of("a TLS hello on the plain port", "400, closed", RequestsTests::hello)
                        .counts("refused_request"),
                Row.shown(
                        "more unfinished handshakes of one address than the limit",
                        "the newest are closed, unread",
                        LIMITS,
                        "theNewestOfAThousandSilentConnectionsAreRefusedAndLeaveNoState"),
                Row.shown(
                        "more connections than allowed in all",
                        "503",
                        LIMITS,
                        "aConnectionOverTheLimitIsRefusedWith503UntilAnotherOneEnds"),
                Row.shown(
                        "more connections of one address than allowed",
                        "429, another address is not refused",
                        LIMITS,
                        "aConnectionOverTheLimitOfItsAddressIsRefusedWith429AndAnotherAddressIsNot"),
                Row.of("a token, in the query and in the subprotocol", "in no line of the log", RequestsTests::token)
                        .counts("closed_protocol")
                        .counts("refused_version")
                        .counts("refused_connect", 2)
                        .counts("refused_origin")
                        .logs("are supported", "connect handler", "origin 'null'"));
    }

    private static String[] variants(UnaryOperator<String> made, String... each) {
        return Stream.of(each).map(made).toArray(String[]::new);
    }

    /** A good upgrade with these headers as well. */
    private static String with(String headers) {
        return LINE + RawClient.upgradeHeaders() + headers + "\r\n";
    }

    private static String waits(RawClient client) {
        return client.rest().isEmpty() ? "closed in the time of a handshake" : "answered";
    }

    private static String trickle(Target target) {
        RawClient client = target.connect().send("GET / HTTP/1.1\r\nX: ");
        long before = target.live().count("refused_slow_handshake");
        Live.eventually().until(() -> {
            client.trySend(new byte[] {'x'});
            return target.live().count("refused_slow_handshake") > before;
        });
        return waits(client);
    }

    private static String hello(Target target) {
        byte[] hello = new byte[200];
        byte[] start = {0x16, 3, 1, 0, (byte) 0xc3, 1, 0, 0, (byte) 0xbf, 3, 3};
        System.arraycopy(start, 0, hello, 0, start.length);
        RawClient client = target.connect().send(hello);
        return client.response().status() + ", " + (client.rest().isEmpty() ? "closed" : "and more");
    }

    /** Sends a token on a connection that is closed with an error, and on connections that are refused. */
    private static String token(Target target) {
        String secret = "czNjcmV0LXRva2VuKy8";
        String query = "&token=" + secret + "&user_id=ann";
        String header = "Sec-WebSocket-Protocol: phoenix, base64url.bearer.phx." + secret + "\r\n";
        target.end(
                target.connect()
                        .send(RawClient.upgradeRequest(query).replace("\r\n\r\n", "\r\n" + header + "\r\n"))
                        .upgraded(),
                new byte[] {0, 0});
        for (String params : List.of("&vsn=7", "&outcome=crash", "&outcome=busy")) {
            target.answer(upgrade("GET /socket/websocket?vsn=2.0.0" + query + params) + header);
        }
        target.answer(upgrade("GET /socket/websocket?vsn=2.0.0" + query) + header + "Origin: null\r\n");
        target.live().endpoint.channels().disconnect("users:ann");
        return RecordedLog.lines().stream()
                        .map(RecordedLog.Line::text)
                        .noneMatch(line -> line.contains(secret) || line.contains("s3cret-token"))
                ? "in no line of the log"
                : "in the log";
    }
}
