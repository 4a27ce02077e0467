package io.heliodor.process.engine;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.process.Exit;

/** The messages between nodes about processes and calls: types 1 to 9. */
@SuppressWarnings("ArrayRecordComponent") // never compared
final class ProcessMessages {
    static final int BEGIN = 1;
    static final int SEND = 2;
    static final int CALL = 3;
    static final int ANSWER = 4;
    static final int CANCEL = 5;
    static final int MONITOR = 6;
    static final int DEMONITOR = 7;
    static final int ENDED = 8;
    static final int SEND_ALL = 9;

    private ProcessMessages() {}

    /** The first message of a session: earlier requests of the sender end, and the receiver repeats its own. */
    record Begin() implements Message {
        static Begin read(ByteReader in) {
            return new Begin();
        }

        @Override
        public int type() {
            return BEGIN;
        }

        @Override
        public void write(ByteWriter out) {}
    }

    /** A message for a process. */
    record Send(long process, byte[] payload) implements Message {
        static Send read(ByteReader in) throws DecodeException {
            return new Send(in.number(), in.bytes());
        }

        @Override
        public int type() {
            return SEND;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(process).bytes(payload);
        }

        @Override
        public int expectedSize() {
            return payload.length + 16;
        }
    }

    /** A message for several processes of one node. */
    record SendAll(long[] processes, byte[] payload) implements Message {
        /** With the largest payload it fits into an envelope. */
        static final int MAX_PROCESSES = 4_096;

        static SendAll read(ByteReader in) throws DecodeException {
            int count = in.count(1);
            long[] processes = new long[count];
            for (int i = 0; i < count; i++) {
                processes[i] = in.number();
            }
            return new SendAll(processes, in.bytes());
        }

        @Override
        public int type() {
            return SEND_ALL;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(processes.length);
            for (long process : processes) {
                out.number(process);
            }
            out.bytes(payload);
        }

        @Override
        public int expectedSize() {
            return payload.length + 2 * processes.length + 16;
        }
    }

    /** A message for a process whose sender waits for an answer. */
    record Call(long call, long process, byte[] payload) implements Message {
        static Call read(ByteReader in) throws DecodeException {
            return new Call(in.number(), in.number(), in.bytes());
        }

        @Override
        public int type() {
            return CALL;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(call).number(process).bytes(payload);
        }

        @Override
        public int expectedSize() {
            return payload.length + 32;
        }
    }

    /** The result of a call. */
    record Answer(long call, CallResult result) implements Message {
        static Answer read(ByteReader in) throws DecodeException {
            return new Answer(in.number(), CallResult.read(in));
        }

        @Override
        public int type() {
            return ANSWER;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(call);
            result.write(out);
        }
    }

    /** Cancels a call. */
    record Cancel(long call) implements Message {
        static Cancel read(ByteReader in) throws DecodeException {
            return new Cancel(in.number());
        }

        @Override
        public int type() {
            return CANCEL;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(call);
        }
    }

    /** Requests an {@link Ended} for a process. Idempotent. */
    record Monitor(long monitor, long process) implements Message {
        static Monitor read(ByteReader in) throws DecodeException {
            return new Monitor(in.number(), in.number());
        }

        @Override
        public int type() {
            return MONITOR;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(monitor).number(process);
        }
    }

    /** Ends a monitor. */
    record Demonitor(long monitor) implements Message {
        static Demonitor read(ByteReader in) throws DecodeException {
            return new Demonitor(in.number());
        }

        @Override
        public int type() {
            return DEMONITOR;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(monitor);
        }
    }

    /** Reports the end of a monitored process. */
    record Ended(long monitor, Exit exit) implements Message {
        static Ended read(ByteReader in) throws DecodeException {
            return new Ended(in.number(), readExit(in));
        }

        @Override
        public int type() {
            return ENDED;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(monitor);
            writeExit(out, exit);
        }
    }

    static void writeExit(ByteWriter out, Exit exit) {
        switch (exit) {
            case Exit.Normal() -> out.put(0);
            case Exit.Failed(var message) -> out.put(1).text(message);
            case Exit.NoProcess() -> out.put(2);
            case Exit.NoConnection(var node) -> out.put(3).text(node);
        }
    }

    static Exit readExit(ByteReader in) throws DecodeException {
        return switch (in.get()) {
            case 0 -> new Exit.Normal();
            case 1 -> new Exit.Failed(in.text());
            case 2 -> new Exit.NoProcess();
            case 3 -> new Exit.NoConnection(in.text());
            default -> throw new DecodeException("no reason to end that is known");
        };
    }
}
