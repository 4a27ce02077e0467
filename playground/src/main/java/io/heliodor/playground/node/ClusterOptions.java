package io.heliodor.playground.node;

import io.heliodor.node.Cookie;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of a command that starts a node, except its name. */
public final class ClusterOptions {
    /** An address of IPv6 without brackets and without a port, as Kubernetes writes that of a pod. */
    private static final String IPV6 = "[0-9A-Fa-f.]*(:[0-9A-Fa-f.]*){2,}";

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--cookie",
            paramLabel = "SECRET",
            description = "Secret of the cluster. Other users of this machine can read it here.")
    private @Nullable String cookie;

    @Option(
            names = "--cookie-file",
            paramLabel = "FILE",
            description = "A file that holds the secret. Without both it is taken from HELIODOR_COOKIE.")
    private @Nullable Path cookieFile;

    @Option(
            names = "--bind",
            paramLabel = "HOST[:PORT]",
            description = "Where the node listens, if not at the host and port of its name: 0.0.0.0 for all addresses.")
    private @Nullable String bind;

    @Option(
            names = "--advertise",
            paramLabel = "HOST[:PORT]",
            description = "Address by which other nodes reach it, if not that where it listens.")
    private @Nullable String advertised;

    @Option(names = "--cluster", paramLabel = "NAME", description = "Name of the cluster.")
    private @Nullable String cluster;

    @Option(
            names = "--seeds",
            paramLabel = "HOST:PORT,...",
            description = "Addresses of nodes to join; none needs to be up.")
    private @Nullable String seeds;

    @Option(
            names = "--voters",
            paramLabel = "NAME@HOST,...",
            description = "The nodes that decide on names and leaders, the same list on each.")
    private @Nullable String voters;

    @Option(names = "--data", paramLabel = "DIR", description = "Where a voter keeps its log.")
    private @Nullable Path data;

    /** Created by picocli. */
    public ClusterOptions() {}

    /**
     * Returns the first option that was given.
     *
     * @return its name; empty if there is none
     */
    public Optional<String> given() {
        Map<String, Optional<?>> all = new LinkedHashMap<>();
        all.put("--cookie", Optional.ofNullable(cookie));
        all.put("--cookie-file", Optional.ofNullable(cookieFile));
        all.put("--bind", Optional.ofNullable(bind));
        all.put("--advertise", Optional.ofNullable(advertised));
        all.put("--cluster", Optional.ofNullable(cluster));
        all.put("--seeds", Optional.ofNullable(seeds));
        all.put("--voters", Optional.ofNullable(voters));
        all.put("--data", Optional.ofNullable(data));
        return all.entrySet().stream()
                .filter(option -> option.getValue().isPresent())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /**
     * Returns the options of the node, or a failure if the node would be refused. Invalid options are an exception.
     *
     * @param name {@code NAME@HOST[:PORT]}
     * @param environment the environment, which may contain the cookie
     */
    Result<NodeOptions> of(String name, Map<String, String> environment) {
        if (cookie != null && cookieFile != null) {
            throw wrong("--cookie-file", "is not for use together with --cookie");
        }
        List<String> voting = voters == null
                ? List.of()
                : Stream.of(voters.split(",", -1)).map(String::strip).toList();
        List<Address> addresses = seeds();
        Optional<NodeAddress> named = NodeAddress.parse(name);
        if (named.isEmpty()) {
            return Result.failed(ErrorCode.BAD_NAME, "'" + name + "' is not NAME@HOST or NAME@HOST:PORT");
        }
        if (data == null && voting.contains(named.get().name())) {
            throw wrong("--voters", "has this node, which needs --data then: the directory of its log");
        }
        Address own = named.get().bind();
        Address listens = address("--bind", bind, own.port()).orElse(own);
        Optional<Address> reached = address("--advertise", advertised, 0);
        return switch (cookie(environment)) {
            case Result.Failed<String>(ErrorCode code, String message) -> Result.failed(code, message);
            case Result.Ok<String>(String secret) ->
                Result.ok(new NodeOptions(
                        named.get().name(),
                        listens,
                        reached,
                        secret,
                        Optional.ofNullable(cluster),
                        addresses,
                        voting,
                        Optional.ofNullable(data)));
        };
    }

    private Optional<Address> address(String option, @Nullable String text, int defaultPort) {
        return Optional.ofNullable(text)
                .map(given -> Address.parse(given.matches(IPV6) ? "[" + given + "]" : given, defaultPort)
                        .orElseThrow(() -> wrong(option, "'" + given + "' is not HOST or HOST:PORT")));
    }

    private List<Address> seeds() {
        List<Address> addresses = new ArrayList<>();
        if (seeds != null) {
            for (String seed : seeds.split(",", -1)) {
                addresses.add(Address.parse(seed)
                        .filter(address -> address.port() > 0)
                        .orElseThrow(() -> wrong("--seeds", "'" + seed + "' is not HOST:PORT")));
            }
        }
        return addresses;
    }

    private Result<String> cookie(Map<String, String> environment) {
        if (cookieFile != null) {
            try {
                return Result.ok(Cookie.fromFile(cookieFile).reveal());
            } catch (UncheckedIOException e) {
                return Result.failed(ErrorCode.BAD_COOKIE, "cannot read " + cookieFile + " (" + e.getCause() + ")");
            } catch (IllegalArgumentException e) {
                return Result.failed(ErrorCode.BAD_COOKIE, String.valueOf(e.getMessage()));
            }
        }
        return Optional.ofNullable(cookie)
                .or(() -> Optional.ofNullable(environment.get("HELIODOR_COOKIE")))
                .map(Result::ok)
                .orElseGet(() -> Result.failed(
                        ErrorCode.BAD_COOKIE, "there is none; give --cookie-file, HELIODOR_COOKIE or --cookie"));
    }

    private ParameterException wrong(String option, String why) {
        return new ParameterException(spec.commandLine(), "Invalid value for option '" + option + "': " + why);
    }
}
