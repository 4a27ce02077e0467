package io.heliodor.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Messages of a client, in each version: the first byte selects it. The decoders agree with their references. */
class DecoderFuzzIT {
    @FuzzTest
    void agreesWithItsReference(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] message = Arrays.copyOfRange(input, 1, input.length);
        switch (input[0] & 3) {
            case 0 -> DecoderFuzzTests.agreesInVersion2(message);
            case 1 -> DecoderFuzzTests.agreesInVersion1(message);
            case 2 -> DecoderFuzzTests.agreesInBinary(message);
            default -> DecoderFuzzTests.agreesInBinaryOfSupabase(message);
        }
    }
}
