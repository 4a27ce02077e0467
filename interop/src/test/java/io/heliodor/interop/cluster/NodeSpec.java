package io.heliodor.interop.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The options of a node that is to be started.
 *
 * @param app the part of its name before the {@code @}
 * @param port 0 for a free one
 * @param namespace the network namespace that it runs in
 */
record NodeSpec(
        String app,
        String host,
        int port,
        String cookie,
        List<String> seeds,
        List<String> voters,
        Optional<Path> data,
        Optional<String> namespace,
        List<String> more) {
    static final String COOKIE = "gN7qXw2LrT9vKc4PzB6mHs3JdF8yQa5E";

    /** A node on loopback with the cookie of the tests. */
    static NodeSpec local(String app) {
        return new NodeSpec(
                app, "127.0.0.1", 0, COOKIE, List.of(), List.of(), Optional.empty(), Optional.empty(), List.of());
    }

    String name() {
        return app + "@" + host;
    }

    NodeSpec on(int anotherPort) {
        return new NodeSpec(app, host, anotherPort, cookie, seeds, voters, data, namespace, more);
    }

    NodeSpec seeds(String... addresses) {
        return new NodeSpec(app, host, port, cookie, List.of(addresses), voters, data, namespace, more);
    }

    NodeSpec cookie(String another) {
        return new NodeSpec(app, host, port, another, seeds, voters, data, namespace, more);
    }

    NodeSpec voters(List<String> names, Path folder) {
        return new NodeSpec(app, host, port, cookie, seeds, names, Optional.of(folder), namespace, more);
    }

    NodeSpec in(String space, String address) {
        return new NodeSpec(app, address, port, cookie, seeds, voters, data, Optional.of(space), more);
    }

    /** Further options, as they are. */
    NodeSpec options(String... options) {
        return new NodeSpec(app, host, port, cookie, seeds, voters, data, namespace, List.of(options));
    }

    /** The command line; the cookie comes by the environment. */
    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>();
        namespace.ifPresent(space -> command.addAll(List.of("ip", "netns", "exec", space)));
        command.addAll(program);
        command.addAll(List.of("--name", name() + ":" + port, "--json"));
        if (!seeds.isEmpty()) {
            command.addAll(List.of("--seeds", String.join(",", seeds)));
        }
        if (!voters.isEmpty()) {
            command.addAll(List.of("--voters", String.join(",", voters)));
        }
        data.ifPresent(folder -> command.addAll(List.of("--data", folder.toString())));
        command.addAll(more);
        return command;
    }
}
