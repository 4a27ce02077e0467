package io.heliodor.transport.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.CloseCode;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CloseFramesTests {
    private static int sent(int code) {
        ByteBuf frame =
                CloseFrames.frame(ByteBuffer.allocate(2).putShort((short) code).array());
        assertThat(frame.readableBytes()).isEqualTo(4);
        return frame.getUnsignedShort(2);
    }

    @ParameterizedTest
    @EnumSource
    void eachCloseCodeHasAFrame(CloseCode code) {
        assertThat(sent(code.code())).isEqualTo(code.code());
    }

    @Test
    void anUnknownCodeBecomesThatOfAnOverloadedServer() {
        assertThat(sent(4999)).isEqualTo(CloseCode.OVERLOADED.code());
    }

    @Test
    void aPayloadWithoutACodeIsANormalClosure() {
        assertThat(CloseFrames.frame(new byte[0]).getUnsignedShort(2)).isEqualTo(1000);
    }
}
