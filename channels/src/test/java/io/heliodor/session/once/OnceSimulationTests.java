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
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls with the same keys on several nodes, in a time that a seed draws. Nodes are paused at any step: their messages and clocks go on
 * without them, and they continue with what they had. The others exclude one that is paused for long, each at its own moment, and take
 * it back later. Nodes crash, and close and open their endpoints. A key is executed at most once, all its answers are equal, except
 * {@code unknown} and refusals, and in the end each node has an answer for it.
 */
class OnceSimulationTests {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final Fingerprint CALL = new Fingerprint(1, 1);
    private static final int KEYS = 30;

    /** Of so many grants and copies one is followed by a pause. */
    private static final int OFTEN = 6;

    /** The time in which there are faults, and that after which each node is asked for each key. */
    private static final long FAULTS = 150 * SECOND;

    private static final long QUIET = 230 * SECOND;

    /** A silence of so long ends nothing. */
    private static final long TOLERATED = 8 * SECOND;

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<CallKey, List<String>> executions = new HashMap<>();
    private final Map<CallKey, Set<String>> answers = new HashMap<>();
    private Random random = new Random(0);
    private int seed;
    private long now;
    private long scheduled;

    /** The members, and the number of the view that they get. */
    private Set<String> group = new LinkedHashSet<>();

    private int views;
    private long calmAt;
    private int exclusions;

    private record Event(long at, long number, Runnable run) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    private static final class Node {
        final String name;
        final List<Request> pending = new ArrayList<>();
        KeyOwner owner;
        KeyWindow window;
        Set<String> view = Set.of();
        int viewNumber;
        long pausedUntil;
        boolean crashed;
        int placing;

        Node(String name) {
            this.name = name;
            this.owner = new KeyOwner(name, 0);
            this.window = new KeyWindow(owner, OnceLimits.DEFAULTS);
        }

        List<String> others() {
            return view.stream().filter(each -> !each.equals(name)).toList();
        }
    }

    private static final class Request {
        final String to;
        final Consumer<Response> result;
        boolean settled;

        Request(String to, Consumer<Response> result) {
            this.to = to;
            this.result = result;
        }

        void settle(Response response) {
            if (!settled) {
                settled = true;
                result.accept(response);
            }
        }
    }

    private interface Handler {
        void handle(Node node, Consumer<Response> reply);
    }

    private void at(long delay, Runnable run) {
        events.add(new Event(now + delay, scheduled++, run));
    }

    /** Runs something on a node, after its pause: what has waited for its end comes in any order. */
    private void on(Node node, long delay, Runnable run) {
        at(delay, () -> {
            if (node.pausedUntil > now) {
                on(node, node.pausedUntil - now + random.nextLong(50 * MS), run);
            } else if (!node.crashed) {
                run.run();
            }
        });
    }

    private long latency() {
        return now < FAULTS && random.nextInt(10) == 0 ? random.nextLong(1_500 * MS) : random.nextLong(20 * MS);
    }

    /** Sends a request. A sender that the receiver does not have in its view may get no response. */
    private void request(Node from, String to, long timeout, Handler handler, Consumer<Response> result) {
        Request request = new Request(to, result);
        if (!from.view.contains(to)) {
            on(from, 0, () -> request.settle(new Response.Silent()));
            return;
        }
        from.pending.removeIf(each -> each.settled);
        from.pending.add(request);
        on(from, timeout, () -> request.settle(new Response.Silent()));
        Node target = nodes.get(to);
        on(target, latency(), () -> {
            if (target.view.contains(from.name) || random.nextBoolean()) {
                handler.handle(target, response -> on(from, latency(), () -> request.settle(response)));
            }
        });
    }

    /** One call of a client, step by step, as {@link OnceCalls} handles it. */
    private final class Attempt {
        final Node node;
        final KeyOwner owner;
        final CallKey key;
        final Consumer<Finding> end;
        int claims;
        long claim;

        Attempt(Node node, CallKey key, Consumer<Finding> end) {
            this.node = node;
            this.owner = node.owner;
            this.key = key;
            this.end = end;
        }

        /** A step, before which the node may be paused. It does not come if its endpoint is closed. */
        void step(Runnable run) {
            step(60, run);
        }

        /** A step that one pause in so many is for. The client of a paused node repeats its call at another one. */
        private void step(int pauses, Runnable run) {
            on(node, random.nextLong(100 * MS), () -> {
                if (now < FAULTS && random.nextInt(pauses) == 0) {
                    pause(node, pauses == OFTEN ? 1 : 6);
                    at((11_000 + random.nextLong(10_000)) * MS, () -> call(any(), key, _ -> {}));
                    step(run);
                } else if (node.owner.equals(owner)) {
                    run.run();
                }
            });
        }

        void begin() {
            if (++claims > 5) {
                done(new Finding.Unsure());
                return;
            }
            Finding found = node.window.begin(key, CALL, node.view, now);
            switch (found) {
                case Finding.Claimed(long number) -> {
                    claim = number;
                    ask(true, new Finding.Nothing(), 0, this::claimed);
                }
                case Finding.Running _ -> step(() -> await(0));
                case Finding.Unknown _ ->
                    ask(false, found, 0, (other, _) -> done(other instanceof Finding.Answered ? other : found));
                default -> done(found);
            }
        }

        private void ask(boolean claims, Finding own, int times, Merged then) {
            Set<String> before = node.view;
            Set<String> asked = new HashSet<>(node.others());
            Map<String, Response> responses = new HashMap<>();
            Runnable merge = () -> {
                responses.put(node.name, new Response.Found(owner, own));
                Finding found = new MergedFindings(owner, responses, node.view).finding();
                if (found instanceof Finding.Unsure && !node.view.equals(before) && times < 4) {
                    ask(claims, own, times + 1, then);
                } else {
                    step(() -> then.found(found, asked));
                }
            };
            if (asked.isEmpty()) {
                merge.run();
            }
            for (String each : asked) {
                request(
                        node,
                        each,
                        (claims ? 2 : 3) * SECOND,
                        (other, reply) -> reply.accept(new Response.Found(
                                other.owner,
                                claims
                                        ? other.window.claimedBy(node.name, key, CALL, other.view, now)
                                        : other.window.find(key, CALL, other.view, now))),
                        response -> {
                            responses.put(each, response);
                            if (responses.size() == asked.size()) {
                                merge.run();
                            }
                        });
            }
        }

        private void claimed(Finding found, Set<String> asked) {
            Finding granted =
                    found instanceof Finding.Nothing ? node.window.grant(key, claim, asked, node.view, now) : found;
            if (granted instanceof Finding.Nothing) {
                step(
                        15,
                        () -> node.window
                                .call(key)
                                .ifPresent(call ->
                                        place(node, call, 3, asked, outcome -> step(OFTEN, () -> placed(outcome)))));
                return;
            }
            node.window.release(key, claim);
            if (granted instanceof Finding.Claimed) {
                begin();
            } else if (granted instanceof Finding.Running) {
                step(() -> await(0));
            } else {
                done(granted);
            }
        }

        private void placed(HolderSearch.Outcome<String> outcome) {
            boolean taken = outcome instanceof HolderSearch.Outcome.Taken;
            if (taken || outcome instanceof HolderSearch.Outcome.Silent || !node.window.mayRun(key, claim, now)) {
                node.window.release(key, claim);
                if (taken) {
                    begin();
                } else {
                    done(new Finding.Unsure());
                }
                return;
            }
            step(this::run);
        }

        private void run() {
            List<String> times = executions.computeIfAbsent(key, _ -> new ArrayList<>());
            times.add(node.name + " at " + now / MS + " ms");
            assertThat(times).as("executions of %s, seed %s", key, seed).hasSize(1);
            long duration = random.nextInt(3) == 0 ? random.nextLong(8 * SECOND) : random.nextLong(50 * MS);
            on(
                    node,
                    duration,
                    () -> step(() -> {
                        node.window.answered(
                                key, claim, new KeptAnswer(true, false, (node.name + claim).getBytes(UTF_8)), now);
                        place(node, node.window.call(key).orElseThrow(), 1, Set.of(), _ -> step(this::begin));
                    }));
        }

        private void await(int times) {
            Finding here = node.window.find(key, CALL, node.view, now);
            if (times > 60) {
                done(here);
            } else if (here instanceof Finding.Running(var by) && by.equals(owner)) {
                on(node, SECOND, () -> step(() -> await(times + 1)));
            } else if (here instanceof Finding.Nothing || here instanceof Finding.Running) {
                OptionalLong copy = node.window.copy(key);
                ask(false, here, 0, (found, _) -> {
                    if (found instanceof Finding.Nothing && copy.isPresent()) {
                        node.window.release(key, copy.getAsLong());
                    }
                    if (found instanceof Finding.Running) {
                        on(node, SECOND, () -> step(() -> await(times + 1)));
                    } else {
                        done(found);
                    }
                });
            } else {
                done(here);
            }
        }

        private void done(Finding found) {
            if (found instanceof Finding.Answered(var answer)) {
                Set<String> all = answers.computeIfAbsent(key, _ -> new HashSet<>());
                all.add(new String(answer.payload(), UTF_8));
                assertThat(all).as("answers of %s, seed %s", key, seed).hasSize(1);
            }
            end.accept(found);
        }
    }

    private interface Merged {
        void found(Finding finding, Set<String> asked);
    }

    /** Copies a call to the node that has it, or else to one after the other. */
    private void place(
            Node from, KeptCall call, int silences, Set<String> asked, Consumer<HolderSearch.Outcome<String>> then) {
        List<String> order = new ArrayList<>(from.others());
        Collections.shuffle(order, random);
        from.window.holder(call.key()).filter(order::remove).ifPresent(holder -> order.add(0, holder));
        placeNext(from, call, new HolderSearch<>(order, silences, !from.view.containsAll(asked)), then);
    }

    private void placeNext(
            Node from, KeptCall call, HolderSearch<String> search, Consumer<HolderSearch.Outcome<String>> then) {
        String next = search.next();
        if (next != null) {
            request(from, next, SECOND, (node, reply) -> keep(node, call, from.name, reply), response -> {
                search.response(response);
                placeNext(from, call, search, then);
            });
            return;
        }
        String holder = switch (search.outcome()) {
            case HolderSearch.Outcome.Kept(var node) -> node;
            case HolderSearch.Outcome.Taken(var node) -> node;
            default -> "";
        };
        if (!holder.isEmpty()) {
            from.window.placed(call, holder, now);
        }
        then.accept(search.outcome());
    }

    private void keep(Node node, KeptCall call, String from, Consumer<Response> reply) {
        Finding kept = node.window.keep(call, from, now);
        OptionalLong copy = node.window.copy(call.key());
        if (!(kept instanceof Finding.Running(var by)) || copy.isEmpty()) {
            reply.accept(new Response.Found(node.owner, kept));
            return;
        }
        request(
                node,
                by.node(),
                SECOND / 2,
                (owner, found) -> found.accept(new Response.Found(
                        owner.owner, owner.window.find(call.key(), call.fingerprint(), owner.view, now))),
                found -> {
                    if (MergedFindings.isGivenUp(by, found)) {
                        node.window.release(call.key(), copy.getAsLong());
                    }
                    reply.accept(new Response.Found(node.owner, node.window.keep(call, from, now)));
                });
    }

    // Faults.

    private void view(Node node, Set<String> members, int number, long delay) {
        on(node, delay, () -> {
            if (number > node.viewNumber) {
                node.viewNumber = number;
                node.view = members;
                List.copyOf(node.pending).stream()
                        .filter(request -> !members.contains(request.to))
                        .forEach(request -> request.settle(new Response.Silent()));
            }
        });
    }

    private void group(Set<String> members, long within) {
        group = members;
        views++;
        members.forEach(each -> view(nodes.get(each), members, views, random.nextLong(within)));
    }

    /** Whether a node may leave: no other one did lately, and each call that it has executed is on another one. */
    private boolean mayLeave(Node node) {
        return now >= calmAt
                && group.size() > 1
                && node.pausedUntil <= now
                && node.window.sweep(node.view, now).stream().noneMatch(call -> executions.containsKey(call.key()));
    }

    /**
     * Pauses a node, one in so many times for long. One that is excluded counts as dead: at most one at a time, while all calls are on
     * two nodes.
     */
    private void pause(Node node, int longOnes) {
        if (!mayLeave(node) || random.nextInt(longOnes) > 0) {
            if (node.pausedUntil + TOLERATED <= now) {
                node.pausedUntil = now + 100 * MS + random.nextLong(TOLERATED - 200 * MS);
            }
            return;
        }
        long exclusion = (10_000 + random.nextLong(2_000)) * MS;
        long length = random.nextInt(3) == 0
                ? (10_000 + random.nextLong(3_000)) * MS
                : (10_000 + random.nextLong(50_000)) * MS;
        node.pausedUntil = now + length;
        calmAt = Long.MAX_VALUE;
        at(exclusion, () -> {
            if (node.pausedUntil <= now) {
                calmAt = now + SECOND;
                return;
            }
            exclusions++;
            Set<String> rest = new LinkedHashSet<>(group);
            rest.remove(node.name);
            group(rest, 2 * SECOND);
            if (random.nextBoolean()) {
                view(node, Set.of(node.name), views, random.nextLong(3 * SECOND));
            }
            long merge = node.pausedUntil - now + (3_000 + random.nextLong(7_000)) * MS;
            at(merge, () -> {
                Set<String> all = new LinkedHashSet<>(group);
                all.add(node.name);
                group(all, SECOND);
                calmAt = now + 3 * SECOND;
            });
        });
    }

    private void crash(Node node) {
        node.crashed = true;
        calmAt = now + 15 * SECOND;
        at(random.nextLong(12 * SECOND), () -> {
            Set<String> rest = new LinkedHashSet<>(group);
            rest.remove(node.name);
            group(rest, 2 * SECOND);
        });
    }

    /** The endpoints of a node are closed, and others opened, which do not have its keys. */
    private void reopen(Node node) {
        node.owner = new KeyOwner(node.name, node.owner.generation() + 1);
        node.window = new KeyWindow(node.owner, OnceLimits.DEFAULTS);
        calmAt = Long.MAX_VALUE; // the owners of its copies do not notice this, so that it is the last such fault
    }

    private void fault() {
        Node node = any();
        int choice = random.nextInt(20);
        if (choice < 12) {
            pause(node, 6);
        } else if (choice == 12 && mayLeave(node)) {
            crash(node);
        } else if (choice == 13 && now > FAULTS / 2 && mayLeave(node)) {
            reopen(node);
        }
        if (now < FAULTS) {
            at(random.nextLong(5 * SECOND), this::fault);
        }
    }

    private Node any() {
        return nodes.get(new ArrayList<>(group).get(random.nextInt(group.size())));
    }

    private void sweep(Node node) {
        List<KeptCall> uncopied = node.window.sweep(node.view, now);
        if (node.placing == 0) {
            for (KeptCall call : uncopied) {
                node.placing++;
                place(node, node.window.call(call.key()).orElseThrow(), 3, Set.of(), _ -> node.placing--);
            }
        }
        on(node, SECOND, () -> sweep(node));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void noKeyIsExecutedTwice(int size) {
        int seeds = Integer.getInteger("heliodor.seeds", 100);
        int first = Integer.getInteger("heliodor.seed", 0);
        int answered = 0;
        int excluded = 0;
        for (int seed = first; seed < first + seeds; seed++) {
            answered += simulate(size, seed);
            excluded += exclusions;
        }
        assertThat(answered).as("keys that were answered").isGreaterThan(seeds);
        assertThat(excluded).as("pauses of excluded nodes").isGreaterThanOrEqualTo(seeds / 2);
    }

    private int simulate(int size, int seed) {
        this.seed = seed;
        random = new Random(seed);
        nodes.clear();
        events.clear();
        executions.clear();
        answers.clear();
        now = 0;
        views = 0;
        calmAt = 0;
        exclusions = 0;
        Set<String> all = new TreeSet<>();
        for (int i = 0; i < size; i++) {
            all.add("n" + i);
            nodes.put("n" + i, new Node("n" + i));
        }
        group = all;
        nodes.values().forEach(node -> {
            node.view = all;
            on(node, random.nextLong(SECOND), () -> sweep(node));
        });
        Map<CallKey, Map<String, Finding>> last = new LinkedHashMap<>();
        for (int i = 0; i < KEYS; i++) {
            CallKey key = new CallKey("id" + i, "k");
            long begin = random.nextLong(FAULTS);
            for (int repeats = 1 + random.nextInt(6); repeats > 0; repeats--) {
                long delay = random.nextBoolean() ? random.nextLong(300 * MS) : random.nextLong(25 * SECOND);
                at(begin + delay, () -> call(any(), key, _ -> {}));
            }
            for (int round = 0; round < 3; round++) {
                at(
                        QUIET + 20 * SECOND * round,
                        () -> group.forEach(name -> call(
                                nodes.get(name),
                                key,
                                found -> last.computeIfAbsent(key, _ -> new HashMap<>())
                                        .put(name, found))));
            }
        }
        at(random.nextLong(10 * SECOND), this::fault);
        while (now < QUIET + 80 * SECOND) {
            Event next = events.remove();
            now = next.at();
            next.run().run();
        }
        assertThat(last).as("keys with an answer in the end, seed %s", seed).hasSize(KEYS);
        last.forEach((key, found) -> assertThat(found.values())
                .as("%s in the end, %s, seed %s", key, executions.get(key), seed)
                .hasSize(group.size())
                .allMatch(each -> each instanceof Finding.Answered || each instanceof Finding.Unknown));
        return answers.size();
    }

    private void call(Node node, CallKey key, Consumer<Finding> end) {
        on(node, 0, () -> new Attempt(node, key, end).begin());
    }
}
