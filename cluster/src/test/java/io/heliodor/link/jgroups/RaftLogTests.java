package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.link.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RaftLogTests {
    @TempDir
    private Path folder;

    private Logs logs;

    @BeforeEach
    void open() {
        logs = new Logs(folder, "a", "b", "c");
    }

    @AfterEach
    void close() {
        logs.close();
        assertThat(logs.contract.violations()).isEmpty();
    }

    private List<Logs.Node> three() throws Exception {
        var a = logs.start("a");
        var b = logs.start("b", a);
        var c = logs.start("c", a, b);
        Logs.awaitLeader(a, b, c);
        return List.of(a, b, c);
    }

    private List<String> append(Logs.Node leader, String prefix, int count) throws Exception {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            assertThat(logs.append(leader, prefix + i, 10_000)).isInstanceOf(Log.Outcome.Committed.class);
            commands.add(prefix + i);
        }
        return commands;
    }

    private static Logs.Node[] array(List<Logs.Node> nodes) {
        return nodes.toArray(Logs.Node[]::new);
    }

    @Test
    void whatTheLeaderAppendsReachesAllInOneOrder() throws Exception {
        var nodes = three();
        var leader = Logs.awaitLeader(array(nodes));
        List<String> commands = append(leader, "x", 20);
        for (Logs.Node node : nodes) {
            Logs.awaitCommands(node, commands);
        }
    }

    @Test
    void whoDoesNotLeadRefuses() throws Exception {
        var nodes = three();
        Logs.awaitLeader(array(nodes));
        var other = nodes.stream().filter(node -> !node.leads()).findFirst().orElseThrow();
        assertThat(logs.append(other, "x", 5_000)).isEqualTo(new Log.Outcome.Refused());
    }

    @Test
    void twoOfThreeGoOnWhenTheLeaderIsClosed() throws Exception {
        var nodes = three();
        var leader = Logs.awaitLeader(array(nodes));
        List<String> commands = append(leader, "x", 5);
        leader.close();
        var rest = nodes.stream().filter(node -> !node.equals(leader)).toArray(Logs.Node[]::new);
        var next = Logs.awaitLeader(rest);
        commands.addAll(append(next, "y", 5));
        for (Logs.Node node : rest) {
            Logs.awaitCommands(node, commands);
        }
    }

    @Test
    void oneOfThreeHasNoQuorumAndRefuses() throws Exception {
        var nodes = three();
        Logs.awaitLeader(array(nodes));
        nodes.get(0).close();
        nodes.get(1).close();
        var last = nodes.get(2);
        Wires.await(
                () -> "quorum",
                () -> !last.log().quorum() && last.log().leader().isEmpty());
        assertThat(logs.append(last, "x", 5_000)).isEqualTo(new Log.Outcome.Refused());
    }

    @Test
    void allCommandsAreThereWhenAllVotersWereStartedAgain() throws Exception {
        var nodes = three();
        List<String> commands = append(Logs.awaitLeader(array(nodes)), "x", 10);
        nodes.forEach(Logs.Node::close);
        var again = three();
        commands.addAll(append(Logs.awaitLeader(array(again)), "y", 1));
        for (Logs.Node node : again) {
            Logs.awaitCommands(node, commands);
        }
    }

    private void lose(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aVoterThatLostItsDirectoryElectsNobodyWhoMayKnowLess() throws Exception {
        var nodes = three();
        var late = nodes.stream().filter(node -> !node.leads()).findFirst().orElseThrow();
        List<String> commands = append(Logs.awaitLeader(array(nodes)), "x", 3);
        Logs.awaitCommands(late, commands);
        late.close();
        var rest = nodes.stream().filter(node -> !node.equals(late)).toArray(Logs.Node[]::new);
        var leader = Logs.awaitLeader(rest);
        commands.addAll(append(leader, "y", 3));
        var other = rest[0].equals(leader) ? rest[1] : rest[0];
        Logs.awaitCommands(other, commands);
        leader.close();
        other.close();
        lose(other.name());

        // One knows nothing any more and one never knew y: what they could agree on would be wrong.
        var empty = logs.start(other.name());
        var behind = logs.start(late.name(), empty);
        Wires.await(() -> "view", () -> empty.log().quorum() && behind.log().quorum());
        long term = behind.term();
        Wires.await(() -> "rounds", () -> behind.term() > term + 2);
        assertThat(empty.log().leader()).isEmpty();
        assertThat(behind.log().leader()).isEmpty();

        var whole = logs.start(leader.name(), empty, behind);
        Logs.awaitLeader(empty, behind, whole);
        for (Logs.Node node : List.of(empty, behind, whole)) {
            Logs.awaitCommands(node, commands);
        }
    }

    @Test
    void aVoterThatWasAwayGetsWhatItMissedAlsoWhenASnapshotStandsForIt() throws Exception {
        var nodes = three();
        var leader = Logs.awaitLeader(array(nodes));
        var away =
                nodes.stream().filter(node -> !node.equals(leader)).findFirst().orElseThrow();
        List<String> commands = append(leader, "x", 3);
        away.close();
        commands.addAll(append(leader, "y".repeat(200_000), 12));
        var back = logs.start(away.name(), leader);
        Logs.awaitCommands(back, commands);
        commands.addAll(append(Logs.awaitLeader(leader), "z", 3));
        Logs.awaitCommands(back, commands);
    }

    @Test
    void aNodeThatDoesNotVoteReadsTheLogAndChangesNoMajority() throws Exception {
        var nodes = three();
        var guest = logs.start("guest", Optional.empty(), nodes.get(0));
        var leader =
                Logs.awaitLeader(Stream.concat(nodes.stream(), Stream.of(guest)).toArray(Logs.Node[]::new));
        List<String> commands = append(leader, "x", 5);
        Logs.awaitCommands(guest, commands);
        assertThat(guest.leads()).isFalse();
        nodes.get(0).close();
        nodes.get(1).close();
        Wires.await(
                () -> "quorum",
                () -> !guest.log().quorum() && guest.log().leader().isEmpty());
        assertThat(nodes.get(2).log().quorum()).isFalse();
        assertThat(logs.append(nodes.get(2), "z", 2_000)).isEqualTo(new Log.Outcome.Refused());
    }

    @Test
    void whoLeavesAndComesBackIsAVoterAgain() throws Exception {
        var nodes = three();
        List<String> commands = append(Logs.awaitLeader(array(nodes)), "x", 3);
        var gone = nodes.stream().filter(node -> !node.leads()).findFirst().orElseThrow();
        gone.started().wire().disconnect();
        assertThat(gone.log().quorum()).isFalse();
        var stay = nodes.stream().filter(node -> !node.equals(gone)).toArray(Logs.Node[]::new);
        var leader = Logs.awaitLeader(stay);
        commands.addAll(append(leader, "y", 3));
        gone.started().wire().connect(leader.started().wire().address());
        commands.addAll(append(Logs.awaitLeader(array(nodes)), "z", 3));
        for (Logs.Node node : nodes) {
            Logs.awaitCommands(node, commands);
        }
    }

    @Test
    void aVoterAloneIsAMajorityOfOne() throws Exception {
        try (Logs one = new Logs(folder, "only")) {
            var only = one.start("only");
            Logs.awaitLeader(only);
            assertThat(one.append(only, "x", 5_000)).isInstanceOf(Log.Outcome.Committed.class);
        }
    }

    @Test
    void aDirectoryServesOneNodeAtATimeAndTheSameOne() throws Exception {
        var a = logs.start("a");
        assertThatThrownBy(() -> logs.start("b", Optional.of(folder.resolve("a")), a))
                .hasMessageContaining("Another node uses")
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.word()).isEqualTo("bad_directory"));
        a.close();
        assertThatThrownBy(() -> logs.start("b", Optional.of(folder.resolve("a"))))
                .hasMessageContaining("is that of another node");
        logs.start("a").close();
    }

    @Test
    void whoNamesOtherVotersIsRefused() throws Exception {
        var a = logs.start("a");
        try (Logs others = new Logs(folder, "a", "b")) {
            assertThatThrownBy(() -> others.start("b", a)).hasMessageContaining("same voters");
        }
    }
}
