package io.heliodor.transport.frame;

import io.heliodor.event.CloseCode;

/** A message or control frame of a client, unmasked and whole, or a violation of the protocol. */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public sealed interface WebSocketMessage {
    /** A text message. Its UTF-8 is validated, unless it came in one frame or compressed. */
    record Text(byte[] bytes) implements WebSocketMessage {}

    record Binary(byte[] bytes) implements WebSocketMessage {}

    record Ping(byte[] payload) implements WebSocketMessage {}

    record Pong() implements WebSocketMessage {}

    /** A close frame: its code, or 1005 if it has none. */
    record Close(int code) implements WebSocketMessage {}

    /** A violation of the protocol: the code to close with, and the reason. Nothing of the client is decoded after it. */
    record ProtocolError(CloseCode code, String reason) implements WebSocketMessage {}
}
