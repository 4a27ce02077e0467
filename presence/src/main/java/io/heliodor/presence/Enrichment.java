package io.heliodor.presence;

import java.util.List;
import java.util.Map;

/**
 * Adds to what clients are told, when they are told: a name and a picture from the database instead of a copy in every
 * presence. What Phoenix calls {@code fetch}.
 *
 * @param <M> what is said about somebody
 */
@FunctionalInterface
public interface Enrichment<M> {
    /**
     * Called before a state or a diff goes out, with those in it, also with those who left: once for many, so that one
     * query serves all.
     *
     * <p><b>Threads:</b> a virtual thread of that topic, one call at a time. <b>Blocking:</b> allowed; the topic waits,
     * and tells what happened meanwhile in one diff.
     *
     * @param topic the topic
     * @param present by key what is said about them
     * @return for some or all of the keys an object whose fields are put beside {@code metas}: a record or a map.
     *     (JavaPhoenixClient reads lists there and nothing else.)
     * @throws Exception whatever goes wrong: it is logged, and clients are told without an addition
     */
    Map<String, ?> enrich(String topic, Map<String, List<M>> present) throws Exception;
}
