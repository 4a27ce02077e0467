package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTests {
    private static final String SERVER = """
        #!/bin/sh
        trap 'echo stopped > "$0.stopped"; exit 0' TERM
        echo "some words before"
        echo "$@" > "$0.arguments"
        echo "listening on http://127.0.0.1:1234"
        while :; do sleep 0.02; done
        """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private Path script(String text) throws Exception {
        Path script = Files.writeString(directory.resolve("my server"), text);
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }

    @Test
    void aServerIsStartedOnAFreePortAndStoppedBySigterm() throws Exception {
        Path script = script(SERVER);
        long pid;
        try (ServerProcess server = ServerProcess.start("'" + script + "' serve --host x")) {
            assertThat(server.targets()).containsExactly(Target.of("http://127.0.0.1:1234"));
            pid = server.pids().getFirst();
            assertThat(ProcessHandle.of(pid)).isPresent();
        }
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(Path.of(script + ".arguments")).hasContent("serve --host x --port 0");
        assertThat(Path.of(script + ".stopped")).exists();
    }

    @Test
    void aServerThatEndsIsAFailureWithItsStatus() throws Exception {
        Path script = script("#!/bin/sh\necho nothing of interest\nexit 7\n");
        assertThatThrownBy(() -> ServerProcess.start("'" + script + "'"))
                .isInstanceOf(RunFailed.class)
                .hasMessageContaining("it ended with status 7");
    }

    @Test
    void aServerThatIsGivenItsPortAndEndsIsAFailureToo() {
        assertThatThrownBy(() -> ServerProcess.start("sh -c 'exit 5' {port}"))
                .isInstanceOf(RunFailed.class)
                .hasMessageContaining("it ended with status 5");
    }
}
