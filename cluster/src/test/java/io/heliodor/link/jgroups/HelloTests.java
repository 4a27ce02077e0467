package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.link.Malformed;
import io.heliodor.link.Peer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HelloTests {
    private static final InetSocketAddress AT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7100);
    private static final Hello HELLO = new Hello(
            Hello.Purpose.BURY, new Versions(1, 3), "cluster", new Peer("a@h", 7), AT, Optional.of(new Peer("b@h", 8)));

    private static byte[] written() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HELLO.write(out);
        return out.toByteArray();
    }

    @Test
    void itIsReadAsItWasWritten() throws Exception {
        assertThat(Hello.read(new ByteArrayInputStream(written()))).isEqualTo(HELLO);
    }

    @Test
    void anAnswerIsReadAsItWasWritten() throws Exception {
        Answer answer = new Answer(Answer.Verdict.ACCEPTED, 1, new Peer("a@h", 7), Map.of(new Peer("b@h", 8), AT));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        answer.write(out);
        assertThat(Answer.read(new ByteArrayInputStream(out.toByteArray()))).isEqualTo(answer);
    }

    @Test
    void whatIsCutOffIsNone() throws Exception {
        byte[] bytes = written();
        for (int length = 0; length < bytes.length; length++) {
            ByteArrayInputStream in = new ByteArrayInputStream(Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Hello.read(in)).isInstanceOf(EOFException.class);
            if (length >= 2) {
                byte[] shorter = Arrays.copyOf(bytes, length);
                shorter[0] = (byte) ((length - 2) >> 8);
                shorter[1] = (byte) (length - 2);
                assertThatThrownBy(() -> Hello.read(new ByteArrayInputStream(shorter)))
                        .isInstanceOf(Malformed.class);
            }
        }
    }

    @Test
    void aLengthThatNoHelloHasIsRefusedBeforeAnythingIsRead() {
        ByteArrayInputStream in = new ByteArrayInputStream(new byte[] {(byte) 0xff, (byte) 0xff, 0, 0});
        assertThatThrownBy(() -> Hello.read(in)).isInstanceOf(Malformed.class);
        assertThat(in.available()).isEqualTo(2);
    }
}
