package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import io.heliodor.fixtures.Guide;
import io.heliodor.fixtures.Page;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chat of docs/jwt.md from an empty folder, without Maven: the JVM compiles the source of the page. */
@Tag("long")
class SignedInChatTests {
    private final Guide quickStart = Guide.of("docs/quick-start.md");
    private final Guide guide = Guide.of("docs/jwt.md", "A server from an empty folder");

    @TempDir
    private Path folder;

    /** The pom of the quick start with the changes of the page. */
    private String pom() {
        String dependency = Guide.of("docs/jwt.md", "Three lines").block("xml");
        String main = guide.find("write\\s+`(\\w+)` for `Chat` in `mainClass`");
        return quickStart
                .file("pom.xml")
                .replace("  </dependencies>", dependency + "  </dependencies>")
                .replace("<mainClass>Chat<", "<mainClass>" + main + "<");
    }

    private ServerProcess start(int port, String issuer) throws IOException {
        String pom = pom();
        assertThat(guide.installed()).containsAll(Guide.modules(pom));
        String main = pom.replaceFirst("(?s).*<mainClass>(\\w+)</mainClass>.*", "$1") + ".java";
        String source = guide.file("src/main/java/" + main).replace(".port(4000)", ".port(" + port + ")");

        List<String> arguments = new ArrayList<>(
                List.of(quickStart.file(".mvn/jvm.config").strip().split(" ")));
        arguments.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", Guide.classPath(pom)));
        arguments.add(Files.writeString(folder.resolve(main), source).toString());
        String run = guide.commands().getLast();
        assertThat(run).startsWith("mvn -q compile exec:java -Dexec.args=");
        String args = run.substring(run.indexOf("args=") + "args=".length());
        arguments.add(args.replace("https://idp.example.com/realms/x", issuer));
        return ServerProcess.start(folder.resolve("log"), port, arguments.toArray(String[]::new));
    }

    @Test
    void aUserOfTheIssuerReachesAnother() throws Exception {
        int port = ServerProcess.freePort();
        try (Issuer issuer = new Issuer();
                ServerProcess server = start(port, issuer.url());
                Page ann = server.connect(issuer.token("ann", "chat"));
                Page bo = Page.signedIn(port, issuer.token("bo", "chat"))) {
            assertThat(ann.join("room:lobby", "{}")).isEqualTo("{\"status\":\"ok\",\"response\":{\"name\":\"ann\"}}");
            bo.join("room:lobby", "{}");
            bo.sends("room:lobby", "say", "{\"body\":\"Hello Ann\"}");
            assertThat(ann.next("room:lobby", "new_msg")).isEqualTo("{\"from\":\"bo\",\"body\":\"Hello Ann\"}");
            String ofAnother = issuer.token("cy", "another");
            assertThatThrownBy(() -> Page.signedIn(port, ofAnother))
                    .cause()
                    .isInstanceOfSatisfying(
                            WebSocketHandshakeException.class,
                            refused -> assertThat(refused.getResponse().statusCode())
                                    .isEqualTo(401));
        }
    }

    /** An identity provider on this machine. */
    private static final class Issuer implements AutoCloseable {
        private final ECKey key = new ECKeyGenerator(Curve.P_256).keyID("1").generate();
        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

        Issuer() throws IOException, JOSEException {
            serve(
                    "/.well-known/openid-configuration",
                    "{\"issuer\":\"%1$s\",\"jwks_uri\":\"%1$s/keys\"}".formatted(url()));
            serve("/keys", new JWKSet(key).toString());
            server.start();
        }

        private void serve(String path, String json) {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            server.createContext(path, exchange -> {
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        String token(String subject, String audience) throws JOSEException {
            JWSObject token = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("1").build(),
                    new Payload(Map.of(
                            "iss",
                            url(),
                            "aud",
                            audience,
                            "sub",
                            subject,
                            "exp",
                            Instant.now().getEpochSecond() + 3600)));
            token.sign(new ECDSASigner(key));
            return token.serialize();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
