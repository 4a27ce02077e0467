package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log of the first start of each project that the guides and the templates print, with the flags that they set. */
class FirstStartTests {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final String LISTENS =
            "\\[main\\] INFO io\\.heliodor\\.endpoint - The endpoint listens on http://127\\.0\\.0\\.1:\\d+ \\(\\w+\\), sockets \\[/socket\\]";

    static final class Server {
        public static void main(String[] args) {
            Channel<Object, Empty> room =
                    Channel.join(join -> Join.ok(Empty.EMPTY)).build();
            Endpoint endpoint = Endpoint.builder()
                    .host("127.0.0.1")
                    .port(0)
                    .socket("/socket", UserSocket.open().channel("room:*", room).build())
                    .build();
            var _ = endpoint.start();
            Runtime.getRuntime().halt(0); // a stop would have lines of its own
        }
    }

    private static List<String> log(List<String> flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of(
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Server.class.getName()));
        Process process = new ProcessBuilder(command).start();
        List<String> lines = process.errorReader().lines().toList();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return lines;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "examples/src/quick-start/jvm.config",
                "templates/common/jvm.config",
                "templates/pom/spring.xml",
                "templates/pom/spring-kotlin.xml",
                "framework-tests/spring-boot/pom.xml"
            })
    void theFlagsOfAProjectStartAServerWhoseLogHasOneLine(String file) throws Exception {
        String text = Files.readString(PROJECT.resolve(file));
        Matcher arguments = Pattern.compile("<jvmArguments>(.*)</jvmArguments>").matcher(text);
        String flags = file.endsWith(".xml") && arguments.find() ? arguments.group(1) : text;
        assertThat(log(List.of(flags.strip().split("\\s+"))))
                .singleElement()
                .asString()
                .matches(LISTENS);
    }

    @Test
    void aServerWithoutFlagsSaysWhichOneLetsHandlersRunOnEventLoops() throws Exception {
        assertThat(log(List.of("--enable-native-access=ALL-UNNAMED")))
                .first()
                .asString()
                .contains("--add-opens java.base/java.lang=ALL-UNNAMED")
                .doesNotContain("Exception");
    }
}
