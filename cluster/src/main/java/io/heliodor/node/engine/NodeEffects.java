package io.heliodor.node.engine;

import io.heliodor.election.Election;
import io.heliodor.election.Election.Leader;
import io.heliodor.link.Peer;
import io.heliodor.membership.Member.Status;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.node.membership.ClusterMembership;
import io.heliodor.node.membership.ClusterMetadata;
import io.heliodor.node.pubsub.LocalInterest;
import io.heliodor.node.registry.ClusterGroups;
import io.heliodor.protocol.Claim;
import io.heliodor.protocol.Key;
import io.heliodor.protocol.LeaveNotice;
import io.heliodor.protocol.MapMessage;
import io.heliodor.protocol.MapsEffects;
import io.heliodor.protocol.NameOutcome;
import io.heliodor.protocol.NamesEffects;
import io.heliodor.protocol.NamesMessage;
import io.heliodor.protocol.Roster;
import io.heliodor.protocol.Term;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The actions of the states of a node: messages, events, and changes of the copies for users. On the loop. */
public final class NodeEffects {
    private final NodeEngine node;

    public NodeEffects(NodeEngine node) {
        this.node = node;
    }

    public final class MapEffects implements MapsEffects {
        @Override
        public void send(Peer to, MapMessage message) {
            node.link().post(to, message);
        }

        @Override
        public void added(int kind, Peer owner, String key, String value) {
            switch (kind) {
                case LocalInterest.MAP -> node.pubsub().remoteInterest().add(owner, key);
                case ClusterGroups.MAP -> node.groups().received(owner, key, true);
                default -> node.metadata().received(owner, key, Optional.of(value));
            }
        }

        @Override
        public void changed(int kind, Peer owner, String key, String before, String value) {
            if (kind == ClusterMetadata.MAP) {
                node.metadata().received(owner, key, Optional.of(value));
            }
        }

        @Override
        public void removed(int kind, Peer owner, String key, String before) {
            switch (kind) {
                case LocalInterest.MAP -> node.pubsub().remoteInterest().remove(owner, key);
                case ClusterGroups.MAP -> node.groups().received(owner, key, false);
                default -> node.metadata().received(owner, key, Optional.empty());
            }
        }

        @Override
        public void acked(long ticket, boolean all) {
            node.acks().complete(ticket, all);
        }
    }

    private static Election.Term label(Term term) {
        return new Election.Term(term.toString(), OptionalLong.empty());
    }

    public final class NameEffects implements NamesEffects {
        @Override
        public void send(Peer to, NamesMessage message) {
            node.link().post(to, message);
        }

        @Override
        public void answered(long ticket, NameOutcome answer) {
            node.registry().answered(ticket, answer);
        }

        @Override
        public void lost(String name, long process) {
            node.warn("name", name, "a process has lost the name {}.");
        }

        @Override
        public void conflict(String name, Optional<Peer> winner, Peer loser) {
            node.registry().conflict(name, winner, loser);
        }

        @Override
        public void leading(String election, long process, Term term) {
            node.elections().leading(election, label(term));
        }

        @Override
        public void deposed(String election, long process, Term term) {
            node.elections().deposed(election, label(term));
        }

        @Override
        public void changed(Key key, Optional<Claim> owner) {
            if (key.election()) {
                node.elections()
                        .changed(
                                key.name(),
                                owner.map(claim -> new Leader(claim.peer().node(), label(claim.since()))));
            } else {
                node.registry().changed(key.name(), owner);
            }
        }

        @Override
        public void resolve(long conflict, String name, List<Claim> claims) {
            node.registry().resolve(conflict, name, claims);
        }
    }

    public final class RosterEffects implements Roster.Effects {
        @Override
        public void send(Peer to, LeaveNotice message) {
            node.link().post(to, message);
        }

        private void changed(Peer peer, Status now, Status before) {
            node.event(new MembershipEvent.Changed(ClusterMembership.member(peer, now), before));
        }

        private void departed(Peer peer, Status now) {
            node.event(new MembershipEvent.Left(ClusterMembership.member(peer, now)));
        }

        @Override
        public void up(Peer peer) {
            node.info("peer", peer.node(), "{} is a member.");
            node.event(new MembershipEvent.Joined(ClusterMembership.member(peer, Status.ALIVE)));
        }

        @Override
        public void suspect(Peer peer) {
            node.warn("peer", peer.node(), "{} is suspected to be dead.");
            changed(peer, Status.SUSPECT, Status.ALIVE);
        }

        @Override
        public void alive(Peer peer) {
            node.info("peer", peer.node(), "{} is alive, and not suspected any more.");
            changed(peer, Status.ALIVE, Status.SUSPECT);
        }

        @Override
        public void down(Peer peer) {
            node.warn("peer", peer.node(), "{} is no longer a member.");
            departed(peer, Status.DEAD);
        }

        @Override
        public void left(Peer peer) {
            node.info("peer", peer.node(), "{} has left.");
            departed(peer, Status.LEFT);
        }

        @Override
        public void merged(List<Peer> peers) {
            List<String> nodes = node.membership().view().members().stream()
                    .map(Peer::node)
                    .sorted()
                    .distinct()
                    .toList();
            node.info("members", nodes, "parts of the cluster have merged; the members are {}.");
            node.event(new MembershipEvent.Merged(nodes));
        }
    }
}
