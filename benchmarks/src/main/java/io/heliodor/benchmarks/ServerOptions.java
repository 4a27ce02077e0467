package io.heliodor.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the server, in addition to those of the output. */
final class ServerOptions extends OutputOptions {
    private static final int SPARE_FILES = 100;

    @Option(
            names = "--serve",
            paramLabel = "CMD",
            defaultValue = "${sys:heliodor.serve:-${env:HELIODOR_SERVE}}",
            description = "Command line of the server; '--port 0' is appended, or a free port put in place of {port}. "
                    + "Default: the system property heliodor.serve or HELIODOR_SERVE.")
    private @Nullable String serve;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Use the server that runs there, such as http://127.0.0.1:4000.")
    private @Nullable String url;

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            description = "Process of the server at --url, to see its CPU and memory.")
    private @Nullable Integer serverPid;

    /** Validates the options before anything starts. */
    void check(int connections) {
        if (url == null) {
            command();
            if (serverPid != null) {
                throw wrong("--server-pid needs --url; a server started by --serve is watched anyway");
            }
        } else {
            running(url).close();
        }
        Optional<Long> files = ProcSample.openFilesLimit();
        if (files.isPresent() && connections > files.get() - SPARE_FILES) {
            throw wrong("--connections " + connections + " is more than the " + files.get()
                    + " files that this process may hold open (ulimit -n)");
        }
    }

    /** The server, started if it is not running already. */
    Server start() throws IOException, RunFailed, InterruptedException {
        return url == null ? ServerProcess.start(command()) : running(url);
    }

    /** The server's name: its command line or URL. */
    String name() {
        return url == null ? command() : url;
    }

    private String command() {
        if (serve == null || serve.isBlank()) {
            throw wrong("--serve or --url is missing: there is no server to load");
        }
        return serve;
    }

    private Server running(String at) {
        try {
            List<Long> pids = serverPid == null ? List.of() : List.of(serverPid.longValue());
            return new Server.Running(List.of(Target.of(at)), pids);
        } catch (IllegalArgumentException e) {
            throw wrong("--url: " + e.getMessage());
        }
    }
}
