package io.heliodor.protocol;

import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Nodes with names, whose messages wait until a test delivers them. Node x' is another incarnation of the name x. */
final class Nodes {
    /** A limit that a test can reach. */
    static final int MAX_NAMES = 10_000;

    record Sent(String from, String to, Message message) {}

    final class One implements NamesEffects {
        private final String id;
        final Peer peer;
        final Names names;
        final List<String> events = new ArrayList<>();
        final Map<Long, NameOutcome> answers = new LinkedHashMap<>();
        final Map<Long, List<Claim>> conflicts = new LinkedHashMap<>();
        /** The names that were shown to users. */
        private final Set<String> shown = new TreeSet<>();
        /** For each accepted change, the names that were shown at that time. */
        final Map<Long, Set<String>> acceptedWith = new LinkedHashMap<>();

        private final MessageRoutes routes = new MessageRoutes();

        One(String id) {
            this.id = id;
            peer = new Peer(id.replace("'", ""), id.hashCode() & 0xffff);
            names = new Names(peer, this, MAX_NAMES);
            NamesMessage.route(routes, (from, message, _) -> names.received(from, message));
        }

        @Override
        public void send(Peer to, NamesMessage message) {
            if (message instanceof NamesMessage.TableAck accepted && accepted.parts() == 0) {
                acceptedWith.put(accepted.number(), Set.copyOf(shown));
            }
            queue.add(new Sent(id, id(to), message));
        }

        @Override
        public void answered(long ticket, NameOutcome answer) {
            if (answers.put(ticket, answer) != null) {
                throw new AssertionError("two answers to " + ticket);
            }
        }

        @Override
        public void lost(String name, long process) {
            events.add("lost " + name + " of " + process);
        }

        @Override
        public void conflict(String name, Optional<Peer> winner, Peer loser) {
            events.add("conflict " + name + " " + winner.map(Peer::node).orElse("nobody") + " " + loser.node());
        }

        @Override
        public void leading(String election, long process, Term term) {
            events.add("leading " + election + " by " + process + " in "
                    + term.view().number());
        }

        @Override
        public void deposed(String election, long process, Term term) {
            events.add("deposed " + election + " by " + process + " in "
                    + term.view().number());
        }

        @Override
        public void changed(Key key, Optional<Claim> owner) {
            owner.ifPresentOrElse(_ -> shown.add(key.name()), () -> shown.remove(key.name()));
        }

        @Override
        public void resolve(long conflict, String name, List<Claim> claims) {
            conflicts.put(conflict, claims);
        }

        String owner(String name) {
            return names.lookup(name)
                    .map(claim -> claim.peer().node() + claim.process())
                    .orElse("nobody");
        }

        String leader(String election) {
            return names.leader(election).map(claim -> claim.peer().node()).orElse("nobody");
        }

        void opened(String to) {
            names.opened(one(to).peer);
        }

        void closed(String to) {
            names.closed(one(to).peer);
        }
    }

    final List<Sent> queue = new ArrayList<>();
    final List<Sent> delivered = new ArrayList<>();
    private final Map<String, One> nodes = new LinkedHashMap<>();

    One one(String id) {
        return nodes.computeIfAbsent(id, One::new);
    }

    private String id(Peer peer) {
        return nodes.values().stream()
                .filter(node -> node.peer.equals(peer))
                .findFirst()
                .orElseThrow()
                .id;
    }

    View view(long number, String... members) {
        return new View(
                new ViewId(number, one(members[0]).peer),
                Arrays.stream(members).map(name -> one(name).peer).toList(),
                false);
    }

    /** Installs a view at one of its members, with sessions to the others. */
    void install(View view, String at) {
        One node = one(at);
        node.names.view(view);
        view.members().stream().filter(peer -> !peer.equals(node.peer)).forEach(node.names::opened);
        node.names.checkInvariants();
    }

    /** Installs a view at all its members. */
    void install(View view) {
        view.members().forEach(peer -> install(view, id(peer)));
    }

    /** Delivers the matching messages, and those that follow from them, in order; the others wait. */
    void deliver(Predicate<Sent> which) {
        boolean some = true;
        while (some) {
            some = false;
            for (Sent sent : List.copyOf(queue)) {
                if (which.test(sent)) {
                    queue.remove(sent);
                    delivered.add(sent);
                    some = true;
                    one(sent.to())
                            .routes
                            .dispatch(
                                    one(sent.from()).peer,
                                    Envelope.of(sent.message()).toBytes())
                            .ifPresent(problem -> {
                                throw new AssertionError(problem);
                            });
                    one(sent.to()).names.checkInvariants();
                }
            }
        }
    }

    void deliver() {
        deliver(_ -> true);
    }

    /** Installs a view at all its members, and delivers all messages. */
    void together(long number, String... members) {
        install(view(number, members));
        deliver();
    }
}
