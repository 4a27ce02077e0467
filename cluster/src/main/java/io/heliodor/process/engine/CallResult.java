package io.heliodor.process.engine;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.process.Exit;

/** How a call ended at the callee, before the caller has read what it says. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public sealed interface CallResult {
    /**
     * It was answered.
     *
     * @param value the answer, as the codec of its type wrote it
     */
    record Answered(byte[] value) implements CallResult {}

    /**
     * It failed.
     *
     * @param type what kind of failure it is
     * @param message what is said about it
     */
    record Failed(String type, String message) implements CallResult {}

    /**
     * The process has ended.
     *
     * @param exit why
     */
    record Down(Exit exit) implements CallResult {}

    /**
     * There is no such procedure.
     *
     * @param procedure its name
     */
    record NoSuchProcedure(String procedure) implements CallResult {}

    /**
     * Writes it.
     *
     * @param out where to
     */
    default void write(ByteWriter out) {
        switch (this) {
            case Answered(var value) -> out.put(0).bytes(value);
            case Failed(var type, var message) -> out.put(1).text(type).text(message);
            case Down(var exit) -> ProcessMessages.writeExit(out.put(2), exit);
            case NoSuchProcedure(var procedure) -> out.put(3).text(procedure);
        }
    }

    /**
     * Reads one.
     *
     * @param in where from
     * @return the result
     * @throws DecodeException when it is none
     */
    static CallResult read(ByteReader in) throws DecodeException {
        return switch (in.get()) {
            case 0 -> new Answered(in.bytes());
            case 1 -> new Failed(in.text(), in.text());
            case 2 -> new Down(ProcessMessages.readExit(in));
            case 3 -> new NoSuchProcedure(in.text());
            default -> throw new DecodeException("no result that is known");
        };
    }
}
