package io.heliodor.transport.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Optional;

/** WebSocket frames of a client. The first byte has the size of a read, and whether messages may be compressed. */
class FrameReaderFuzzIT {
    private final MessageInflater inflation = new MessageInflater();

    @FuzzTest
    void agreesWithAPlainReader(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] frames = Arrays.copyOfRange(input, 1, input.length);
        Optional<MessageInflater> compressed = (input[0] & 1) == 0 ? Optional.empty() : Optional.of(inflation);
        FrameReaderFuzzTests.agrees(frames, 1 + ((input[0] & 0xff) >> 1), compressed);
    }
}
