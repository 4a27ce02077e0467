package io.heliodor.link.jgroups;

import io.heliodor.link.Log;
import io.heliodor.link.LogContract;
import io.heliodor.link.Peer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Wires with a log, over loopback. */
final class Logs implements AutoCloseable {
    final LogContract contract = new LogContract();
    final Wires wires = new Wires();
    private final Path folder;
    private final List<String> voters;

    Logs(Path folder, String... voters) {
        this.folder = folder;
        this.voters = Stream.of(voters).map(name -> name + "@127.0.0.1").toList();
    }

    /** A node with a log; what it was given. */
    record Node(String name, Wires.Started started, Given given) {
        Log log() {
            return started.wire().log().orElseThrow();
        }

        /** Each attempt to elect somebody begins one. */
        long term() {
            return ((RaftLog) log()).term();
        }

        void close() {
            started.wire().close();
        }

        boolean leads() {
            return log().leader().filter(started.peer()::equals).isPresent();
        }
    }

    /** A replica that keeps all commands. */
    static final class Given implements Log.Replica {
        private final String node;
        private final LogContract contract;
        private final List<String> commands = new ArrayList<>();
        private long index;

        Given(String node, LogContract contract) {
            this.node = node;
            this.contract = contract;
        }

        @Override
        public synchronized byte[] apply(long at, byte[] bytes) {
            if (at > index) {
                String command = new String(bytes, StandardCharsets.UTF_8);
                contract.applied(node, at, command);
                index = at;
                commands.add(command);
            }
            return (node + " has " + commands.size()).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public synchronized byte[] snapshot() {
            return (index + "\n" + String.join("\n", commands)).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public synchronized void restore(byte[] snapshot) {
            List<String> lines =
                    new String(snapshot, StandardCharsets.UTF_8).lines().toList();
            contract.restored(node);
            index = Long.parseLong(lines.getFirst());
            commands.clear();
            commands.addAll(lines.subList(1, lines.size()));
        }

        @Override
        public void led(Optional<Peer> leader) {}

        synchronized List<String> commands() {
            return List.copyOf(commands);
        }
    }

    Node start(String name, Node... seeds) throws Exception {
        return start(name, Optional.of(folder.resolve(name)), seeds);
    }

    Node start(String name, Optional<Path> data, Node... seeds) throws Exception {
        Given given = new Given(name, contract);
        contract.begins(name);
        Settings settings = Wires.settings(
                        name,
                        0,
                        List.of(),
                        Stream.of(seeds)
                                .map(seed -> seed.started().wire().address())
                                .toList())
                .with(new Voting(voters, data, given));
        return new Node(name, wires.start(settings), given);
    }

    static Node awaitLeader(Node... nodes) {
        Wires.await(
                () -> Stream.of(nodes)
                        .map(node -> node.name() + " " + node.log().leader())
                        .toList()
                        .toString(),
                () -> Stream.of(nodes).anyMatch(Node::leads)
                        && Stream.of(nodes)
                                        .map(node -> node.log().leader())
                                        .distinct()
                                        .count()
                                == 1);
        Node leader = Stream.of(nodes).filter(Node::leads).findFirst().orElseThrow();
        Wires.await(() -> leader.name() + " is not ready", () -> ((RaftLog) leader.log()).ready());
        return leader;
    }

    Log.Outcome append(Node node, String command, long millis) throws Exception {
        contract.appending(command);
        try {
            Log.Outcome outcome =
                    node.log().append(command.getBytes(StandardCharsets.UTF_8)).get(millis, TimeUnit.MILLISECONDS);
            contract.told(command, outcome);
            return outcome;
        } catch (TimeoutException | ExecutionException e) {
            return new Log.Outcome.Unknown();
        }
    }

    static void awaitCommands(Node node, List<String> commands) {
        Wires.await(
                () -> node.name() + " has " + node.given().commands() + " not " + commands,
                () -> node.given().commands().equals(commands));
    }

    @Override
    public void close() {
        wires.close();
    }
}
