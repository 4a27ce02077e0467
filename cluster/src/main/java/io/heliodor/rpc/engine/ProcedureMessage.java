package io.heliodor.rpc.engine;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;

/** The messages between nodes about procedures: types 20 and 21. Answers and cancellations are those of all calls. */
@SuppressWarnings("ArrayRecordComponent") // never compared
sealed interface ProcedureMessage extends Message {
    /**
     * Registers the receiver of these messages.
     *
     * @param routes where
     * @param receiver the receiver
     */
    static void route(MessageRoutes routes, MessageRoutes.Receiver<ProcedureMessage> receiver) {
        routes.add(20, 21, ProcedureMessage::read, receiver);
    }

    private static ProcedureMessage read(int type, BinaryReader in) throws DecodeException {
        return type == 20 ? new Request(in.number(), in.text(), in.bytes()) : new Cast(in.text(), in.bytes());
    }

    @Override
    default int type() {
        return switch (this) {
            case Request _ -> 20;
            case Cast _ -> 21;
        };
    }

    @Override
    default void write(BinaryWriter out) {
        switch (this) {
            case Request(long call, String procedure, byte[] payload) ->
                out.number(call).text(procedure).bytes(payload);
            case Cast(String procedure, byte[] payload) -> out.text(procedure).bytes(payload);
        }
    }

    /** Calls a procedure, with an answer. */
    record Request(long call, String procedure, byte[] payload) implements ProcedureMessage {}

    /** Calls a procedure without an answer. */
    record Cast(String procedure, byte[] payload) implements ProcedureMessage {}
}
