package io.heliodor.rpc.engine;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;

/** What nodes say to each other about procedures; answers and cancellations are those of all calls. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
final class ProcedureMessages {
    static final int REQUEST = 20;
    static final int CAST = 21;

    private ProcedureMessages() {}

    /** Runs a procedure and wants to know how it ended. */
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

    /** Runs a procedure. */
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
