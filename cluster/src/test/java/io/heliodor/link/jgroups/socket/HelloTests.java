package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HelloTests {
    private static final InetSocketAddress AT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7100);
    private static final Hello HELLO = new Hello(
            Hello.Purpose.DECLARE_DEAD,
            new ProtocolVersions(1, 3),
            "cluster",
            new Peer("a@h", 7),
            AT,
            Optional.of(new Peer("b@h", 8)));

    private static final String BYTES = """
            0022d288b1c20403010307636c75737465720361406807047f000001bc37010362406808
            003ed288b1c2040101031074657374207769746820766f7465727306636861744061ffffffffffffffff7f10fd000000\
            000000000000000000000001ffff0300
            0025d288b1c204020103047465737406636861744061ffffffffffffffff7f047f000001bc3700
            0035d288b1c204040103047465737406636861744061ffffffffffffffff7f047f000001bc370106636861744061ffff\
            ffffffffffff7f
            0018c188b1c204010106636861744061ffffffffffffffff7f00
            0018c188b1c204020106636861744061ffffffffffffffff7f00
            0018c188b1c204030106636861744061ffffffffffffffff7f00
            0018c188b1c204040106636861744061ffffffffffffffff7f00
            0018c188b1c204050106636861744061ffffffffffffffff7f00
            0018c188b1c204060106636861744061ffffffffffffffff7f00
            0024c188b1c204010106636861744061ffffffffffffffff7f010362406808047f000001bc37
            """;

    private static byte[] written() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HELLO.write(out);
        return out.toByteArray();
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws Exception {
        Peer peer = new Peer("chat@a", Long.MAX_VALUE);
        InetSocketAddress six = new InetSocketAddress(InetAddress.ofLiteral("fd00::1"), 65_535);
        List<Hello> hellos = List.of(
                HELLO,
                new Hello(
                        Hello.Purpose.LINK, ProtocolVersions.PRESENT, "test with voters", peer, six, Optional.empty()),
                new Hello(Hello.Purpose.PROBE, ProtocolVersions.PRESENT, "test", peer, AT, Optional.empty()),
                new Hello(Hello.Purpose.DATA, ProtocolVersions.PRESENT, "test", peer, AT, Optional.of(peer)));
        List<HelloReply> answers = new ArrayList<>();
        for (HelloReply.Verdict verdict : HelloReply.Verdict.values()) {
            answers.add(new HelloReply(verdict, 1, peer, Map.of()));
        }
        answers.add(new HelloReply(HelloReply.Verdict.ACCEPTED, 1, peer, Map.of(new Peer("b@h", 8), AT)));
        List<String> written = new ArrayList<>();
        for (Hello hello : hellos) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            hello.write(out);
            written.add(HexFormat.of().formatHex(out.toByteArray()));
        }
        for (HelloReply answer : answers) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            answer.write(out);
            written.add(HexFormat.of().formatHex(out.toByteArray()));
        }
        assertThat(written).containsExactlyElementsOf(BYTES.lines().toList());
    }

    @Test
    void aHelloIsReadAsItWasWritten() throws Exception {
        assertThat(Hello.read(new ByteArrayInputStream(written()))).isEqualTo(HELLO);
    }

    @Test
    void anAnswerIsReadAsItWasWritten() throws Exception {
        HelloReply answer =
                new HelloReply(HelloReply.Verdict.ACCEPTED, 1, new Peer("a@h", 7), Map.of(new Peer("b@h", 8), AT));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        answer.write(out);
        assertThat(HelloReply.read(new ByteArrayInputStream(out.toByteArray()))).isEqualTo(answer);
    }

    @Test
    void aTruncatedHelloIsRefused() throws Exception {
        byte[] bytes = written();
        for (int length = 0; length < bytes.length; length++) {
            ByteArrayInputStream in = new ByteArrayInputStream(Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Hello.read(in))
                    .isInstanceOf(length < 2 ? EOFException.class : DecodeException.class);
            if (length >= 2) {
                byte[] shorter = Arrays.copyOf(bytes, length);
                shorter[0] = (byte) ((length - 2) >> 8);
                shorter[1] = (byte) (length - 2);
                assertThatThrownBy(() -> Hello.read(new ByteArrayInputStream(shorter)))
                        .isInstanceOf(DecodeException.class);
            }
        }
    }

    @Test
    void anInvalidLengthIsRefusedBeforeAnythingElseIsRead() {
        ByteArrayInputStream in = new ByteArrayInputStream(new byte[] {(byte) 0xff, (byte) 0xff, 0, 0});
        assertThatThrownBy(() -> Hello.read(in)).isInstanceOf(DecodeException.class);
        assertThat(in.available()).isEqualTo(2);
    }
}
