package io.heliodor.link;

import io.heliodor.link.Link.Sent;
import io.heliodor.link.LinkContract.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Records the notifications of a link and the envelopes that are handed to it, for {@link LinkContract} to check. */
public final class LinkRecorder {
    /** A log of events in the order in which they happen. */
    public interface Book {
        /** Called before an envelope is handed to the link. Returns the number of events so far. */
        int handing(Peer to, Object key);

        /** Adds an event. */
        void add(Event event);
    }

    private final Book book;
    private final Function<byte[], Object> key;
    private final AtomicInteger notifying = new AtomicInteger();
    private final Map<Peer, AtomicInteger> receiving = new ConcurrentHashMap<>();

    /** A recorder of one link. */
    public LinkRecorder(Book book, Function<byte[], Object> key) {
        this.book = book;
        this.key = key;
    }

    /** Records the notifications of a link, and passes them on. */
    public Link.Listener listener(Link.Listener next) {
        return new Link.Listener() {
            private void one(AtomicInteger calls, Event event, Runnable pass) {
                if (calls.getAndIncrement() > 0) {
                    book.add(new Event.Overlapped(event.toString()));
                }
                book.add(event);
                try {
                    pass.run();
                } finally {
                    calls.decrementAndGet();
                }
            }

            @Override
            public void view(View view) {
                one(notifying, new Event.Viewed(view), () -> next.view(view));
            }

            @Override
            public void opened(Peer peer) {
                one(notifying, new Event.Opened(peer), () -> next.opened(peer));
            }

            @Override
            public void closed(Peer peer) {
                one(notifying, new Event.Closed(peer), () -> next.closed(peer));
            }

            @Override
            public void suspected(Peer peer, boolean suspect) {
                one(notifying, new Event.Suspected(peer, suspect), () -> next.suspected(peer, suspect));
            }

            @Override
            public void received(Peer from, byte[] envelope) {
                one(
                        receiving.computeIfAbsent(from, peer -> new AtomicInteger()),
                        new Event.Received(from, key.apply(envelope)),
                        () -> next.received(from, envelope));
            }
        };
    }

    /** Records the envelopes that are handed to a link. */
    public Link link(Link link) {
        return new Link() {
            private int handing(Peer to, byte[] envelope) {
                return book.handing(to, key.apply(envelope));
            }

            private Sent handed(Peer to, byte[] envelope, Sent sent, boolean insisted, int begun) {
                book.add(new Event.Handed(to, key.apply(envelope), sent, insisted, begun));
                return sent;
            }

            @Override
            public Peer self() {
                return link.self();
            }

            @Override
            public Sent offer(Peer to, byte[] envelope) {
                int begun = handing(to, envelope);
                return handed(to, envelope, link.offer(to, envelope), false, begun);
            }

            @Override
            public Sent post(Peer to, byte[] envelope) {
                int begun = handing(to, envelope);
                return handed(to, envelope, link.post(to, envelope), true, begun);
            }

            @Override
            public Sent send(Peer to, byte[] envelope, long nanos) throws InterruptedException {
                int begun = handing(to, envelope);
                return handed(to, envelope, link.send(to, envelope, nanos), false, begun);
            }

            @Override
            public void sendAll(List<Peer> to, IntFunction<byte[]> envelopes, long nanos, Refusals refusals) {
                List<byte[]> all = new ArrayList<>();
                List<Integer> begun = new ArrayList<>();
                for (int i = 0; i < to.size(); i++) {
                    all.add(envelopes.apply(i));
                    begun.add(handing(to.get(i), all.get(i)));
                }
                Map<Integer, Sent> refused = new HashMap<>();
                link.sendAll(to, all::get, nanos, refused::put);
                for (int i = 0; i < to.size(); i++) {
                    Sent sent = refused.getOrDefault(i, Sent.QUEUED);
                    handed(to.get(i), all.get(i), sent, false, begun.get(i));
                }
                refused.forEach(refusals::refused);
            }

            @Override
            public void close() {
                link.close();
            }
        };
    }
}
