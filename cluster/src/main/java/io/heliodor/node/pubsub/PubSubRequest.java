package io.heliodor.node.pubsub;

import io.heliodor.codec.Codec;

/**
 * A request to a part of the pub/sub on another node.
 *
 * @param handler the scope and the name of the handler, as {@link RemoteInterest#key} writes those of a topic
 * @param content the request
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PubSubRequest(String handler, byte[] content) {
    public static final Codec<PubSubRequest> CODEC =
            Codec.both(Codec.text(), Codec.bytes(), PubSubRequest::new, PubSubRequest::handler, PubSubRequest::content);

    /**
     * The response to a request.
     *
     * @param content the response
     */
    public record Response(byte[] content) {
        static final Codec<Response> CODEC = Codec.bytes().map(Response::new, Response::content);
    }
}
