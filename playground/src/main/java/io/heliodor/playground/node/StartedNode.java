package io.heliodor.playground.node;

import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.node.StartException;

/** The start of a node with the options of a command. */
public final class StartedNode {
    private StartedNode() {}

    /**
     * Starts the node of a server.
     *
     * @param name {@code NAME@HOST[:PORT]}
     * @param options the other options
     * @return the node
     * @throws IllegalStateException if it cannot start; its message is one line that begins with the code of the shell
     */
    public static Node of(String name, ClusterOptions options) {
        return value(of(value(options.of(name, System.getenv()))));
    }

    /**
     * Checks the options, and starts nothing.
     *
     * @param name {@code NAME@HOST[:PORT]}
     * @param options the other options
     * @throws IllegalStateException as the start throws it
     */
    public static void check(String name, ClusterOptions options) {
        NodeOptions _ = value(options.of(name, System.getenv()));
    }

    private static <T> T value(Result<T> result) {
        return switch (result) {
            case Result.Failed<T>(ErrorCode code, String message) ->
                throw new IllegalStateException(code.text() + ": " + message.replaceAll("\\R", " "));
            case Result.Ok<T>(T value) -> value;
        };
    }

    static Result<Node> of(NodeOptions options) {
        try {
            Node.Builder builder = Node.builder(options.name())
                    .bind(bare(options.bind().host()), options.bind().port())
                    .seeds(options.seeds().stream().map(Address::toString).toArray(String[]::new));
            options.advertised().ifPresent(to -> builder.advertise(bare(to.host()), to.port()));
            options.cluster().ifPresent(builder::cluster);
            builder.cookie(Cookie.of(options.cookie()));
            if (!options.voters().isEmpty()) {
                String[] voters = options.voters().toArray(String[]::new);
                options.data().ifPresentOrElse(data -> builder.voters(data, voters), () -> builder.voters(voters));
            }
            return Result.ok(builder.start());
        } catch (StartException e) {
            return Result.failed(code(e.problem()), inOptions(String.valueOf(e.getMessage())));
        } catch (IllegalArgumentException e) {
            return Result.failed(ErrorCode.BAD_COOKIE, String.valueOf(e.getMessage()));
        }
    }

    /** The advice of the library in the options of the command. */
    private static String inOptions(String message) {
        return message.replace("bind(host, port)", "--bind HOST:PORT")
                .replace("advertise(host, port)", "--advertise HOST:PORT")
                .replace("call voters(Path, String...)", "give --data DIR");
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static ErrorCode code(StartException.Problem problem) {
        return switch (problem) {
            case BAD_NAME, BAD_SETTING -> ErrorCode.BAD_NAME;
            case BAD_COOKIE -> ErrorCode.BAD_COOKIE;
            case BAD_DIRECTORY -> ErrorCode.BAD_DIRECTORY;
            case REFUSED -> ErrorCode.REFUSED;
            case PORT_IN_USE -> ErrorCode.PORT_IN_USE;
            case NAME_TAKEN -> ErrorCode.NAME_TAKEN;
            case ALREADY_STARTED -> ErrorCode.ALREADY_STARTED;
        };
    }
}
