package io.heliodor.benchmarks;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the server, in addition to those of the output. */
final class ServerOptions extends OutputOptions {
    @Option(
            names = "--serve",
            paramLabel = "CMD",
            defaultValue = "${sys:heliodor.serve:-${env:HELIODOR_SERVE}}",
            description = "Command line of the server; '--port 0' is appended, or a free port put in place of {port}. "
                    + "Default: the system property heliodor.serve or HELIODOR_SERVE.")
    private @Nullable String serve;

    @Option(
            names = "--url",
            paramLabel = "URL[,URL...]",
            description =
                    "Use the server that runs there, such as http://127.0.0.1:4000. Of several, which are nodes of"
                            + " one cluster, each gets a part of the clients.")
    private @Nullable String url;

    @Option(
            names = "--server-pid",
            paramLabel = "PID[,PID...]",
            split = ",",
            description = "Process of the server at --url, to see its CPU and memory; of several all of them.")
    private List<Long> serverPids = List.of();

    /** Validates the options before anything starts. */
    void check(int connections) {
        if (url == null) {
            command();
            if (!serverPids.isEmpty()) {
                throw wrong("--server-pid needs --url; a server started by --serve is watched anyway");
            }
        } else {
            running(url).close();
        }
        checkFiles(connections);
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
            List<Target> targets =
                    Arrays.stream(at.split(",", -1)).map(Target::of).toList();
            return new Server.Running(targets, List.copyOf(serverPids));
        } catch (IllegalArgumentException e) {
            throw wrong("--url: " + e.getMessage());
        }
    }
}
