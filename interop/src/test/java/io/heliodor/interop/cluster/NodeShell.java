package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.fail;

import io.heliodor.interop.hosts.Programs;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node in a process of its own: commands go in, answers and events come out. Thread-safe. */
final class NodeShell {
    /** A command is answered within 10 s, or its own time, of which none in the tests is longer than a minute. */
    static final Duration ANSWER = Duration.ofSeconds(60);

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final int LOG_KEPT = 200_000;

    private final NodeSpec spec;
    private final Process process;
    private final BufferedWriter input;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final Object writing = new Object();
    private final Object lock = new Object();
    private final Deque<Pending> sent = new ArrayDeque<>();
    private final List<Event> events = new ArrayList<>();
    private final StringBuilder log = new StringBuilder();
    private final List<String> unexpected = new ArrayList<>();
    private final Thread outputReader;
    private final Thread errorReader;

    private record Pending(String command, CompletableFuture<Answer> answer) {}

    NodeShell(NodeSpec spec, Process process) {
        this.spec = spec;
        this.process = process;
        this.input = process.outputWriter();
        outputReader = Thread.ofPlatform().daemon().name(spec.app() + "-out").start(() -> read(process.inputReader()));
        errorReader = Thread.ofPlatform().daemon().name(spec.app() + "-err").start(() -> log(process.errorReader()));
    }

    /** {@code app@host}. */
    String name() {
        return spec.name();
    }

    NodeSpec spec() {
        return spec;
    }

    long pid() {
        return process.pid();
    }

    /** The address at which it listens, from its first event. */
    String address() {
        return spec.host() + ":" + port();
    }

    int port() {
        return port.getNow(-1);
    }

    void awaitStarted(Duration deadline) {
        try {
            port.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            fail("did not start within " + deadline + "\n" + describe());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends a command without waiting; answers come in the order of the commands. */
    CompletableFuture<Answer> begin(String command) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        synchronized (writing) {
            synchronized (lock) {
                sent.addLast(new Pending(command, answer));
            }
            try {
                input.write(command);
                input.write('\n');
                input.flush();
            } catch (IOException e) {
                answer.completeExceptionally(e);
            }
        }
        return answer;
    }

    /** Sends a command, and returns its answer, good or bad. */
    Answer run(String command) {
        return answer(command, begin(command), ANSWER);
    }

    Answer answer(String command, CompletableFuture<Answer> answer, Duration deadline) {
        try {
            return answer.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return fail("no answer to '" + command + "' within " + deadline + "\n" + describe());
        } catch (ExecutionException e) {
            return fail("no answer to '" + command + "': " + e.getCause() + "\n" + describe(), e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends a command that must succeed. */
    Answer ok(String command) {
        return run(command).good();
    }

    /** The number of events so far; later events come after this mark. */
    int mark() {
        synchronized (lock) {
            return events.size();
        }
    }

    List<Event> since(int mark) {
        synchronized (lock) {
            return List.copyOf(events.subList(mark, events.size()));
        }
    }

    /** Those after a mark that match a pattern. */
    List<Event> since(int mark, Happening happening) {
        return since(mark).stream()
                .filter(event -> happening.matches(event.json()))
                .toList();
    }

    /** The first after a mark that matches a pattern; it may have come already. */
    Event await(int mark, Happening happening, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        synchronized (lock) {
            int seen = mark;
            while (true) {
                for (; seen < events.size(); seen++) {
                    if (happening.matches(events.get(seen).json())) {
                        return events.get(seen);
                    }
                }
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return fail("no " + happening + " within " + deadline + "\n" + describe());
                }
                try {
                    lock.wait(left / 1_000_000 + 1);
                } catch (InterruptedException e) {
                    throw interrupted(e);
                }
            }
        }
    }

    /** The last lines of its standard error. */
    String log() {
        synchronized (lock) {
            return log.toString();
        }
    }

    /** Lines of standard output that are neither an answer nor an event, or came out of order. */
    List<String> unexpected() {
        synchronized (lock) {
            return List.copyOf(unexpected);
        }
    }

    /** SIGKILL: it ends without a message. */
    void kill() {
        process.toHandle().destroyForcibly();
        status(Duration.ofSeconds(10));
    }

    /** SIGTERM. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGSTOP: it does nothing more, and its sockets stay open. */
    void freeze() {
        signal("STOP");
        // The signal waits for a thread that takes it, and on a busy machine the others go on until then.
        Awaitility.await("all threads are stopped")
                .atMost(Duration.ofSeconds(10))
                .until(this::stopped);
    }

    private boolean stopped() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            for (Path task : (Iterable<Path>) tasks::iterator) {
                String stat = Files.readString(task.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return false; // a thread has ended since they were listed
        }
    }

    /** SIGCONT. */
    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        Programs.run(Duration.ofSeconds(10), "kill", "-" + name, Long.toString(pid()));
    }

    /** Closes its standard input. */
    void endInput() throws IOException {
        synchronized (writing) {
            input.close();
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Waits for its end, and for all that it printed. */
    int status(Duration deadline) {
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                fail("did not end within " + deadline + "\n" + describe());
            }
            outputReader.join(5_000);
            errorReader.join(5_000);
            return process.exitValue();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** For a failure: the stacks of its threads, virtual ones too. */
    String threads() {
        try {
            Path dump = Files.createTempFile("threads", ".txt");
            try {
                Programs.run(
                        Duration.ofSeconds(20),
                        System.getProperty("java.home") + "/bin/jcmd",
                        Long.toString(pid()),
                        "Thread.dump_to_file",
                        "-overwrite",
                        dump.toString());
                return "--- threads of " + spec.name() + "\n" + Files.readString(dump);
            } finally {
                Files.delete(dump);
            }
        } catch (IOException | AssertionError e) {
            return "--- no threads of " + spec.name() + ": " + e;
        }
    }

    /** For a failure: its last output. */
    String describe() {
        synchronized (lock) {
            int from = Math.max(0, events.size() - 30);
            StringBuilder text = new StringBuilder("--- ").append(spec.name());
            text.append(process.isAlive() ? " (alive), events:\n" : " (ended), events:\n");
            events.subList(from, events.size())
                    .forEach(event -> text.append(String.format(
                            Locale.ROOT, "%.3f s ago: %s%n", (System.nanoTime() - event.nanos()) / 1e9, event)));
            text.append("unanswered: ")
                    .append(sent.stream().map(Pending::command).limit(5).toList());
            text.append("\nstrange: ").append(unexpected);
            text.append("\nstandard error: ").append(log, Math.max(0, log.length() - 2_000), log.length());
            return text.toString();
        }
    }

    private void read(BufferedReader output) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                parse(System.nanoTime(), line);
            }
        } catch (IOException e) {
            // It ended.
        }
        List<Pending> unanswered;
        synchronized (lock) {
            unanswered = List.copyOf(sent);
            sent.clear();
        }
        IOException ended = new IOException(spec.name() + " ended");
        unanswered.forEach(each -> each.answer().completeExceptionally(ended));
        port.completeExceptionally(ended);
    }

    private void parse(long now, String line) {
        JsonNode json;
        try {
            json = MAPPER.readTree(line);
        } catch (JacksonException e) {
            unexpected(line);
            return;
        }
        if (json.has("event")) {
            if (!port.isDone()) {
                if (!json.path("event").asString("").equals("started")) {
                    unexpected(line);
                }
                port.complete(json.path("port").asInt(-1));
            }
            synchronized (lock) {
                events.add(new Event(now, json));
                lock.notifyAll();
            }
            return;
        }
        Pending pending;
        synchronized (lock) {
            pending = sent.pollFirst();
        }
        if (pending == null || !json.path("ok").isBoolean()) {
            unexpected(line);
        } else {
            pending.answer().complete(new Answer(spec.name(), pending.command(), json));
        }
    }

    private void unexpected(String line) {
        synchronized (lock) {
            unexpected.add(line);
        }
    }

    private void log(BufferedReader errors) {
        try {
            for (String line = errors.readLine(); line != null; line = errors.readLine()) {
                synchronized (lock) {
                    log.append(line).append('\n');
                    if (log.length() > 2 * LOG_KEPT) {
                        log.delete(0, log.length() - LOG_KEPT);
                    }
                }
            }
        } catch (IOException e) {
            // It ended.
        }
    }

    static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted: the test took too long", e);
    }
}
