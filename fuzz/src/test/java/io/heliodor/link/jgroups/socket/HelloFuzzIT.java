package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.heliodor.binary.DecodeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The first bytes of a peer: the first byte of the input selects a hello, its reply, or the frames of a data connection.
 * Bytes that can be read can be written, and are read as the same again.
 */
class HelloFuzzIT {
    @FuzzTest
    void isReadAgainAsItWasWrittenOrRefused(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] sent = Arrays.copyOfRange(input, 1, input.length);
        try {
            switch (input[0] & 3) {
                case 0 -> readHello(sent);
                case 1 -> readReply(sent);
                default -> readFrames(sent, 1 + ((input[0] & 0xff) >> 2));
            }
        } catch (DecodeException | IOException refused) {
            // Refused: the connection is closed.
        }
    }

    private static void readHello(byte[] sent) throws IOException, DecodeException {
        Hello hello = Hello.read(new ByteArrayInputStream(sent));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        hello.write(out);
        assertThat(Hello.read(new ByteArrayInputStream(out.toByteArray()))).isEqualTo(hello);
    }

    private static void readReply(byte[] sent) throws IOException, DecodeException {
        HelloReply reply = HelloReply.read(new ByteArrayInputStream(sent));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        reply.write(out);
        HelloReply again = HelloReply.read(new ByteArrayInputStream(out.toByteArray()));
        if (reply.members().size() == again.members().size()) {
            assertThat(again).isEqualTo(reply);
        }
    }

    /** However the bytes are cut into reads, the same packets arrive. */
    private static void readFrames(byte[] sent, int atOnce) throws IOException {
        assertThat(packets(sent, atOnce)).isEqualTo(packets(sent, sent.length));
    }

    private static String packets(byte[] sent, int atOnce) {
        StringBuilder packets = new StringBuilder();
        DataFrames frames = new DataFrames(new InputStream() {
            private int at;

            @Override
            public int read() {
                throw new UnsupportedOperationException("reads arrays only");
            }

            @Override
            public int read(byte[] into, int from, int length) {
                int count = Math.min(Math.min(length, atOnce), sent.length - at);
                System.arraycopy(sent, at, into, from, Math.max(0, count));
                at += count;
                return count > 0 ? count : -1;
            }
        });
        try {
            while (frames.fill()) {
                frames.deliver((bytes, offset, length) -> packets.append(
                                Arrays.toString(Arrays.copyOfRange(bytes, offset, offset + length)))
                        .append('\n'));
            }
        } catch (IOException e) {
            packets.append(e.getMessage());
        }
        return packets.toString();
    }
}
