package io.heliodor.simulation;

import io.heliodor.fixtures.linearizability.NameHistory;
import io.heliodor.fixtures.linearizability.NameHistory.Answer;
import io.heliodor.fixtures.linearizability.NameHistory.Call;
import io.heliodor.fixtures.linearizability.NameHistory.Incarnation;
import io.heliodor.fixtures.linearizability.NameHistory.Owner;
import io.heliodor.link.Peer;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Clients that register, release and look up names at the hosts of a simulated cluster, as nodes do. An operation is repeated under
 * its number until it has an answer, or its client gives up. Some answers are lost, and clients die. In the end all operations
 * must be linearizable.
 */
final class VoterClients {
    private static final int CLIENTS = 3;
    private static final List<String> NAMES = List.of("x", "y");

    private final World world;
    private final NameHistory history = new NameHistory();
    private final List<Client> clients;
    private final List<Peer> dead = new ArrayList<>();

    VoterClients(World world) {
        this.world = world;
        this.clients = IntStream.range(0, CLIENTS)
                .mapToObj(i -> new Client(new Peer("k" + i, i)))
                .toList();
    }

    /** One client goes on at a host, or a host evicts one that has died. */
    void act(VoterHost host) {
        if (!dead.isEmpty() && world.chance(0.1)) {
            host.execute(new VoterCommand.Request(host.peer(), 0, new VoterCommand.Evict(world.any(dead))), _ -> {});
        } else {
            world.any(clients).act(host);
        }
    }

    void check() {
        clients.forEach(Client::giveUp);
        history.violation().ifPresent(violation -> world.check(false, violation));
    }

    private static Incarnation incarnation(Peer peer) {
        return new Incarnation(peer.node(), peer.incarnation());
    }

    /** An operation that has no answer yet. */
    private static final class Pending {
        final VoterCommand.Request request;
        final Call call;
        final long invoked;
        boolean isAccepted;

        Pending(VoterCommand.Request request, Call call, long invoked) {
            this.request = request;
            this.call = call;
            this.invoked = invoked;
        }
    }

    private final class Client {
        private Peer self;
        private long number;
        private Optional<Pending> pending = Optional.empty();

        Client(Peer self) {
            this.self = self;
        }

        void act(VoterHost host) {
            if (world.chance(0.005)) {
                die();
            } else if (pending.isPresent() && world.chance(0.02)) {
                giveUp();
            }
            Pending present = pending.orElseGet(this::next);
            pending = Optional.of(present);
            present.isAccepted |= host.execute(present.request, answer -> {
                if (world.chance(0.2)) {
                    world.saw("lost answer");
                } else {
                    answered(present, answer);
                }
            });
        }

        private Pending next() {
            String name = world.any(NAMES);
            long process = world.chance(0.5) ? 1 : 2;
            return switch (world.random.nextInt(3)) {
                case 0 ->
                    begin(
                            new VoterCommand.Register(name, process),
                            new Call.Register(name, new Owner(incarnation(self), Long.toString(process))));
                case 1 -> begin(new VoterCommand.Release(name), new Call.Unregister(name, incarnation(self)));
                default -> begin(new VoterCommand.Lookup(name), new Call.Lookup(name, incarnation(self)));
            };
        }

        private Pending begin(VoterCommand command, Call call) {
            return new Pending(new VoterCommand.Request(self, ++number, command), call, history.now());
        }

        private void answered(Pending operation, VoterAnswer answer) {
            if (pending.filter(operation::equals).isPresent()) {
                world.saw("answer to a client");
                pending = Optional.empty();
                history.record(
                        operation.call,
                        switch (answer) {
                            case VoterAnswer.Done _ -> new Answer.Done();
                            case VoterAnswer.Owned(VoterAnswer.Owner owner) ->
                                new Answer.Owned(owner.peer().node(), Long.toString(owner.process()));
                            case VoterAnswer.NoOwner _ -> new Answer.NoOwner();
                            case VoterAnswer.Stale _ -> new Answer.Unknown();
                            default -> throw new AssertionError(answer + " to " + operation.call);
                        },
                        operation.invoked);
            }
        }

        void giveUp() {
            pending.ifPresent(operation -> history.record(
                    operation.call,
                    operation.isAccepted ? new Answer.Unknown() : new Answer.Refused(),
                    operation.invoked));
            pending = Optional.empty();
        }

        private void die() {
            world.saw("death of a client");
            giveUp();
            history.mayLoseNames(incarnation(self));
            dead.add(self);
            self = new Peer(self.node(), self.incarnation() + CLIENTS);
            number = 0;
        }
    }
}
