package io.heliodor.rpc.engine;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Decoded;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.engine.EncodedResult;
import io.heliodor.process.engine.IncomingCall;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.process.engine.PendingCall;
import io.heliodor.process.engine.Processes;
import io.heliodor.process.engine.Thrown;
import io.heliodor.pubsub.Correlation;
import io.heliodor.rpc.Procedure;
import io.heliodor.rpc.Rpc;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The procedures of a node. The node creates it over its {@link Processes}, and adds its routes before the link starts.
 *
 * <p>Any thread may use it. The routes do not block and run no user code.
 */
public final class Procedures implements Rpc {
    private static final Logger log = LoggerFactory.getLogger(Procedures.class);

    /** The default limit of implementations that run at once. */
    public static final int MAX_CONCURRENT = 1_024;

    /** A procedure that is served. */
    private record Service<Q, R>(
            Procedure<Q, R> procedure,
            Implementation<? super Q, ? extends R> implementation,
            Codec<Q> requests,
            Codec<R> responses) {}

    private final Processes processes;
    private final Semaphore threads;
    private final Map<String, Service<?, ?>> services = new ConcurrentHashMap<>();
    private final BoundedLog problems;
    private final FailureLog failures;

    /**
     * A node without procedures.
     *
     * @param processes the processes of the node, with its calls and sessions
     * @param maxConcurrent how many implementations may run at once
     */
    public Procedures(Processes processes, int maxConcurrent) {
        this.processes = processes;
        this.threads = new Semaphore(maxConcurrent);
        this.problems = new BoundedLog(log, "procedures", processes.time()::nanos);
        this.failures = new FailureLog(log, processes.time()::nanos);
    }

    /**
     * Registers the receiver of messages about procedures.
     *
     * @param routes the routes of the node
     */
    public void route(MessageRoutes routes) {
        ProcedureMessage.route(routes, this::received);
    }

    private void received(Peer from, ProcedureMessage message, String correlation) {
        switch (message) {
            case ProcedureMessage.Request request -> requested(from, request, correlation);
            case ProcedureMessage.Cast cast -> wasCast(from, cast, correlation);
        }
    }

    @Override
    public <Q, R> void serve(Procedure<Q, R> procedure, Implementation<? super Q, ? extends R> implementation) {
        Objects.requireNonNull(procedure, "procedure");
        Objects.requireNonNull(implementation, "implementation");
        Service<Q, R> service = new Service<>(
                procedure,
                implementation,
                processes.codecs().of(procedure.request()),
                processes.codecs().of(procedure.response()));
        if (services.putIfAbsent(procedure.name(), service) != null) {
            throw new IllegalStateException(
                    "A procedure \"" + procedure.name() + "\" is served already; serve each name once.");
        }
    }

    @Override
    public <Q, R> CallOutcome<R> call(String node, Procedure<Q, R> procedure, Q request, Duration timeout) {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(procedure, "procedure");
        Objects.requireNonNull(request, "request");
        checkTimeout(timeout);
        return processes
                .member(node)
                .map(peer -> call(peer, procedure, request, timeout))
                .orElseGet(() -> new CallOutcome.Unreachable<>(node));
    }

    private static void checkTimeout(Duration timeout) {
        if (!Objects.requireNonNull(timeout, "timeout").isPositive()) {
            throw new IllegalArgumentException(
                    "The timeout of a call is " + timeout + ", so that nothing would be sent; give more than 0.");
        }
    }

    /**
     * Calls a procedure of one incarnation of a node.
     *
     * @param peer the peer, which may be this node
     * @param procedure the procedure
     * @param request the request
     * @param timeout how long to wait
     * @param <Q> the type of the request
     * @param <R> the type of the response
     * @return the outcome
     */
    public <Q, R> CallOutcome<R> call(Peer peer, Procedure<Q, R> procedure, Q request, Duration timeout) {
        if (peer.equals(processes.self())) {
            return processes.calls().call(peer, timeout, (PendingCall<R> call) -> here(call, procedure, request));
        }
        byte[] payload = processes.codecs().of(procedure.request()).encode(request);
        Codec<R> responses = processes.codecs().of(procedure.response());
        return processes.calls().call(peer, timeout, (PendingCall<R> call) -> {
            call.decodesWith(responses);
            processes.calls().send(call, timeout, new ProcedureMessage.Request(call.id(), procedure.name(), payload));
        });
    }

    @Override
    public <Q> void cast(String node, Procedure<Q, ?> procedure, Q request) {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(procedure, "procedure");
        Objects.requireNonNull(request, "request");
        Peer peer = processes.member(node).orElse(null);
        if (peer == null) {
            processes.counters().increment(NodeCounter.UNSENT);
        } else if (peer.equals(processes.self())) {
            castHere(procedure, request);
        } else {
            byte[] payload = processes.codecs().of(procedure.request()).encode(request);
            boolean _ = processes.send(peer, new ProcedureMessage.Cast(procedure.name(), payload));
        }
    }

    @Override
    public <Q, R> Map<String, CallOutcome<R>> callAll(
            Collection<String> nodes, Procedure<Q, R> procedure, Q request, Duration timeout) {
        Objects.requireNonNull(nodes, "nodes");
        Objects.requireNonNull(procedure, "procedure");
        Objects.requireNonNull(request, "request");
        checkTimeout(timeout);
        Map<String, FutureTask<CallOutcome<R>>> tasks = new LinkedHashMap<>();
        Map<String, Thread> callers = new LinkedHashMap<>();
        String correlation = Correlation.carried();
        for (String node : nodes) {
            if (!tasks.containsKey(node)) {
                FutureTask<CallOutcome<R>> task =
                        new FutureTask<>(() -> correlated(correlation, () -> call(node, procedure, request, timeout)));
                tasks.put(node, task);
                callers.put(node, Thread.ofVirtual().name("call " + node).unstarted(task));
            }
        }
        callers.values().forEach(Thread::start);
        Map<String, CallOutcome<R>> outcomes = new LinkedHashMap<>();
        boolean interrupted = false;
        for (Map.Entry<String, FutureTask<CallOutcome<R>>> one : tasks.entrySet()) {
            while (!outcomes.containsKey(one.getKey())) {
                try {
                    outcomes.put(one.getKey(), one.getValue().get());
                } catch (InterruptedException e) {
                    // The interrupted calls end at once, with outcomes that report it.
                    interrupted = true;
                    callers.values().forEach(Thread::interrupt);
                } catch (ExecutionException e) {
                    callers.values().forEach(Thread::interrupt);
                    throw rethrown(e.getCause());
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return outcomes;
    }

    private static RuntimeException rethrown(@Nullable Throwable cause) {
        return cause instanceof RuntimeException misuse
                ? misuse
                : new IllegalStateException("A call failed in an unknown way.", cause);
    }

    private static <T> T correlated(String carried, Callable<T> work) throws Exception {
        Optional<Correlation.Scope> scope = Correlation.resume(carried);
        try {
            return work.call();
        } finally {
            scope.ifPresent(Correlation.Scope::close);
        }
    }

    /** Serves a call of this node itself. */
    @SuppressWarnings("unchecked")
    private <Q, R> void here(PendingCall<R> call, Procedure<Q, R> procedure, Q request) {
        Service<Q, R> service = (Service<Q, R>) services.get(procedure.name());
        String node = processes.self().node();
        if (service == null) {
            call.settle(new CallOutcome.NoSuchProcedure<>(node, procedure.name()));
            return;
        }
        require(service, procedure);
        String correlation = Correlation.carried();
        boolean started = start(service, correlation, thread -> call.onCancel(thread::interrupt), () -> {
            CallOutcome<R> outcome;
            try {
                R answer = service.implementation().apply(request);
                outcome = answer == null
                        ? new CallOutcome.Failed<>("unencodable", returnedNull(service))
                        : new CallOutcome.Ok<>(answer);
            } catch (Throwable thrown) {
                outcome = new CallOutcome.Failed<>(thrown.getClass().getName(), message(thrown));
            }
            call.answer(outcome);
        });
        if (!started) {
            call.settle(new CallOutcome.Failed<>("busy", busy()));
        }
    }

    private static void require(Service<?, ?> service, Procedure<?, ?> procedure) {
        if (!service.procedure().equals(procedure)) {
            throw new IllegalArgumentException("\"%s\" is served from %s to %s, but called from %s to %s."
                    .formatted(
                            procedure.name(),
                            service.procedure().request(),
                            service.procedure().response(),
                            procedure.request(),
                            procedure.response()));
        }
    }

    @SuppressWarnings("unchecked") // compared with what is served
    private <Q> void castHere(Procedure<Q, ?> procedure, Q request) {
        Service<Q, ?> service = (Service<Q, ?>) services.get(procedure.name());
        if (service == null) {
            unknown(processes.self(), procedure.name());
        } else {
            require(service, procedure);
            boolean _ = start(service, Correlation.carried(), thread -> {}, () -> perform(service, request));
        }
    }

    private void requested(Peer from, ProcedureMessage.Request request, String correlation) {
        IncomingCall call = processes.inbound().begin(from, request.call()).orElse(null);
        if (call == null) {
            return;
        }
        Service<?, ?> service = services.get(request.procedure());
        if (service == null) {
            call.post(new EncodedResult.NoSuchProcedure(request.procedure()));
        } else if (!start(
                service,
                correlation,
                thread -> call.onCancel(thread::interrupt),
                () -> answer(service, from, call, request.payload()))) {
            call.post(new EncodedResult.Failed("busy", busy()));
        }
    }

    private void wasCast(Peer from, ProcedureMessage.Cast cast, String correlation) {
        Service<?, ?> service = services.get(cast.procedure());
        if (service == null) {
            unknown(from, cast.procedure());
        } else {
            boolean _ =
                    start(service, correlation, thread -> {}, () -> decodeAndPerform(service, from, cast.payload()));
        }
    }

    private void unknown(Peer from, String procedure) {
        processes.counters().increment(NodeCounter.NO_PROCESS);
        problems.warn("{} cast to \"{}\", which is not served here.", from, procedure);
    }

    private String busy() {
        return "the node runs as many procedures as it may";
    }

    /** Runs work on a thread of its own. Returns false if the limit is reached. The thread is passed on before it starts. */
    private boolean start(Service<?, ?> service, String correlation, Consumer<Thread> known, Runnable work) {
        if (!threads.tryAcquire()) {
            processes.counters().increment(NodeCounter.BUSY);
            return false;
        }
        Thread thread = Thread.ofVirtual()
                .name("procedure " + service.procedure().name())
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> {
                    try {
                        boolean _ = correlated(correlation, () -> {
                            work.run();
                            return true;
                        });
                    } catch (Exception e) {
                        failures.error(name(service), e, () -> "failed.");
                    } finally {
                        threads.release();
                    }
                });
        known.accept(thread);
        thread.start();
        return true;
    }

    private <Q, R> void answer(Service<Q, R> service, Peer from, IncomingCall call, byte[] payload) {
        EncodedResult result = switch (service.requests().decode(payload)) {
            case Decoded.Value<Q>(var request) -> run(service, request);
            case Decoded.Refused<Q>(var problem, var message) -> {
                undecodable(from, service, problem + ": " + message);
                yield new EncodedResult.Failed("undecodable", problem + ": " + message);
            }
        };
        // A cancelled call has ended: the answer is dropped.
        if (!call.answer(result)) {
            processes.counters().increment(NodeCounter.LATE_ANSWERS);
        }
    }

    private <Q, R> EncodedResult run(Service<Q, R> service, Q request) {
        R answer;
        try {
            answer = service.implementation().apply(request);
        } catch (Throwable thrown) {
            return new EncodedResult.Failed(thrown.getClass().getName(), message(thrown));
        }
        if (answer == null) {
            return new EncodedResult.Failed("unencodable", returnedNull(service));
        }
        try {
            return new EncodedResult.Answered(service.responses().encode(answer));
        } catch (RuntimeException e) {
            failures.error(name(service), e, () -> "gave an answer that cannot be written.");
            return new EncodedResult.Failed("unencodable", Thrown.describe(e));
        }
    }

    private String returnedNull(Service<?, ?> service) {
        String text = "The procedure \"" + service.procedure().name()
                + "\" returned null; declare its response as Optional, or give a value.";
        problems.write(() -> log.error(text));
        return text;
    }

    private <Q> void decodeAndPerform(Service<Q, ?> service, Peer from, byte[] payload) {
        switch (service.requests().decode(payload)) {
            case Decoded.Value<Q>(var request) -> perform(service, request);
            case Decoded.Refused<Q>(var problem, var message) -> undecodable(from, service, problem + ": " + message);
        }
    }

    private <Q> void perform(Service<Q, ?> service, Q request) {
        try {
            Object _ = service.implementation().apply(request);
        } catch (Throwable thrown) {
            failures.error(name(service), thrown, () -> "failed, and no caller waits for it.");
        }
    }

    private void undecodable(Peer from, Service<?, ?> service, String problem) {
        processes.counters().increment(NodeCounter.UNDECODABLE);
        problems.warn("{} received an unreadable message from {}: {}", name(service), from, problem);
    }

    private static String name(Service<?, ?> service) {
        return "Procedure \"" + service.procedure().name() + "\"";
    }

    private static String message(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? "" : message.substring(0, Math.min(message.length(), 1_000));
    }
}
