package io.heliodor.node;

import io.heliodor.codec.Codec;

/**
 * A question to the pub/sub of another node.
 *
 * @param place the scope and the name, as {@link Interest#key} writes those of a topic
 * @param content what is asked
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Question(String place, byte[] content) {
    static final Codec<Question> CODEC =
            Codec.both(Codec.text(), Codec.bytes(), Question::new, Question::place, Question::content);

    /**
     * The answer to a question.
     *
     * @param content the answer
     */
    record Response(byte[] content) {
        static final Codec<Response> CODEC = Codec.bytes().map(Response::new, Response::content);
    }
}
