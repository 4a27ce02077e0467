package io.heliodor.node;

import io.heliodor.codec.Codec;

/**
 * A question to the pub/sub of another node.
 *
 * @param place the scope and the name, as {@link RemoteInterest#key} writes those of a topic
 * @param content what is asked
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PubSubRequest(String place, byte[] content) {
    static final Codec<PubSubRequest> CODEC =
            Codec.both(Codec.text(), Codec.bytes(), PubSubRequest::new, PubSubRequest::place, PubSubRequest::content);

    /**
     * The answer to a question.
     *
     * @param content the answer
     */
    record Response(byte[] content) {
        static final Codec<Response> CODEC = Codec.bytes().map(Response::new, Response::content);
    }
}
