package io.heliodor.endpoint;

/** The handler of a computed text, see {@link Endpoint.Builder#get}. */
@FunctionalInterface
public interface TextHandler {
    /**
     * Computes the response to a request.
     *
     * @param request the request
     * @return the response
     * @throws Exception any failure: it is logged, and the client gets status 500
     */
    Text answer(Request request) throws Exception;
}
