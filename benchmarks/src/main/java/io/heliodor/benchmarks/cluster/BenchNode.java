package io.heliodor.benchmarks.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One node of {@code bench cluster}, alone in its process. It ends when its standard input does.
 *
 * <p>Arguments: {@code heliodor} or {@code jgroups}; the number of this node, from 0; how many nodes there are; bytes of a
 * message; the port of node 0 on loopback, or 0 for node 0 itself; the key store for the TLS of JGroups, or {@code -} for
 * none. With the environment variable {@code BENCH_SECRET} connections are encrypted: it is the cookie, or the password of
 * the key store. It prints {@code listening PORT}, then reads commands and answers each by a line:
 *
 * <pre>
 * meet PORT...             met                      when it can speak to all nodes, which listen there
 * start OPERATION TRIAL    started
 * measure                  measuring                the warm-up is over
 * end                      sent MESSAGES            or, with nanoseconds from the second figure on,
 *                          asked TIMES WHILE P50 P99 MAX
 * report TRIAL             received MESSAGES NANOSECONDS FAULTS
 * </pre>
 *
 * <p>What goes wrong is answered by {@code failed} and why.
 */
public final class BenchNode {
    private final Member member;
    private final NodeWorkload part;
    private @Nullable OperationLoop doing;

    private BenchNode(Member member, NodeWorkload part) {
        this.member = member;
        this.part = part;
    }

    /** Runs the node until standard input ends. */
    public static void main(String[] arguments) throws Exception {
        int self = Integer.parseInt(arguments[1]);
        int nodes = Integer.parseInt(arguments[2]);
        int size = Integer.parseInt(arguments[3]);
        int seed = Integer.parseInt(arguments[4]);
        @Nullable String secret = System.getenv("BENCH_SECRET");
        NodeWorkload part = new NodeWorkload(self, nodes, size);
        Member member = switch (arguments[0]) {
            case "heliodor" -> HeliodorMember.start(part, self, seed, secret);
            case "jgroups" -> JGroupsMember.start(part, seed, arguments[5], secret);
            default -> throw new IllegalArgumentException("heliodor or jgroups, not " + arguments[0]);
        };
        System.out.println("listening " + member.port());
        new BenchNode(member, part).obey();
        // Its end has no effect, and others must not wait for it.
        Runtime.getRuntime().halt(0);
    }

    private void obey() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = answer(line.split(" ", -1));
            } catch (Exception e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                answer = "failed " + cause.toString().replace('\n', ' ');
            }
            System.out.println(answer);
        }
    }

    private String answer(String[] command) throws Exception {
        return switch (command[0]) {
            case "meet" -> {
                member.meet(Arrays.stream(command).skip(1).map(Integer::valueOf).toList());
                yield "met";
            }
            case "start" -> {
                Operation operation = Operation.valueOf(command[1].toUpperCase(Locale.ROOT));
                doing = OperationLoop.start(member, part, operation, Integer.parseInt(command[2]));
                yield "started";
            }
            case "measure" -> {
                doing().measure();
                yield "measuring";
            }
            case "end" -> doing().end();
            case "report" -> {
                Incoming.Received received = part.incoming().await(Integer.parseInt(command[1]));
                yield "received " + received.count() + " " + received.nanos() + " " + received.faults();
            }
            default -> throw new IllegalArgumentException("no such command: " + command[0]);
        };
    }

    private OperationLoop doing() {
        if (doing == null) {
            throw new IllegalStateException("nothing was started");
        }
        return doing;
    }
}
