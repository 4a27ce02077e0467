package io.heliodor.process.engine;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.process.Exit;

/** The result of a call at the callee, before the caller has decoded it. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public sealed interface EncodedResult {
    /**
     * An answer.
     *
     * @param value the answer, as the codec of its type wrote it
     */
    record Answered(byte[] value) implements EncodedResult {}

    /**
     * A failure.
     *
     * @param type its type
     * @param message its message
     */
    record Failed(String type, String message) implements EncodedResult {}

    /**
     * The process has ended.
     *
     * @param exit why
     */
    record Down(Exit exit) implements EncodedResult {}

    /**
     * There is no procedure with the name.
     *
     * @param procedure its name
     */
    record NoSuchProcedure(String procedure) implements EncodedResult {}

    /**
     * Writes the result.
     *
     * @param out where
     */
    default void write(BinaryWriter out) {
        switch (this) {
            case Answered(var value) -> out.put(0).bytes(value);
            case Failed(var type, var message) -> out.put(1).text(type).text(message);
            case Down(var exit) -> ProcessMessage.writeExit(out.put(2), exit);
            case NoSuchProcedure(var procedure) -> out.put(3).text(procedure);
        }
    }

    /**
     * Reads a result.
     *
     * @param in from where
     * @return the result
     * @throws DecodeException when the bytes are not a result
     */
    static EncodedResult read(BinaryReader in) throws DecodeException {
        return switch (in.get()) {
            case 0 -> new Answered(in.bytes());
            case 1 -> new Failed(in.text(), in.text());
            case 2 -> new Down(ProcessMessage.readExit(in));
            case 3 -> new NoSuchProcedure(in.text());
            default -> throw new DecodeException("no result that is known");
        };
    }
}
