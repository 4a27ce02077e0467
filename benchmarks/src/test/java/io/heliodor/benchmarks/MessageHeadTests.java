package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageHeadTests {
    private final MessageHead head = new MessageHead();

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void thePartsOfAReplyAreFound() {
        ByteBuffer bytes = bytes("[\"3\",\"12\",\"room:1\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
        assertThat(head.read(bytes, 0, bytes.limit())).isTrue();
        assertThat(head.ref(bytes)).isEqualTo(12);
        assertThat(head.topicIs(bytes, name("room:1"))).isTrue();
        assertThat(head.topicIs(bytes, name("room:12"))).isFalse();
        assertThat(head.eventIs(bytes, name("phx_reply"))).isTrue();
        assertThat((char) bytes.get(head.payload())).isEqualTo('{');
    }

    @Test
    void nullsSpacesAndEscapesAreRead() {
        ByteBuffer bytes = bytes("[null, null, \"a\\\"b,\\\\\", \"shout\", {\"n\":5}]");
        assertThat(head.read(bytes, 0, bytes.limit())).isTrue();
        assertThat(head.ref(bytes)).isEqualTo(-1);
        assertThat(head.topicIs(bytes, name("a\\\"b,\\\\"))).isTrue();
        assertThat(head.eventIs(bytes, name("shout"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[",
                "{}",
                "[]",
                "[1,2,3]",
                "[null,null,\"t\",\"e\"]",
                "[\"\\]",
                "[\"a\",\"b\",\"c\",\"d]"
            })
    void aMessageThatIsNotAnArrayOfFiveIsRefused(String text) {
        ByteBuffer bytes = bytes(text);
        assertThat(head.read(bytes, 0, bytes.limit())).isFalse();
    }

    @Test
    void aNumberIsReadUpToItsLastDigit() {
        ByteBuffer bytes = bytes("{\"pad\":\"x\",\"n\":1234567890123,\"t\":1}");
        int at = MessageHead.after(bytes, 0, bytes.limit(), name("\"n\":"));
        assertThat(MessageHead.number(bytes, at, bytes.limit())).isEqualTo(1_234_567_890_123L);
        assertThat(MessageHead.number(bytes, 0, bytes.limit())).isEqualTo(-1);
        assertThat(MessageHead.after(bytes, 0, bytes.limit(), name("\"m\":"))).isEqualTo(-1);
    }
}
