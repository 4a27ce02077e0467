package io.heliodor.benchmarks.cluster;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The workload of a node, over any transport: it counts, acknowledges, replies and requests. */
final class NodeWorkload {
    private static final int SENDER = 0;
    private static final int SECOND = 1;
    private static final long PATIENCE_SECONDS = 5;

    private final int self;
    private final int nodes;
    private final int size;
    private final Window window;
    private final Incoming incoming;
    private final Semaphore answered = new Semaphore(0);
    private volatile long asked = -1;

    NodeWorkload(int self, int nodes, int size) {
        this.self = self;
        this.nodes = nodes;
        this.size = size;
        this.window = new Window(nodes, size);
        this.incoming = new Incoming(Window.of(size));
    }

    Incoming incoming() {
        return incoming;
    }

    /** A message has come. In the order of its sender. */
    void received(Member member, byte[] bytes, int offset, int length) throws Exception {
        MessageHeader note = MessageHeader.of(bytes, offset, length);
        switch (note.kind()) {
            case DATA, BEGIN, END -> {
                if (incoming.take(note, System.nanoTime())) {
                    MessageHeader acknowledgement =
                            new MessageHeader(MessageHeader.Kind.RECEIVED, self, note.trial(), incoming.next());
                    member.send(note.from(), acknowledgement.toBytes(MessageHeader.BYTES));
                }
            }
            case RECEIVED -> window.received(note);
            case REQUEST ->
                member.send(
                        note.from(),
                        new MessageHeader(MessageHeader.Kind.ANSWER, self, note.trial(), note.number())
                                .toBytes(length));
            case ANSWER -> {
                if (note.number() == asked) {
                    answered.release();
                }
            }
        }
    }

    /** Before the first message of a stream goes out. */
    void begin(int trial, Operation operation) {
        window.begin(trial, SECOND, operation.isForAll() ? nodes : SECOND + 1);
    }

    /** Sends the next message of a stream, as soon as the receivers have taken enough. */
    void stream(Member member, Operation operation, MessageHeader.Kind kind, int trial, long number) throws Exception {
        window.await(number);
        byte[] message = new MessageHeader(kind, SENDER, trial, number).toBytes(size);
        if (operation.isForAll()) {
            member.sendToAll(operation, message);
        } else {
            member.send(SECOND, message);
        }
    }

    /** Asks the second node and waits for the answer. */
    void ask(Member member, Operation operation, int trial, long number) throws Exception {
        byte[] message = new MessageHeader(MessageHeader.Kind.REQUEST, SENDER, trial, number).toBytes(size);
        if (operation != Operation.ECHO) {
            member.ask(operation, message);
            return;
        }
        asked = number;
        member.send(SECOND, message);
        if (!answered.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException("no answer within " + PATIENCE_SECONDS + " s");
        }
    }
}
