package io.heliodor.transport.frame;

import io.heliodor.event.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Preallocated close frames without a reason, one for each code that a server sends. They close connections when no buffer
 * can be allocated. Any thread may use them.
 */
public final class CloseFrames {
    /** Codes without a reason of the server: those of a client's close frame that it sends back. */
    private static final List<Integer> ECHOED = List.of(1000, 1003);

    private static final int FRAME_BYTES = 4;
    private static final Map<Integer, ByteBuf> FRAMES = frames();
    private static final ByteBuf OVERLOADED = Objects.requireNonNull(FRAMES.get(CloseCode.OVERLOADED.code()));

    private CloseFrames() {}

    /** Allocates the frames, once. To be called while memory is free. */
    public static void preallocate() {}

    private static Map<Integer, ByteBuf> frames() {
        List<Integer> codes = new ArrayList<>(ECHOED);
        for (CloseCode code : CloseCode.values()) {
            codes.add(code.code());
        }
        ByteBuf all = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(codes.size() * FRAME_BYTES))
                .clear();
        Map<Integer, ByteBuf> frames = new HashMap<>();
        for (int code : codes) {
            FrameLayout.write(all, FrameLayout.CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
            ByteBuf frame = all.slice(all.writerIndex() - FRAME_BYTES, FRAME_BYTES);
            frames.put(code, Unpooled.unreleasableBuffer(frame.asReadOnly()));
        }
        return Map.copyOf(frames);
    }

    /** The frame with the code of a payload, to be written once: 1000 for a payload without a code, 1013 for an unknown code. */
    public static ByteBuf frame(byte[] payload) {
        int code = payload.length < 2 ? 1000 : ByteBuffer.wrap(payload).getShort();
        ByteBuf frame = FRAMES.get(code);
        return (frame == null ? OVERLOADED : frame).duplicate();
    }
}
