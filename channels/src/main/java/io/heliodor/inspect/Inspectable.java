package io.heliodor.inspect;

import io.heliodor.observe.HandlerObserver;
import io.heliodor.observe.Metrics;
import io.heliodor.observe.Observer;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.Optional;

/**
 * An endpoint whose present state can be read. Reading changes nothing: no subscription and no history begins.
 *
 * <p>Any thread but an event loop may use it. Methods that read connections wait for their event loops, 0.6 s at most; a connection
 * that is not read within it is left out.
 */
public interface Inspectable {
    /**
     * The endpoints in this JVM over a pub/sub.
     *
     * @param pubsub the pub/sub
     * @return the endpoints in the order in which they were built; none if the pub/sub is closed
     */
    static List<Inspectable> over(PubSub pubsub) {
        return Operable.over(pubsub).stream().map(Operable::inspection).toList();
    }

    /**
     * The counters and gauges.
     *
     * @return always the same object
     */
    Metrics metrics();

    /**
     * The direct memory of the buffers of connections.
     *
     * @return the memory, which all endpoints of this JVM share, with the limit of this one; empty without a transport
     */
    Optional<MemoryUse> directMemory();

    /**
     * The sockets that clients connect to.
     *
     * @return the sockets with their paths; none without a network
     */
    List<ServedSocket> sockets();

    /**
     * Notifies an observer of the duration of each handler from now on.
     *
     * @param observer notified on the threads of the handlers
     * @return the subscription; it also ends when the endpoint is closed
     */
    Subscription observe(HandlerObserver observer);

    /**
     * Notifies an observer of events of connections and channels from now on.
     *
     * @param observer notified on a virtual thread of its own
     * @return the subscription; it also ends when the endpoint is closed
     */
    Subscription observe(Observer observer);

    /**
     * Notifies an observer of the frames of a user or a topic from now on. Without a trace a frame costs one read of a volatile field.
     *
     * @param target the user or the topic
     * @param observer notified on event loops and on threads that broadcast
     * @return the subscription; it also ends when the endpoint is closed
     */
    Subscription trace(TraceTarget target, FrameObserver observer);

    /**
     * The largest topics whose names contain a text. Reads a limited number of topics, in no order.
     *
     * @param part the text; all topics if it is empty
     * @param limit the maximum number of items
     * @return the topics by falling number of members, then by name
     */
    Page<TopicSize> topics(String part, int limit);

    /**
     * The ids of connections that contain a text. Reads a limited number of ids, in no order.
     *
     * @param part the text; all ids if it is empty
     * @param limit the maximum number of items
     * @return the ids, sorted
     */
    Page<String> ids(String part, int limit);

    /**
     * The open connections of an id.
     *
     * @param id the id
     * @param limit the maximum number of items
     * @param maxTopics the maximum number of topics of each
     * @return the connections
     */
    Page<ConnectionState> connections(String id, int limit, int maxTopics);

    /**
     * The connections of the members of a topic.
     *
     * @param topic the topic
     * @param limit the maximum number of items
     * @return the connections, without their topics
     */
    Page<ConnectionState> members(String topic, int limit);

    /**
     * The connections whose clients have most bytes to take. Reads a limited number of connections that are not idle.
     *
     * @param limit the maximum number of items
     * @return the connections by falling number of bytes, without their topics
     */
    List<ConnectionState> slowest(int limit);

    /**
     * The newest messages that the history of a topic keeps on this endpoint.
     *
     * @param topic the topic
     * @param limit the maximum number of messages
     * @return the messages, the oldest first; none without a history here
     */
    List<KeptEvent> kept(String topic, int limit);
}
