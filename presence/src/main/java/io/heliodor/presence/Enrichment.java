package io.heliodor.presence;

import java.util.List;
import java.util.Map;

/**
 * Adds fields to the messages of clients when they are sent, such as a name and a picture from the database. So they need not be
 * copied into each meta. It corresponds to {@code fetch} of Phoenix.
 *
 * @param <M> the type of the metas
 */
@FunctionalInterface
public interface Enrichment<M> {
    /**
     * Returns the additions for the keys of one state or diff. It is called once for each message, so that one query can serve all
     * keys.
     *
     * <p><b>Threads:</b> a virtual thread of the topic, one call at a time. <b>Blocking:</b> allowed; the messages of this topic
     * wait, and the changes made meanwhile become one diff.
     *
     * @param topic the topic
     * @param present the metas of the message by key, including those of leaves
     * @return for some or all of the keys a record or a map, whose fields are added next to {@code metas}. (JavaPhoenixClient reads
     *     lists there and nothing else.)
     * @throws Exception on any failure; it is logged, and the message is sent without additions
     */
    Map<String, ?> enrich(String topic, Map<String, List<M>> present) throws Exception;
}
