package io.heliodor.node;

import io.heliodor.codec.Codecs;
import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.link.Routes;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.process.Body;
import io.heliodor.process.Down;
import io.heliodor.process.Monitor;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.ProcessLimits;
import io.heliodor.process.engine.Processes;
import io.heliodor.pubsub.Type;
import io.heliodor.rpc.Rpc;
import io.heliodor.rpc.engine.Procedures;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The processes and calls of a node. */
final class ProcessRoom implements Addresses {
    private final Processes processes;
    private final Procedures rpc;

    ProcessRoom(Peer self, Supplier<? extends Link> link, Codecs.Builder codecs, Time time) {
        this.processes = new Processes(self, link, time, codecs, ProcessLimits.defaults());
        this.rpc = new Procedures(processes, Procedures.AT_ONCE);
    }

    Codecs codecs() {
        return processes.codecs();
    }

    Rpc rpc() {
        return rpc;
    }

    void route(Routes routes) {
        processes.route(routes);
        rpc.route(routes);
    }

    void view(View view) {
        processes.view(view);
    }

    void opened(Peer peer) {
        processes.opened(peer);
    }

    void closed(Peer peer) {
        processes.closed(peer);
    }

    <M> Pid<M> spawn(Type<M> type, Body<M> body) {
        return processes.spawn(type, body);
    }

    Monitor monitor(Pid<?> pid, Consumer<? super Down> listener) {
        return processes.monitor(pid, listener);
    }

    Monitor monitorNode(String node, Consumer<? super NodeDown> listener) {
        return processes.monitorNode(node, listener);
    }

    @Override
    public <M> Pid<M> pid(Peer peer, long process, Type<M> type) {
        return processes.pid(new ProcessId(peer, process), type);
    }

    @Override
    public Peer peer(Pid<?> pid) {
        return Processes.idOf(pid).peer();
    }

    @Override
    public long process(Pid<?> pid) {
        return Processes.idOf(pid).number();
    }

    @Override
    public <M> int sendAll(List<Pid<M>> to, M message) {
        return processes.sendAll(to, message);
    }

    @Override
    public boolean runs(Pid<?> pid) {
        return processes.runs(Processes.idOf(pid));
    }

    @Override
    public void onEnd(Pid<?> pid, Runnable task) {
        Monitor _ = processes.monitor(pid, down -> task.run());
    }

    /** One of the numbers that the processes keep, by the name that they have for it. */
    long statistic(String name) {
        return processes.statistic(name);
    }

    void close() {
        processes.close();
    }
}
