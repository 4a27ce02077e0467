package io.heliodor.rpc.engine;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;

/** The messages between nodes about procedures: types 20 and 21. Answers and cancellations are those of all calls. */
@SuppressWarnings("ArrayRecordComponent") // never compared
final class ProcedureMessages {
    static final int REQUEST = 20;
    static final int CAST = 21;

    private ProcedureMessages() {}

    /** Calls a procedure, with an answer. */
    record Request(long call, String procedure, byte[] payload) implements Message {
        static Request read(ByteReader in) throws DecodeException {
            return new Request(in.number(), in.text(), in.bytes());
        }

        @Override
        public int type() {
            return REQUEST;
        }

        @Override
        public void write(ByteWriter out) {
            out.number(call).text(procedure).bytes(payload);
        }
    }

    /** Calls a procedure without an answer. */
    record Cast(String procedure, byte[] payload) implements Message {
        static Cast read(ByteReader in) throws DecodeException {
            return new Cast(in.text(), in.bytes());
        }

        @Override
        public int type() {
            return CAST;
        }

        @Override
        public void write(ByteWriter out) {
            out.text(procedure).bytes(payload);
        }
    }
}
