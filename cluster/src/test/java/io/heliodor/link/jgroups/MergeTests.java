package io.heliodor.link.jgroups;

import static io.heliodor.link.jgroups.Wires.awaitMembers;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Message;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.stack.ProtocolStack;
import org.jgroups.util.MergeId;
import org.jgroups.util.MutableDigest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A merge joins whole parts: no member of a part is lost because another one does not reply in time. */
class MergeTests {
    private final Wires wires = new Wires();
    private final AtomicBoolean reachable = new AtomicBoolean();

    private Wires.Started a;
    private Wires.Started b;
    private Wires.Started c;

    /** c and a are a part, b is another one. */
    @BeforeEach
    void start() throws Exception {
        c = wires.start("c");
        a = wires.start("a", c);
        awaitMembers(a, a, c);
        awaitMembers(c, a, c);
        b = startApart("b", a, c);
    }

    @AfterEach
    void close() {
        wires.close();
    }

    /** Starts a node that finds the others when {@link #reachable} is set. */
    private Wires.Started startApart(String name, Wires.Started... others) throws Exception {
        WireSettings plain = Wires.settings(name, 0, List.of(Wires.COOKIE), List.of());
        List<InetSocketAddress> addresses =
                List.of(others).stream().map(each -> each.wire().address()).toList();
        return wires.start(Wires.settings(
                plain.self(),
                plain.bind(),
                plain.advertised(),
                () -> reachable.get() ? addresses : List.of(),
                plain.cluster(),
                plain.cookie(),
                plain.timing()));
    }

    private static Address address(Wires.Started of) {
        return of.wire().stack().membership().getAddress();
    }

    private static void neverLost(Wires.Started member, Wires.Started by) {
        List<List<Peer>> views = by.witness().views.stream().map(View::members).toList();
        int first = views.indexOf(views.stream()
                .filter(view -> view.contains(member.peer()))
                .findFirst()
                .orElseThrow());
        assertThat(views.subList(first, views.size()))
                .allSatisfy(view -> assertThat(view).contains(member.peer()));
    }

    private void awaitMerge() {
        awaitMembers(a, a, b, c);
        awaitMembers(b, a, b, c);
        awaitMembers(c, a, b, c);
        neverLost(c, a);
        neverLost(a, c);
    }

    @Test
    void aMemberIsNotTakenAwayFromACoordinatorThatDoesNotReply() throws Exception {
        DISCARD deaf = new DISCARD();
        c.wire()
                .stack()
                .transport()
                .getProtocolStack()
                .insertProtocol(deaf, ProtocolStack.Position.ABOVE, Transport.class);
        deaf.addIgnoreMember(address(b));
        reachable.set(true);
        b.wire().compareViews();
        Wires.await(b.witness()::toString, () -> b.wire().stack().merging().getNumMergeEvents() >= 2);
        deaf.removeIgnoredMember(address(b));
        awaitMerge();
    }

    /** The coordinator left and returned while the member was cut off, so the member has its former address. */
    @Test
    void aMemberWhoseCoordinatorHasAnotherAddressNowJoins() throws Exception {
        Address former = PeerAddresses.of(c.peer(), c.wire().address());
        org.jgroups.View stale = org.jgroups.View.create(former, 9, former, address(a), address(b));
        MutableDigest digest = new MutableDigest(stale.getMembersRaw());
        stale.forEach(member -> digest.set(member, 0, 0));
        b.wire().stack().membership().installView(stale, digest);
        reachable.set(true);
        b.wire().compareViews();
        awaitAddresses(List.of(a, b, c));
        neverLost(c, a);
        neverLost(a, c);
    }

    private static void awaitAddresses(List<Wires.Started> all) {
        Set<Address> addresses = all.stream().map(MergeTests::address).collect(Collectors.toSet());
        all.forEach(each -> Wires.await(
                each.witness()::toString,
                () -> Set.copyOf(each.wire().stack().membership().view().getMembers())
                        .equals(addresses)));
    }

    @Test
    @Tag("long")
    void aMemberThatIsBusyWithAnotherMergeIsNotLost() throws Exception {
        GroupMembership asking = c.wire().stack().membership();
        asking.getDownProtocol()
                .down(new EmptyMessage(address(a))
                        .setFlag(Message.Flag.OOB)
                        .putHeader(
                                asking.getId(),
                                new GMS.GmsHeader(GMS.GmsHeader.GET_DIGEST_REQ).mergeId(MergeId.create(address(c)))));
        Wires.await(() -> "no merge", a.wire().stack().membership()::isMergeInProgress);
        reachable.set(true);
        b.wire().compareViews();
        awaitMerge();
    }
}
