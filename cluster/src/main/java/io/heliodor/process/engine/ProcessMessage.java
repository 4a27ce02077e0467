package io.heliodor.process.engine;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.process.Exit;

/** The messages between nodes about processes and calls: types 1 to 9. */
@SuppressWarnings("ArrayRecordComponent") // never compared
sealed interface ProcessMessage extends Message {
    /**
     * Registers the receiver of these messages.
     *
     * @param routes where
     * @param receiver the receiver
     */
    static void route(MessageRoutes routes, MessageRoutes.Receiver<ProcessMessage> receiver) {
        routes.add(1, 9, ProcessMessage::read, receiver);
    }

    private static ProcessMessage read(int type, BinaryReader in) throws DecodeException {
        return switch (type) {
            case 1 -> new Begin();
            case 2 -> new Send(in.number(), in.bytes());
            case 3 -> new Call(in.number(), in.number(), in.bytes());
            case 4 -> new Answer(in.number(), EncodedResult.read(in));
            case 5 -> new Cancel(in.number());
            case 6 -> new Monitor(in.number(), in.number());
            case 7 -> new Demonitor(in.number());
            case 8 -> new Ended(in.number(), readExit(in));
            case 9 -> new SendAll(SendAll.processes(in), in.bytes());
            default -> throw new DecodeException("no message about processes has type " + type);
        };
    }

    @Override
    default int type() {
        return switch (this) {
            case Begin _ -> 1;
            case Send _ -> 2;
            case Call _ -> 3;
            case Answer _ -> 4;
            case Cancel _ -> 5;
            case Monitor _ -> 6;
            case Demonitor _ -> 7;
            case Ended _ -> 8;
            case SendAll _ -> 9;
        };
    }

    @Override
    default void write(BinaryWriter out) {
        switch (this) {
            case Begin() -> {}
            case Send(long process, byte[] payload) -> out.number(process).bytes(payload);
            case Call(long call, long process, byte[] payload) ->
                out.number(call).number(process).bytes(payload);
            case Answer(long call, EncodedResult result) -> result.write(out.number(call));
            case Cancel(long call) -> out.number(call);
            case Monitor(long monitor, long process) -> out.number(monitor).number(process);
            case Demonitor(long monitor) -> out.number(monitor);
            case Ended(long monitor, Exit exit) -> writeExit(out.number(monitor), exit);
            case SendAll(long[] processes, byte[] payload) -> {
                out.number(processes.length);
                for (long process : processes) {
                    out.number(process);
                }
                out.bytes(payload);
            }
        }
    }

    /** The first message of a session: earlier requests of the sender end, and the receiver repeats its own. */
    record Begin() implements ProcessMessage {}

    /** A message for a process. */
    record Send(long process, byte[] payload) implements ProcessMessage {
        @Override
        public int expectedSize() {
            return payload.length + 16;
        }
    }

    /** A message for several processes of one node. */
    record SendAll(long[] processes, byte[] payload) implements ProcessMessage {
        /** With the largest payload it fits into an envelope. */
        static final int MAX_PROCESSES = 4_096;

        private static long[] processes(BinaryReader in) throws DecodeException {
            long[] processes = new long[in.count(1)];
            for (int i = 0; i < processes.length; i++) {
                processes[i] = in.number();
            }
            return processes;
        }

        @Override
        public int expectedSize() {
            return payload.length + 2 * processes.length + 16;
        }
    }

    /** A message for a process whose sender waits for an answer. */
    record Call(long call, long process, byte[] payload) implements ProcessMessage {
        @Override
        public int expectedSize() {
            return payload.length + 32;
        }
    }

    /** The result of a call. */
    record Answer(long call, EncodedResult result) implements ProcessMessage {}

    /** Cancels a call. */
    record Cancel(long call) implements ProcessMessage {}

    /** Requests an {@link Ended} for a process. Idempotent. */
    record Monitor(long monitor, long process) implements ProcessMessage {}

    /** Ends a monitor. */
    record Demonitor(long monitor) implements ProcessMessage {}

    /** Reports the end of a monitored process. */
    record Ended(long monitor, Exit exit) implements ProcessMessage {}

    static void writeExit(BinaryWriter out, Exit exit) {
        switch (exit) {
            case Exit.Normal() -> out.put(0);
            case Exit.Failed(var message) -> out.put(1).text(message);
            case Exit.NoProcess() -> out.put(2);
            case Exit.NoConnection(var node) -> out.put(3).text(node);
        }
    }

    static Exit readExit(BinaryReader in) throws DecodeException {
        return switch (in.get()) {
            case 0 -> new Exit.Normal();
            case 1 -> new Exit.Failed(in.text());
            case 2 -> new Exit.NoProcess();
            case 3 -> new Exit.NoConnection(in.text());
            default -> throw new DecodeException("no reason to end that is known");
        };
    }
}
