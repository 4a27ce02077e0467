package io.heliodor.interop.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.event.Event;
import io.heliodor.fixtures.Guide;
import io.heliodor.interop.ServerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The programs of the page of clients, in each language whose library the machine has. {@code test --all} installs all but that of Go. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LanguagesIT {
    private static final Guide PAGE = Guide.of("docs/clients.md");
    private static final Event<Shout> SHOUT = Event.of("shout", Shout.class);

    record Shout(String body) {}

    enum Language {
        /** The package of Debian is for the Python of Debian, which need not be the first one. */
        PYTHON("Python", "env PATH=/usr/bin:$PATH python3", "env PATH=/usr/bin:$PATH python3 -c 'import websockets'"),
        RUBY("Ruby", "ruby", "ruby -e 'require \"faye/websocket\"'"),
        PERL("Perl", "perl", "perl -MMojolicious -e 1"),
        /** Debian has the sources of Go's packages in a folder of its own. */
        GO(
                "Go",
                "env GO111MODULE=off GOPATH=/usr/share/gocode go run",
                "test -d /usr/share/gocode/src/github.com/gorilla/websocket");

        private final String title;
        private final String command;
        private final String check;

        Language(String title, String command, String check) {
            this.title = title;
            this.command = command;
            this.check = check;
        }

        private boolean isInstalled() throws IOException, InterruptedException {
            return shell(check).waitFor() == 0;
        }

        private Process run(Path program) throws IOException {
            return shell("exec " + command + " " + program);
        }

        private static Process shell(String line) throws IOException {
            return new ProcessBuilder("sh", "-c", line)
                    .redirectErrorStream(true)
                    .start();
        }

        @Override
        public String toString() {
            return title;
        }
    }

    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        server = new ServerProcess(List.of());
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.kill();
    }

    @ParameterizedTest
    @EnumSource
    void theProgramOfThePageShouts(Language language) throws Exception {
        boolean isExpected = System.getenv("CI") != null && language != Language.GO;
        assumeTrue(isExpected || language.isInstalled(), "the page has the package to install");
        String name = language.title.toLowerCase(Locale.ROOT); // of the block, and the ending that Go wants
        String program = PAGE.block(name).replace("localhost:4000", "127.0.0.1:" + server.port());
        Path file = Files.createDirectories(Path.of("target/clients")).resolve("hello." + name);
        Files.writeString(file, program);
        BlockingQueue<Shout> shouts = new LinkedBlockingQueue<>();
        try (Client witness = Client.to(URI.create(server.socket())).build()) {
            ClientChannel lobby = witness.channel("room:lobby");
            lobby.on(SHOUT, shouts::add);
            lobby.join();
            await().atMost(60, TimeUnit.SECONDS).until(lobby::status, new ChannelStatus.Joined()::equals);
            Process process = language.run(file);
            try (BufferedReader output = process.inputReader(UTF_8)) {
                assertThat(output.readLine()).isEqualTo("Hello from " + language);
                assertThat(shouts.poll(60, TimeUnit.SECONDS)).isEqualTo(new Shout("Hello from " + language));
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }
}
