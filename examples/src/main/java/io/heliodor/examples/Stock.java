package io.heliodor.examples;

import io.heliodor.election.Election;
import io.heliodor.membership.Health;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.process.Body;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.Registry.Addressed;
import io.heliodor.process.Registry.Sent;
import io.heliodor.process.ReplyTo;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.rpc.Procedure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;

/** A cluster without channels: processes, names, groups, calls, topics and leaders. */
final class Stock {
    // @start region=messages
    sealed interface Counter {
        record Add(int amount) implements Counter {}

        record Read(ReplyTo<Integer> reply) implements Counter {}
    }
    // @end

    // @start region=name
    static final Name<Counter> COUNTER = Name.of("counter", Counter.class);
    // @end

    record Entry(String text) {}

    static final Name<Entry> AUDIT = Name.of("audit", Entry.class);

    // @start region=spawner
    record Start(int from) {}

    record Started(Pid<Counter> counter) {}

    static final Procedure<Start, Started> START = Procedure.of("stock.start", Start.class, Started.class);
    // @end

    // @start region=job
    record Job(String url) {}

    static final Name<Job> WORKERS = Name.of("workers", Job.class);
    // @end

    // @start region=procedure
    record Reserve(String sku, int count) {}

    record Reserved(String code) {}

    static final Procedure<Reserve, Reserved> RESERVE = Procedure.of("stock.reserve", Reserve.class, Reserved.class);
    // @end

    record Sold(String sku) {}

    static final Topic<Sold> SOLD = Topic.of("sold", Sold.class);

    private Stock() {}

    static Node start(Path cookie) {
        // @start region=start
        Node node = Node.builder("stock@app1")
                .cookie(Cookie.fromFile(cookie))
                .bind("app1", 7100)
                .seeds("app1:7100", "app2:7100")
                .start();
        // @end
        return node;
    }

    static Node vote(Path cookie, Path data) {
        // @start region=voters
        Node node = Node.builder("stock@app1")
                .cookie(Cookie.fromFile(cookie))
                .bind("app1", 7100)
                .seeds("app1:7100", "app2:7100", "app3:7100")
                .voters(data, "stock@app1", "stock@app2", "stock@app3")
                .start();
        // @end
        return node;
    }

    static int count(Node node) {
        // @start region=spawn
        Pid<Counter> counter = node.spawn(Counter.class, inbox -> {
            int total = 0;
            while (true) {
                switch (inbox.receive()) {
                    case Counter.Add(int amount) -> total += amount;
                    case Counter.Read(var reply) -> reply.reply(total);
                }
            }
        });

        counter.send(new Counter.Add(2));
        int total =
                counter.<Integer>call(Counter.Read::new, Duration.ofSeconds(1)).orThrow();
        // @end
        node.registry().register(COUNTER, counter).orThrow();
        return total;
    }

    static void register(Node node, Pid<Counter> counter) {
        // @start region=register
        node.registry().register(COUNTER, counter).orThrow();
        // @end
    }

    static int read(Node node) throws InterruptedException {
        // @start region=await
        Pid<Counter> found =
                node.registry().await(COUNTER, Duration.ofSeconds(5)).orElseThrow();
        // @end
        return found.<Integer>call(Counter.Read::new, Duration.ofSeconds(5)).orThrow();
    }

    static boolean sendBoth(Node node) {
        // @start region=batch
        List<Sent> results = node.registry()
                .sendAll(List.of(
                        new Addressed<>(COUNTER, new Counter.Add(1)), new Addressed<>(AUDIT, new Entry("one more"))));
        boolean all = results.stream().allMatch(Sent.Ok.class::isInstance);
        // @end
        return all;
    }

    private static Body<Counter> counting(int from) {
        return inbox -> {
            int total = from;
            while (true) {
                switch (inbox.receive()) {
                    case Counter.Add(int amount) -> total += amount;
                    case Counter.Read(var reply) -> reply.reply(total);
                }
            }
        };
    }

    static void serveCounters(Node node) {
        // @start region=elsewhere
        node.rpc().serve(START, start -> new Started(node.spawn(Counter.class, counting(start.from()))));
        // @end
    }

    static int countOn(Node node, String on) {
        // @start region=started
        Started started =
                node.rpc().call(on, START, new Start(10), Duration.ofSeconds(2)).orThrow();
        started.counter().send(new Counter.Add(2));
        // @end
        return started.counter()
                .<Integer>call(Counter.Read::new, Duration.ofSeconds(5))
                .orThrow();
    }

    static void work(Node node, Queue<String> done) {
        // @start region=group
        ProcessGroup<Job> workers = node.group(WORKERS);
        workers.join(node.spawn(Job.class, inbox -> {
            while (true) {
                done.add(inbox.receive().url());
            }
        }));
        workers.broadcast(new Job("https://example.org"));
        // @end
    }

    static void serve(Node node) {
        // @start region=serve
        node.rpc().serve(RESERVE, request -> new Reserved(request.sku() + "-1"));
        // @end
    }

    static String reserve(Node node, String from) {
        // @start region=call
        CallOutcome<Reserved> outcome = node.rpc().call(from, RESERVE, new Reserve("tea", 1), Duration.ofSeconds(2));
        String code = outcome instanceof CallOutcome.Ok<Reserved>(var reserved) ? reserved.code() : "none: " + outcome;
        // @end
        return code;
    }

    static Subscription follow(Node node, Queue<String> sold) {
        // @start region=subscribe
        Subscription audit = node.pubsub().subscribe(SOLD, sale -> sold.add(sale.sku()));
        audit.ready().join(); // from now on no message of any node is missed
        // @end
        return audit;
    }

    static Health look(Node node, Queue<String> seen) {
        // @start region=membership
        node.metadata().put("version", "2.1");
        node.membership().subscribe(event -> seen.add(event.toString()));
        Health health = node.health(Duration.ofSeconds(2));
        // @end
        return health;
    }

    static Election schedule(Node node, AtomicInteger runs) {
        // @start region=lead
        Election scheduler = node.election("scheduler").whileLeading(term -> {
            while (true) {
                runs.incrementAndGet(); // the due work
                Thread.sleep(1_000);
            }
        });
        // @end
        return scheduler;
    }

    /** Accepts writes of the current leader only, by its fencing token. */
    static final class Ledger {
        private long newest;
        private int orders;

        // @start region=fence
        synchronized boolean write(long token) {
            if (token < newest) {
                return false; // a former leader that has not noticed its end
            }
            newest = token;
            orders++;
            return true;
        }
        // @end

        synchronized int orders() {
            return orders;
        }
    }

    static Election writeOrders(Node node, Ledger ledger) {
        // @start region=fenced
        Election writer = node.election("writer").whileLeading(term -> {
            long token = term.fencing().orElseThrow();
            while (ledger.write(token)) {
                Thread.sleep(100);
            }
        });
        // @end
        return writer;
    }
}
