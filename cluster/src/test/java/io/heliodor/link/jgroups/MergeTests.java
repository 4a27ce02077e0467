package io.heliodor.link.jgroups;

import static io.heliodor.link.jgroups.Wires.awaitMembers;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Event;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;
import org.jgroups.util.MergeId;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.MutableDigest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A merge joins whole parts: no member of a part is lost because another one does not reply in time. */
class MergeTests {
    private Wires wires = new Wires();
    private final AtomicBoolean reachable = new AtomicBoolean();

    @AutoClose("shutdownNow")
    private final ExecutorService starter = Executors.newVirtualThreadPerTaskExecutor();

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

    /** The leader of a merge is the coordinator with the lowest address, and those are random. */
    private void startWithLeaderB() throws Exception {
        while (address(b).compareTo(address(c)) > 0) {
            wires.close();
            wires = new Wires();
            start();
        }
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
                .insertProtocol(deaf, ProtocolStack.Position.ABOVE, PeerTransport.class);
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

    @Test
    @Tag("long")
    void aMemberThatJoinsWhileItsPartAnswersAMergeIsNotLost() throws Exception {
        startWithLeaderB();
        CountDownLatch answered = new CountDownLatch(1);
        insert(c, ProtocolStack.Position.ABOVE, new Protocol() {
            // The coordinator has chosen the next view, and has not installed it yet.
            @Override
            public Object up(Event event) {
                if (event.getType() == Event.TMP_VIEW && !(event.arg() instanceof MergeView)) {
                    awaitUninterruptibly(answered);
                }
                return super.up(event);
            }
        });
        insert(c, ProtocolStack.Position.BELOW, new Protocol() {
            @Override
            public Object down(Message message) {
                if (isOf(message, GMS.GmsHeader.MERGE_RSP)) {
                    answered.countDown();
                }
                return super.down(message);
            }
        });
        Future<Wires.Started> joining = starter.submit(() -> startNode("d"));
        Wires.await(() -> "no join runs", c.wire().stack().membership().getViewHandler()::processing);
        reachable.set(true);
        b.wire().compareViews();
        awaitMerge(joining.get(Wires.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertThat(b.witness().views).noneMatch(view -> view.members().size() == 3);
    }

    @Test
    @Tag("long")
    void aMergedViewDoesNotReplaceAnotherViewThanTheOneOfTheAnswer() throws Exception {
        startWithLeaderB();
        CompletableFuture<Wires.Started> joining = new CompletableFuture<>();
        GroupMembership membership = c.wire().stack().membership();
        insert(c, ProtocolStack.Position.BELOW, new Protocol() {
            @Override
            public Object up(Message message) {
                if (isOf(message, GMS.GmsHeader.INSTALL_MERGE_VIEW) && !joining.isDone()) {
                    membership.getViewHandler().resume();
                    joining.completeAsync(() -> startNode("d"), starter)
                            .exceptionally(_ -> null)
                            .join();
                }
                return super.up(message);
            }

            @Override
            public void up(MessageBatch batch) {
                batch.forEach(this::up);
            }
        });
        reachable.set(true);
        b.wire().compareViews();
        awaitMerge(joining.get(Wires.PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    private Wires.Started startNode(String name) {
        try {
            return wires.start(name, c);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitMerge(Wires.Started d) {
        for (Wires.Started each : List.of(a, b, c, d)) {
            awaitMembers(each, a, b, c, d);
        }
        neverLost(d, c);
        neverLost(a, c);
        neverLost(c, d);
    }

    private static void insert(Wires.Started at, ProtocolStack.Position position, Protocol protocol) throws Exception {
        GroupMembership membership = at.wire().stack().membership();
        membership.getProtocolStack().insertProtocol(protocol, position, GroupMembership.class);
    }

    private static boolean isOf(Message message, byte type) {
        GMS.GmsHeader header = message.getHeader(ClassConfigurator.getProtocolId(GMS.class));
        return header != null && header.getType() == type;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
