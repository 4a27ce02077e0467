package io.heliodor.endpoint;

/** Computes a text for each request, see {@link Endpoint.Builder#get}. */
@FunctionalInterface
public interface TextHandler {
    /**
     * Computes the text.
     *
     * @param request the request
     * @return the text
     * @throws Exception any failure: it is logged, and the client gets status 500
     */
    Text answer(Request request) throws Exception;
}
