package io.heliodor.interop.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Hosts on one machine: network namespaces, a cable from each to a switch, which is a namespace too, and faults that drop
 * packets where they arrive. Deleting the namespaces takes all of it away.
 */
public final class Network implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Path NAMESPACES = Path.of("/var/run/netns");
    private static final String PREFIX = "heliodor-";

    /** In the files of each host this is the name of all of them, as in a DNS. */
    public static final String NAME = "nodes.test";

    /** Files in this folder replace those of {@code /etc} in a namespace. */
    private static final Path ETC = Path.of("/etc/netns");

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String prefix = PREFIX + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";
    private final List<String> namespaces = new ArrayList<>();
    private final Thread atExit = new Thread(this::delete, "delete-namespaces");
    private final int hosts;

    /** Builds it, with so many hosts. */
    public Network(int hosts) {
        this.hosts = hosts;
        deleteOrphans();
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            String hub = add("hub");
            in(hub, "ip", "link", "add", "br0", "type", "bridge");
            in(hub, "ip", "link", "set", "br0", "up");
            for (int host = 0; host < hosts; host++) {
                String space = add(Integer.toString(host));
                in(space, "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "v" + host, "netns", hub);
                in(space, "ip", "address", "add", address(host) + "/24", "dev", "eth0");
                in(space, "ip", "link", "set", "eth0", "up");
                in(hub, "ip", "link", "set", "v" + host, "master", "br0", "up");
                in(space, "nft", "add table ip faults");
                in(space, "nft", "add chain ip faults in { type filter hook input priority 0; policy accept; }");
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /** The reason why there can be no such network here, if there is one. */
    public static Optional<String> whyNot() {
        String probe = PREFIX + ProcessHandle.current().pid() + "-probe" + COUNT.incrementAndGet();
        Programs.Ended added = Programs.attempt(DEADLINE, "ip", "netns", "add", probe);
        if (added.status() != 0) {
            return Optional.of(
                    "ip netns add does not work here: " + added.output().strip());
        }
        try {
            Programs.Ended filtered =
                    Programs.attempt(DEADLINE, "ip", "netns", "exec", probe, "nft", "add table ip probe");
            return filtered.status() == 0
                    ? Optional.empty()
                    : Optional.of("nft does not work here: " + filtered.output().strip());
        } finally {
            Programs.attempt(DEADLINE, "ip", "netns", "del", probe);
        }
    }

    /** The namespace of a host. */
    public String space(int host) {
        return prefix + host;
    }

    public String address(int host) {
        return "10.77.0." + (host + 1);
    }

    /** Drops all packets from one host to another. The other direction is as before. */
    public void drop(int from, int to) {
        in(space(to), "nft", "add rule ip faults in ip saddr " + address(from) + " drop");
    }

    /** Nothing passes between the two sides. */
    public void split(List<Integer> side, List<Integer> other) {
        for (int one : side) {
            for (int two : other) {
                drop(one, two);
                drop(two, one);
            }
        }
    }

    /** Drops so many of a hundred packets from one host to another, at random. */
    public void lose(int from, int to, int percent) {
        in(
                space(to),
                "nft",
                "add rule ip faults in ip saddr " + address(from) + " numgen random mod 100 < " + percent + " drop");
    }

    /** Drops packets from one host to another that exceed a number of kilobytes a second. */
    public void limit(int from, int to, int kilobytes) {
        in(
                space(to),
                "nft",
                "add rule ip faults in ip saddr " + address(from) + " limit rate over " + kilobytes
                        + " kbytes/second burst " + kilobytes + " kbytes drop");
    }

    /** Limits the bytes that each socket buffers from now on, in each direction: a process that is frozen soon takes no more. */
    public void buffer(int bytes) {
        String sizes = "4096 " + bytes + " " + bytes;
        for (int host = 0; host < hosts; host++) {
            for (String setting : List.of("tcp_rmem", "tcp_wmem")) {
                in(space(host), "sh", "-c", "echo " + sizes + " > /proc/sys/net/ipv4/" + setting);
            }
        }
    }

    /** No faults any more. */
    public void heal() {
        for (int host = 0; host < hosts; host++) {
            in(space(host), "nft", "flush chain ip faults in");
        }
    }

    /** Runs a program in a namespace. */
    private static void in(String space, String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", space));
        whole.addAll(List.of(command));
        Programs.run(DEADLINE, whole.toArray(String[]::new));
    }

    private String add(String name) {
        String space = prefix + name;
        Programs.run(DEADLINE, "ip", "netns", "add", space);
        namespaces.add(space);
        writeHosts(space);
        in(space, "ip", "link", "set", "lo", "up");
        return space;
    }

    private void writeHosts(String space) {
        List<String> lines = new ArrayList<>(List.of("127.0.0.1 localhost"));
        for (int host = 0; host < hosts; host++) {
            lines.add(address(host) + " " + NAME);
        }
        try {
            Files.createDirectories(ETC.resolve(space));
            Files.write(ETC.resolve(space).resolve("hosts"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete() {
        namespaces.forEach(Network::delete);
    }

    private static void delete(String space) {
        Programs.attempt(DEADLINE, "ip", "netns", "del", space);
        try {
            Files.deleteIfExists(ETC.resolve(space).resolve("hosts"));
            Files.deleteIfExists(ETC.resolve(space));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the namespaces of JVMs that were killed. */
    private static void deleteOrphans() {
        if (!Files.isDirectory(NAMESPACES)) {
            return;
        }
        try (Stream<Path> found = Files.list(NAMESPACES)) {
            found.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches(PREFIX + "\\d+-.*"))
                    .filter(name -> ProcessHandle.of(Long.parseLong(name.split("-", -1)[1]))
                            .isEmpty())
                    .forEach(Network::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        delete();
        namespaces.clear();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM ends already, and so does this.
        }
    }
}
