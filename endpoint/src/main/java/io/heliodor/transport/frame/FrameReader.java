package io.heliodor.transport.frame;

import io.heliodor.event.CloseCode;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The decoder of a client's WebSocket frames (RFC 6455): it unmasks, validates and reassembles them. It holds no memory
 * between messages. Within a message it holds the bytes received so far, whatever length a header announces.
 */
public final class FrameReader {
    private static final int MAX_FRAGMENTS = 1_024;
    private static final int MAX_CONTROL_BYTES = 125;
    private static final byte[] NOTHING = {};

    /** The heap of a partial message in addition to its bytes. */
    private static final int PARTIAL_BYTES = 128;

    private final int maxBytes;
    private final Optional<MessageInflater> inflation;

    /** The frame or message that is not complete yet. */
    private @Nullable Partial partial;

    /** With an inflater if the client may send compressed messages. */
    public FrameReader(int maxBytes, Optional<MessageInflater> inflation) {
        this.maxBytes = maxBytes;
        this.inflation = inflation;
    }

    /** The heap that a partial message holds, in bytes. */
    public int heldBytes() {
        return partial == null ? 0 : PARTIAL_BYTES + partial.data.length;
    }

    /** The bytes of a message that is not complete, at least 1; 0 if there is none. */
    public int incompleteBytes() {
        return partial == null ? 0 : 1 + partial.dataLength;
    }

    /** Decodes the next message of a buffer; null if the client must send more first, and the buffer is empty then. */
    public @Nullable WebSocketMessage read(ByteBuf in) {
        while (in.isReadable()) {
            if (partial == null) {
                WebSocketMessage whole = readWholeMessage(in);
                if (whole != null) {
                    return whole;
                }
                partial = new Partial();
            }
            WebSocketMessage message = partial.read(in);
            if (partial.done()) {
                partial = null;
            }
            if (message != null) {
                return message;
            }
        }
        return null;
    }

    /** Decodes the usual case, a complete message in one frame; null in any other case. */
    private @Nullable WebSocketMessage readWholeMessage(ByteBuf in) {
        int available = in.readableBytes();
        if (available < 6) {
            return null;
        }
        int at = in.readerIndex();
        int first = in.getUnsignedByte(at);
        int second = in.getUnsignedByte(at + 1);
        if ((first != (0x80 | FrameLayout.TEXT) && first != (0x80 | FrameLayout.BINARY)) || second < 0x80) {
            return null;
        }
        int length = second & 0x7f;
        int header = 2;
        if (length == 127) {
            return null;
        }
        if (length == 126) {
            length = in.getUnsignedShort(at + 2);
            header = 4;
            if (length < 126) {
                return null;
            }
        }
        if (available < header + 4 + length || length > maxBytes) {
            return null;
        }
        int mask = in.getInt(at + header);
        byte[] message = new byte[length];
        in.getBytes(at + header + 4, message);
        in.readerIndex(at + header + 4 + length);
        Mask.apply(mask, 0, message, 0, length);
        return data(first == (0x80 | FrameLayout.TEXT), message);
    }

    private static WebSocketMessage data(boolean text, byte[] message) {
        return text ? new WebSocketMessage.Text(message) : new WebSocketMessage.Binary(message);
    }

    private WebSocketMessage tooLarge() {
        return new WebSocketMessage.ProtocolError(CloseCode.TOO_LARGE, "message over " + maxBytes + " bytes");
    }

    private static WebSocketMessage protocolError(String reason) {
        return new WebSocketMessage.ProtocolError(CloseCode.PROTOCOL_ERROR, reason);
    }

    private static WebSocketMessage invalidData(String reason) {
        return new WebSocketMessage.ProtocolError(CloseCode.INVALID_DATA, reason);
    }

    /** The decoder's state within a message. */
    private final class Partial {
        private final byte[] header = new byte[14];
        private int headerLength;
        private boolean inPayload;

        private int opcode;
        private boolean fin;
        private int mask;
        private int length;
        private int taken;
        private byte[] control = NOTHING;

        /** The opcode of the data message that is being reassembled; 0 if there is none. */
        private int dataOpcode;

        private boolean compressed;
        private byte[] data = NOTHING;
        private int dataLength;
        private int fragments;
        private final Utf8Validator utf8 = new Utf8Validator();

        /** Whether no frame or message is incomplete. */
        boolean done() {
            return dataOpcode == 0 && headerLength == 0 && !inPayload;
        }

        /** Decodes one frame, or the part of it that has come; null if that completes no message. */
        @Nullable
        WebSocketMessage read(ByteBuf in) {
            if (!inPayload) {
                while (headerLength < headerNeeded()) {
                    if (!in.isReadable()) {
                        return null;
                    }
                    header[headerLength++] = in.readByte();
                    if (headerLength == 2) {
                        WebSocketMessage error = checkFirstTwoBytes();
                        if (error != null) {
                            return error;
                        }
                    }
                }
                WebSocketMessage error = beginPayload();
                if (error != null) {
                    return error;
                }
            }
            return readPayload(in);
        }

        private int headerNeeded() {
            if (headerLength < 2) {
                return 2;
            }
            int seven = header[1] & 0x7f;
            return 6 + (seven == 126 ? 2 : seven == 127 ? 8 : 0);
        }

        private @Nullable WebSocketMessage checkFirstTwoBytes() {
            fin = (header[0] & 0x80) != 0;
            opcode = header[0] & 0x0f;
            if ((header[0] & 0x70) != 0 && !startsCompressedMessage()) {
                return protocolError("reserved bits");
            }
            if ((header[1] & 0x80) == 0) {
                return protocolError("frame not masked");
            }
            int seven = header[1] & 0x7f;
            return switch (opcode) {
                case FrameLayout.TEXT, FrameLayout.BINARY ->
                    dataOpcode == 0 ? null : protocolError("message within a message");
                case FrameLayout.CONTINUATION -> dataOpcode != 0 ? null : protocolError("continuation of nothing");
                case FrameLayout.CLOSE, FrameLayout.PING, FrameLayout.PONG ->
                    fin && seven <= MAX_CONTROL_BYTES ? null : protocolError("long or fragmented control frame");
                default -> protocolError("reserved opcode");
            };
        }

        private boolean startsCompressedMessage() {
            boolean begins = opcode == FrameLayout.TEXT || opcode == FrameLayout.BINARY;
            return inflation.isPresent() && begins && (header[0] & 0x70) == FrameLayout.RSV1;
        }

        private @Nullable WebSocketMessage beginPayload() {
            long announced = header[1] & 0x7f;
            int at = 2;
            if (announced == 126) {
                announced = ((header[2] & 0xffL) << 8) | (header[3] & 0xffL);
                at = 4;
                if (announced < 126) {
                    return protocolError("length not minimal");
                }
            } else if (announced == 127) {
                announced = 0;
                for (int i = 2; i < 10; i++) {
                    announced = (announced << 8) | (header[i] & 0xff);
                }
                at = 10;
                if (announced < 65_536) {
                    return protocolError("length not minimal or with its top bit set");
                }
            }
            if (opcode < FrameLayout.CLOSE) {
                if (opcode != FrameLayout.CONTINUATION) {
                    dataOpcode = opcode;
                    compressed = startsCompressedMessage();
                }
                if (announced > maxWireBytes() - dataLength) {
                    return tooLarge();
                }
                if (++fragments > MAX_FRAGMENTS) {
                    return new WebSocketMessage.ProtocolError(
                            CloseCode.TOO_LARGE, "message in over " + MAX_FRAGMENTS + " fragments");
                }
            } else {
                control = new byte[(int) announced];
            }
            length = (int) announced;
            mask = (header[at] << 24)
                    | (header[at + 1] & 0xff) << 16
                    | (header[at + 2] & 0xff) << 8
                    | (header[at + 3] & 0xff);
            taken = 0;
            headerLength = 0;
            inPayload = true;
            return null;
        }

        private int maxWireBytes() {
            return compressed ? MessageInflater.maxCompressed(maxBytes) : maxBytes;
        }

        private @Nullable WebSocketMessage readPayload(ByteBuf in) {
            int count = Math.min(length - taken, in.readableBytes());
            byte[] into = control;
            int at = taken;
            if (opcode < FrameLayout.CLOSE) {
                if (data.length < dataLength + count) {
                    data = Arrays.copyOf(data, Math.max(dataLength + count, Math.min(2 * data.length, maxWireBytes())));
                }
                into = data;
                at = dataLength;
                dataLength += count;
            }
            in.readBytes(into, at, count);
            Mask.apply(mask, taken, into, at, count);
            taken += count;
            boolean text = opcode < FrameLayout.CLOSE && dataOpcode == FrameLayout.TEXT && !compressed;
            if (text && !utf8.accept(into, at, count)) {
                return invalidData("text is not UTF-8");
            }
            if (taken < length) {
                return null;
            }
            inPayload = false;
            return finishFrame();
        }

        private @Nullable WebSocketMessage finishFrame() {
            return switch (opcode) {
                case FrameLayout.PING -> new WebSocketMessage.Ping(control);
                case FrameLayout.PONG -> new WebSocketMessage.Pong();
                case FrameLayout.CLOSE -> close();
                default -> fin ? finishMessage() : null;
            };
        }

        private WebSocketMessage finishMessage() {
            boolean text = dataOpcode == FrameLayout.TEXT;
            if (text && !utf8.complete()) {
                return invalidData("text is not UTF-8");
            }
            byte[] message = data.length == dataLength ? data : Arrays.copyOf(data, dataLength);
            if (compressed) {
                switch (inflation.orElseThrow().inflate(message, maxBytes)) {
                    case MessageInflater.Message(byte[] bytes) -> message = bytes;
                    case MessageInflater.TooLarge() -> {
                        return tooLarge();
                    }
                    case MessageInflater.Corrupt() -> {
                        return invalidData("message is not compressed as it says");
                    }
                }
            }
            data = NOTHING;
            dataLength = 0;
            dataOpcode = 0;
            fragments = 0;
            return data(text, message);
        }

        private WebSocketMessage close() {
            if (control.length == 0) {
                return new WebSocketMessage.Close(1005);
            }
            if (control.length == 1) {
                return protocolError("close code of one byte");
            }
            int code = ((control[0] & 0xff) << 8) | (control[1] & 0xff);
            if (!valid(code)) {
                return protocolError("close code " + code);
            }
            Utf8Validator reason = new Utf8Validator();
            if (!reason.accept(control, 2, control.length - 2) || !reason.complete()) {
                return invalidData("close reason is not UTF-8");
            }
            return new WebSocketMessage.Close(code);
        }

        private static boolean valid(int code) {
            return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006)
                    || (code >= 3000 && code <= 4999);
        }
    }
}
