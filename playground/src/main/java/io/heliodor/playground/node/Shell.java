package io.heliodor.playground.node;

import io.heliodor.playground.node.Result.Done;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** Executes commands one at a time, and replies to each within its timeout. */
final class Shell {
    private static final Logger LOG = LoggerFactory.getLogger(Shell.class);

    /** Less than the timeout of a command, so that a silent node is reported as unreachable. */
    private static final Duration HEALTH = Duration.ofSeconds(5);

    private final ShellNode node;
    private final Printer printer;
    private final Inboxes inboxes;

    Shell(ShellNode node, Printer printer) {
        this.node = node;
        this.printer = printer;
        this.inboxes = new Inboxes(node);
    }

    /** Executes lines until {@code quit} or the end of input. Only {@code quit} closes the node. */
    void run(LineReader lines) throws IOException, InterruptedException {
        while (true) {
            switch (lines.next()) {
                case LineReader.Read.End() -> {
                    return;
                }
                case LineReader.Read.TooLong() ->
                    printer.answer(ReplyLines.error(
                            ErrorCode.TOO_LARGE,
                            "the line has more than " + LineReader.MAX_CHARACTERS + " characters"));
                case LineReader.Read.Line(String text) -> {
                    Command command = CommandParser.parse(text);
                    printer.answer(answerInTime(command));
                    if (command instanceof Command.Quit) {
                        return;
                    }
                }
            }
        }
    }

    /** Runs a call with a timeout, in addition to the timeouts of the node. */
    private ObjectNode answerInTime(Command command) throws InterruptedException {
        CompletableFuture<ObjectNode> answer = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().name("shell-command").start(() -> {
            try {
                answer.complete(answer(command));
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(command.limit().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            return ReplyLines.error(
                    ErrorCode.TIMEOUT, "no answer within " + command.limit().toMillis() + " ms");
        } catch (ExecutionException e) {
            LOG.warn("A command failed: {}", command.getClass().getSimpleName(), e.getCause());
            return ReplyLines.error(ErrorCode.UNKNOWN, String.valueOf(e.getCause()));
        }
    }

    private ObjectNode answer(Command command) throws InterruptedException {
        return switch (command) {
            case Command.Self() -> ReplyLines.self(node.name(), node.incarnation());
            case Command.Members() -> ReplyLines.members(node.members());
            case Command.Connect c -> ReplyLines.of(node.connect(c.address(), c.limit()));
            case Command.Disconnect() -> ReplyLines.of(node.disconnect());
            case Command.Ping c -> ReplyLines.ping(node.ping(c.node(), c.limit()));
            case Command.Health() -> ReplyLines.health(node.health(HEALTH));
            case Command.Register(String name) -> ReplyLines.of(register(name));
            case Command.Unregister(String name) -> ReplyLines.of(node.unregister(name));
            case Command.Lookup(String name) -> ReplyLines.lookup(node.lookup(name));
            case Command.Names() -> ReplyLines.list("names", node.names());
            case Command.Send(String name, String text) -> ReplyLines.of(node.send(name, text));
            case Command.Call c ->
                ReplyLines.of(node.call(c.name(), c.text(), c.limit()), (answer, reply) -> answer.put("reply", reply));
            case Command.Inbox(String name) ->
                inboxes.take(name)
                        .map(texts -> ReplyLines.list("messages", texts))
                        .orElseGet(() -> noInbox(name));
            case Command.Stop(String name, boolean crash) -> inboxes.end(name, crash) ? ReplyLines.ok() : noInbox(name);
            case Command.Monitor(String name) -> ReplyLines.of(node.monitor(name));
            case Command.Join(String group) -> ReplyLines.of(node.join(group, inboxes.open(group)));
            case Command.Leave(String group) -> ReplyLines.of(leave(group));
            case Command.Group(String group) -> ReplyLines.list("members", node.group(group));
            case Command.Broadcast(String group, String text) ->
                ReplyLines.of(node.broadcast(group, text), (answer, sent) -> answer.put("sent", sent));
            case Command.Serve(String procedure) -> ReplyLines.of(serve(procedure));
            case Command.Rpc c -> ReplyLines.rpc(node.rpc(c.node(), c.procedure(), c.json(), c.limit()));
            case Command.Campaign(String election) -> ReplyLines.of(node.campaign(election));
            case Command.Resign(String election) -> ReplyLines.of(node.resign(election));
            case Command.Leader(String election) -> ReplyLines.leader(node.leader(election));
            case Command.Put(String key, String value) -> ReplyLines.of(node.put(key, value));
            case Command.Get(String key) ->
                ReplyLines.of(
                        node.metadata(node.name()),
                        (answer, entries) -> ReplyLines.text(answer, "value", Optional.ofNullable(entries.get(key))));
            case Command.Metadata(String of) -> ReplyLines.metadata(node.metadata(of));
            case Command.Subscribe c -> ReplyLines.of(node.subscribe(c.topic(), c.limit()));
            case Command.Publish(String topic, String text) -> ReplyLines.of(node.publish(topic, text));
            case Command.Track(String topic, String key) -> ReplyLines.of(node.track(topic, key));
            case Command.Untrack(String topic, String key) -> ReplyLines.of(node.untrack(topic, key));
            case Command.Present(String topic) -> ReplyLines.list("keys", node.present(topic));
            case Command.Help() -> ReplyLines.list("commands", CommandParser.usages());
            case Command.Stats() -> ReplyLines.stats(stats());
            case Command.Quit() -> {
                node.close();
                yield ReplyLines.ok();
            }
            case Command.Malformed(String why) -> ReplyLines.error(ErrorCode.BAD_COMMAND, why);
        };
    }

    /** Stops the process of a refused name if it is new. It keeps running if the name may still be registered. */
    private Result<Done> register(String name) throws InterruptedException {
        boolean made = inboxes.process(name).isEmpty();
        Result<Done> result = node.register(name, inboxes.open(name));
        if (made && result instanceof Result.Failed<Done> failed && failed.code() != ErrorCode.UNKNOWN) {
            inboxes.end(name, false);
        }
        return result;
    }

    private Result<Done> leave(String group) throws InterruptedException {
        Optional<ShellNode.Spawned> process = inboxes.process(group);
        return process.isPresent() ? node.leave(group, process.get()) : Result.done();
    }

    private Result<Done> serve(String procedure) {
        return ServedProcedures.find(procedure, node.name())
                .map(body -> node.serve(procedure, body))
                .orElseGet(() -> Result.failed(
                        ErrorCode.NO_SUCH_PROCEDURE, "'" + procedure + "' is not one of echo, node, sleep, fail"));
    }

    private Map<String, Number> stats() {
        Map<String, Number> stats = new TreeMap<>(node.stats());
        stats.put("shell.events.dropped", printer.dropped());
        stats.put("shell.inboxes.dropped", inboxes.dropped());
        return stats;
    }

    private static ObjectNode noInbox(String name) {
        return ReplyLines.error(ErrorCode.NO_PROCESS, "this node has no inbox '" + name + "'");
    }
}
