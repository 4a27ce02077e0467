package io.heliodor.session.once;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.once.CallKey;
import io.heliodor.once.Finding;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptAnswer;
import io.heliodor.once.KeptCall;
import io.heliodor.once.KeyOwner;
import io.heliodor.once.KeyWindow;
import io.heliodor.once.OnceLimits;
import io.heliodor.session.once.MergedFindings.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random orders of the steps of calls with few keys on several nodes, of which some crash: claims, responses, grants, copies,
 * answers. A key is executed at most once, and all its answers are equal, except {@code unknown} and refusals.
 */
class OnceSimulationTests {
    private static final int STEPS = 400;
    private static final Fingerprint CALL = new Fingerprint(1, 1);

    private final Map<String, Node> nodes = new TreeMap<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private final Map<CallKey, Integer> executions = new HashMap<>();
    private final Map<CallKey, Set<String>> answers = new HashMap<>();
    private Random random = new Random(0);

    private static final class Node {
        final KeyWindow window;
        final KeyOwner owner;

        Node(String name) {
            owner = new KeyOwner(name, 0);
            window = new KeyWindow(owner, OnceLimits.DEFAULTS);
        }
    }

    /** One call of a client, step by step, as {@link OnceCalls} handles it. */
    private final class Attempt {
        final Node node;
        final CallKey key;
        final Map<String, Response> responses = new HashMap<>();
        List<String> toAsk = new ArrayList<>();
        long claim;

        private enum Phase {
            BEGIN,
            ASK,
            KEEP,
            RUN,
            COPY,
            DONE
        }

        Phase phase = Phase.BEGIN;

        Attempt(Node node, CallKey key) {
            this.node = node;
            this.key = key;
        }

        void step() {
            switch (phase) {
                case BEGIN -> begin();
                case ASK -> ask();
                case KEEP -> {
                    keep();
                    phase = Phase.RUN;
                }
                case RUN -> run();
                case COPY -> {
                    keep();
                    phase = Phase.DONE;
                }
                case DONE -> {}
            }
        }

        private void begin() {
            Finding found = node.window.begin(key, CALL, nodes.keySet(), 0);
            if (found instanceof Finding.Claimed(long number)) {
                claim = number;
                responses.clear();
                toAsk = others();
                phase = Phase.ASK;
            } else {
                done(found);
            }
        }

        private List<String> others() {
            List<String> others = new ArrayList<>(nodes.keySet());
            others.remove(node.owner.node());
            return others;
        }

        private void ask() {
            if (!toAsk.isEmpty()) {
                String name = toAsk.remove(random.nextInt(toAsk.size()));
                Node other = nodes.get(name);
                responses.put(
                        name,
                        other == null
                                ? new Response.Silent()
                                : new Response.Found(
                                        other.owner,
                                        other.window.claimedBy(node.owner.node(), key, CALL, nodes.keySet(), 0)));
                return;
            }
            Finding found = new MergedFindings(node.owner, responses, nodes.keySet()).finding();
            if (found instanceof Finding.Nothing) {
                phase = node.window.grant(key, claim) ? Phase.KEEP : Phase.BEGIN;
            } else {
                node.window.release(key, claim);
                done(found);
            }
        }

        private void keep() {
            node.window.call(key).ifPresent(call -> place(node, call));
        }

        private void run() {
            executions.merge(key, 1, Integer::sum);
            node.window.answered(
                    key, claim, new KeptAnswer(true, false, (node.owner.node() + claim).getBytes(UTF_8)), 0);
            phase = Phase.COPY;
        }

        private void done(Finding found) {
            if (found instanceof Finding.Answered(var answer)) {
                answers.computeIfAbsent(key, _ -> new HashSet<>()).add(new String(answer.payload(), UTF_8));
            }
            phase = Phase.DONE;
        }
    }

    /** Copies a call to the holder that it has, or to any other node. */
    private void place(Node from, KeptCall call) {
        List<String> others = new ArrayList<>(nodes.keySet());
        others.remove(from.owner.node());
        if (others.isEmpty()) {
            return;
        }
        Optional<String> holder = from.window.holder(call.key()).filter(nodes::containsKey);
        String to = holder.orElseGet(() -> others.get(random.nextInt(others.size())));
        if (nodes.get(to).window.keep(call, from.owner.node(), 0)) {
            from.window.placed(call, to, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void noKeyIsExecutedTwice(int size) {
        int seeds = Integer.getInteger("heliodor.seeds", 500);
        int repeated = 0;
        for (int seed = 0; seed < seeds; seed++) {
            repeated += simulate(size, seed);
        }
        assertThat(repeated).as("repeats that got an answer").isGreaterThan(seeds);
    }

    private int simulate(int size, int seed) {
        random = new Random(seed);
        nodes.clear();
        attempts.clear();
        executions.clear();
        answers.clear();
        for (int i = 0; i < size; i++) {
            nodes.put("n" + i, new Node("n" + i));
        }
        int repeated = 0;
        for (int step = 0; step < STEPS; step++) {
            int choice = random.nextInt(100);
            if (choice < 15) {
                attempts.add(new Attempt(any(), new CallKey("id", "k" + random.nextInt(3))));
            } else if (choice < 20) {
                sweep();
            } else if (choice == 20 && nodes.size() > 1) {
                crash();
            } else if (!attempts.isEmpty()) {
                Attempt attempt = attempts.get(random.nextInt(attempts.size()));
                attempt.step();
                if (attempt.phase == Attempt.Phase.DONE) {
                    attempts.remove(attempt);
                }
            }
            check(seed);
        }
        for (Set<String> each : answers.values()) {
            repeated += each.size();
        }
        return repeated;
    }

    private void check(int seed) {
        assertThat(executions.values()).as("executions, seed " + seed).allMatch(times -> times == 1);
        answers.forEach((key, all) -> assertThat(all.size())
                .as("answers of " + key + ": " + all + ", seed " + seed)
                .isOne());
    }

    private Node any() {
        return new ArrayList<>(nodes.values()).get(random.nextInt(nodes.size()));
    }

    private void sweep() {
        nodes.values().forEach(node -> node.window.sweep(nodes.keySet(), 0).forEach(call -> place(node, call)));
    }

    /** A node crashes when the keys that it shared with earlier ones have further copies. */
    private void crash() {
        sweep();
        Node crashed = any();
        nodes.remove(crashed.owner.node());
        attempts.removeIf(attempt -> attempt.node == crashed);
    }
}
