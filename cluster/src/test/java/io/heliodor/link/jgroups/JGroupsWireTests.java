package io.heliodor.link.jgroups;

import static io.heliodor.link.jgroups.Wires.awaitMembers;
import static io.heliodor.link.jgroups.Wires.awaitPacket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.fixtures.FreePort;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.link.View;
import io.heliodor.link.WireException;
import io.heliodor.link.jgroups.socket.CookieKey;
import io.heliodor.link.jgroups.socket.CookieSecret;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jgroups.EmptyMessage;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.util.MergeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JGroupsWireTests {
    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    @Test
    void threeNodesInstallTheSameView() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        var c = wires.start("c", a, b);
        awaitMembers(a, a, b, c);
        awaitMembers(b, a, b, c);
        awaitMembers(c, a, b, c);
        View last = a.witness().views.getLast();
        assertThat(b.witness().views.getLast()).isEqualTo(last);
        assertThat(c.witness().views.getLast()).isEqualTo(last);
        assertThat(a.witness().views.stream().map(view -> view.id().number())).isSorted();
    }

    /** Five nodes that waited only a millisecond for members would form five views. */
    @Test
    void aNodeWaitsForTheClusterThatASeedIsAMemberOf() throws Exception {
        var a = wires.start("a");
        for (String name : List.of("b", "c", "d", "e")) {
            WireSettings usual = Wires.settings(
                    name, 0, List.of(Wires.COOKIE), List.of(a.wire().address()));
            Timing hasty = new Timing(
                    usual.timing().heartbeat(),
                    usual.timing().exclusionTimeout(),
                    usual.timing().verify(),
                    Duration.ofMillis(1),
                    usual.timing().merge(),
                    usual.timing().handshake());
            var next = wires.start(Wires.settings(
                    usual.self(),
                    usual.bind(),
                    usual.advertised(),
                    usual.seeds(),
                    usual.cluster(),
                    usual.cookie(),
                    hasty));
            assertThat(next.witness().views.getFirst().has(a.peer()))
                    .as(next.witness().toString())
                    .isTrue();
        }
    }

    @Test
    void packetsArriveOnceAndInOrderInBothDirections() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(a, a, b);
        for (int i = 0; i < 2_000; i++) {
            a.send(b.peer(), "to b " + i);
            b.send(a.peer(), "to a " + i);
        }
        awaitPacket(a, "b@127.0.0.1: to a 1999");
        awaitPacket(b, "a@127.0.0.1: to b 1999");
        assertThat(a.witness().packets)
                .isEqualTo(IntStream.range(0, 2_000)
                        .mapToObj(i -> "b@127.0.0.1: to a " + i)
                        .toList());
        assertThat(b.witness().packets)
                .isEqualTo(IntStream.range(0, 2_000)
                        .mapToObj(i -> "a@127.0.0.1: to b " + i)
                        .toList());
    }

    /** Views are compared while it leaves, as after other changes of the membership. */
    @Test
    void aNodeThatLeavesIsNotAdmittedAgain() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(b, a, b);
        for (int round = 0; round < 5; round++) {
            var leaver = wires.start("leaver", a);
            awaitMembers(a, a, b, leaver);
            awaitMembers(b, a, b, leaver);
            AtomicBoolean left = new AtomicBoolean();
            Thread comparing = Thread.ofVirtual().start(() -> {
                while (!left.get()) {
                    leaver.wire().compareViews();
                    a.wire().compareViews();
                    LockSupport.parkNanos(2_000_000);
                }
            });
            leaver.wire().close();
            awaitMembers(a, a, b);
            awaitMembers(b, a, b);
            // The next view of both follows all messages that were under way.
            var next = wires.start("next", a);
            awaitMembers(a, a, b, next);
            left.set(true);
            comparing.join();
            next.wire().close();
            awaitMembers(a, a, b);
            awaitMembers(b, a, b);
            assertThat(joins(a, leaver)).as(a.witness().toString()).isOne();
            assertThat(joins(b, leaver)).as(b.witness().toString()).isOne();
        }
    }

    /** The number of times that the member joined. */
    private static long joins(Wires.Started on, Wires.Started member) {
        List<Boolean> there =
                on.witness().views.stream().map(view -> view.has(member.peer())).toList();
        return IntStream.range(0, there.size())
                .filter(i -> there.get(i) && (i == 0 || !there.get(i - 1)))
                .count();
    }

    @Test
    void aLargePacketArrivesWhole() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(a, a, b);
        String large = "x".repeat(3_000_000);
        a.send(b.peer(), large);
        awaitPacket(b, "a@127.0.0.1: " + large);
    }

    @Test
    void anotherCookieIsRefusedAndNothingArrives() throws Exception {
        var a = wires.start("a");
        assertThatThrownBy(() -> wires.start("b", 0, List.of(new CookieSecret("another cookie, quite long")), a))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.REFUSED));
        assertThat(a.witness().members()).containsExactly("a@127.0.0.1");
        assertThat(a.witness().packets).isEmpty();
    }

    /** As a node with too many handshakes of strangers does. */
    @Test
    void aSeedThatResetsConnectionsDoesNotRefuseANodeWhichGoesOnTrying() throws Exception {
        Wires.Started b;
        int port;
        Thread acceptor;
        try (ServerSocket busy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = busy.getLocalPort();
            acceptor = Thread.ofVirtual().start(() -> {
                while (!busy.isClosed()) {
                    try (Socket reset = busy.accept()) {
                        reset.setSoLinger(true, 0);
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            b = wires.start(Wires.settings(
                    "b",
                    0,
                    List.of(Wires.COOKIE),
                    List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))));
        }
        assertThat(b.witness().members()).containsExactly("b@127.0.0.1");
        assertThat(RecordedLog.linesAbout("closed each connection of this node"))
                .filteredOn(line -> line.text().contains(":" + port + " "))
                .hasSize(1);
        acceptor.join(); // the port is free when no thread accepts on it any more
        var a = wires.start("a", port, List.of(Wires.COOKIE));
        awaitMembers(a, a, b);
        awaitMembers(b, a, b);
        assertThat(RecordedLog.linesAbout("Refused"))
                .filteredOn(line -> line.text().contains(":" + port + ":"))
                .isEmpty();
    }

    @Test
    void nodesWithAndWithoutACookieRefuseEachOther() throws Exception {
        var a = wires.start("a");
        var plain = wires.start("plain", 0, List.of());
        assertThatThrownBy(() -> wires.start("b", 0, List.of(), a)).hasMessageContaining("refused");
        assertThatThrownBy(() -> wires.start("b", plain)).hasMessageContaining("refused");
    }

    @Test
    void withoutACookieNodesOnLoopbackFormAClusterToo() throws Exception {
        var a = wires.start("a", 0, List.of());
        var b = wires.start("b", 0, List.of(), a);
        awaitMembers(a, a, b);
        a.send(b.peer(), "plain");
        awaitPacket(b, "a@127.0.0.1: plain");
    }

    @Test
    void anotherClusterIsRefused() throws Exception {
        var a = wires.start("a", 0, List.of());
        WireSettings other = Wires.settings("b", 0, List.of(), List.of(a.wire().address()));
        assertThatThrownBy(() -> wires.start(Wires.settings(
                        other.self(),
                        other.bind(),
                        other.advertised(),
                        other.seeds(),
                        "another",
                        other.cookie(),
                        other.timing())))
                .hasMessageContaining("OTHER_CLUSTER");
    }

    @Test
    void nodesWithAndWithoutVotersRefuseEachOther() throws Exception {
        var plain = wires.start("plain");
        var voter = wires.start(withVoters("voter"));
        assertThatThrownBy(() -> wires.start(withVoters("b", plain))).hasMessageContaining("OTHER_CLUSTER");
        assertThatThrownBy(() -> wires.start("b", voter)).hasMessageContaining("OTHER_CLUSTER");
        var another = wires.start(withVoters("c", voter));
        awaitMembers(another, voter, another);
    }

    private static WireSettings withVoters(String name, Wires.Started... seeds) {
        WireSettings usual = Wires.settings(
                name,
                0,
                List.of(Wires.COOKIE),
                Stream.of(seeds).map(seed -> seed.wire().address()).toList());
        return new WireSettings(
                usual.self(),
                usual.bind(),
                usual.advertised(),
                usual.seeds(),
                usual.cluster(),
                usual.cookie(),
                usual.timing(),
                true,
                usual.versions(),
                usual.tls());
    }

    /** JGroups ends a merge whose coordinator is gone after ten seconds, by a timer that a disconnect stops. */
    @Test
    void aNodeThatDisconnectsDuringAMergeCanMergeAgain() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(a, a, b);
        awaitMembers(b, a, b);
        GroupMembership merging = a.wire().stack().membership();
        GroupMembership other = b.wire().stack().membership();
        org.jgroups.Message begins = new EmptyMessage(merging.getAddress())
                .setFlag(org.jgroups.Message.Flag.OOB)
                .putHeader(
                        other.getId(),
                        new GMS.GmsHeader(GMS.GmsHeader.GET_DIGEST_REQ).mergeId(MergeId.create(other.getAddress())));
        other.getDownProtocol().down(begins);
        Wires.await(() -> "no merge", merging::isMergeInProgress);
        a.wire().disconnect();
        a.wire().connect(b.wire().address());
        awaitMembers(a, a, b);
        awaitMembers(b, a, b);
    }

    @Test
    void theHighestVersionThatBothHaveIsUsed() throws Exception {
        var a = wires.start(
                Wires.with(Wires.settings("a", 0, List.of(), List.of()), new ProtocolVersions(1, 2), Optional.empty()));
        List<InetSocketAddress> seeds = List.of(a.wire().address());
        var b = wires.start(
                Wires.with(Wires.settings("b", 0, List.of(), seeds), new ProtocolVersions(1, 1), Optional.empty()));
        var c = wires.start(
                Wires.with(Wires.settings("c", 0, List.of(), seeds), new ProtocolVersions(1, 3), Optional.empty()));
        awaitMembers(a, a, b, c);
        awaitMembers(b, a, b, c);
        awaitMembers(c, a, b, c);
        c.send(a.peer(), "new");
        c.send(b.peer(), "old");
        awaitPacket(a, "c@127.0.0.1: new");
        awaitPacket(b, "c@127.0.0.1: old");
        assertThat(c.wire().version(a.peer())).hasValue(2);
        assertThat(c.wire().version(b.peer())).hasValue(1);
        assertThat(b.wire().version(c.peer())).hasValue(1);
        assertThat(c.wire().takesParts(a.peer())).isTrue();
        assertThat(c.wire().takesParts(b.peer())).isFalse();
    }

    @Test
    void aNodeWithoutACommonVersionIsRefused() throws Exception {
        var a = wires.start("a", 0, List.of());
        WireSettings next = Wires.with(
                Wires.settings("b", 0, List.of(), List.of(a.wire().address())),
                new ProtocolVersions(4, 5),
                Optional.empty());
        assertThatThrownBy(() -> wires.start(next)).hasMessageContaining("OTHER_VERSION");
    }

    @Test
    void aCookieIsChangedByAcceptingTheNextOneFirst() throws Exception {
        CookieSecret next = new CookieSecret("the next cookie, as long as the first");
        var a = wires.start("a", 0, List.of(Wires.COOKIE, next));
        var b = wires.start("b", 0, List.of(next, Wires.COOKIE), a);
        awaitMembers(a, a, b);
        b.send(a.peer(), "turned");
        awaitPacket(a, "b@127.0.0.1: turned");
    }

    /** A certificate, and trust in it alone. */
    private static SSLContext keys(String secret) throws Exception {
        CookieKey key = CookieKey.of(secret, "keys");
        char[] password = "changeit".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        store.setKeyEntry("own", key.keys().getPrivate(), password, new X509Certificate[] {key.certificate()});
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, password);
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null, password);
        known.setCertificateEntry("known", key.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static WireSettings settings(String name, SSLContext keys, Wires.Started... seeds) {
        WireSettings usual = Wires.settings(
                name,
                0,
                List.of(),
                Stream.of(seeds).map(seed -> seed.wire().address()).toList());
        return Wires.with(usual, usual.versions(), Optional.of(keys));
    }

    @Test
    void customKeysReplaceACookie() throws Exception {
        SSLContext ours = keys("ours");
        var a = wires.start(settings("a", ours));
        var b = wires.start(settings("b", ours, a));
        awaitMembers(a, a, b);
        a.send(b.peer(), "hello");
        awaitPacket(b, "a@127.0.0.1: hello");
        assertThatThrownBy(() -> wires.start(settings("c", keys("theirs"), a)))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.REFUSED));
        assertThatThrownBy(() -> wires.start("c", a))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.REFUSED));
        assertThat(a.witness().members()).containsExactly("a@127.0.0.1", "b@127.0.0.1");
    }

    @Test
    void aNodeThatLeavesIsRemovedAtOnceAndNeverSuspected() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        var c = wires.start("c", a);
        awaitMembers(a, a, b, c);
        b.wire().close();
        awaitMembers(a, a, c);
        awaitMembers(c, a, c);
        assertThat(a.witness().opinions).isEmpty();
        assertThat(c.witness().opinions).isEmpty();
    }

    @Test
    void theCoordinatorMayLeaveToo() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        var c = wires.start("c", a);
        awaitMembers(c, a, b, c);
        a.wire().close();
        awaitMembers(b, b, c);
        awaitMembers(c, b, c);
        assertThat(c.witness().views.getLast().coordinator()).isEqualTo(b.peer());
    }

    @Test
    void aNodeThatIsStartedAgainIsAnotherIncarnation() throws Exception {
        var a = wires.start("a");
        int port = FreePort.find();
        var b = wires.start("b", port, List.of(Wires.COOKIE), a);
        awaitMembers(a, a, b);
        b.wire().close();
        var again = wires.start("b", port, List.of(Wires.COOKIE), a);
        awaitMembers(a, a, again);
        assertThat(again.peer()).isNotEqualTo(b.peer());
        a.send(b.peer(), "to the dead");
        a.send(again.peer(), "to the living");
        awaitPacket(again, "a@127.0.0.1: to the living");
        assertThat(again.witness().packets).doesNotContain("a@127.0.0.1: to the dead");
    }

    @Test
    void theNameOfARunningNodeIsTaken() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(a, a, b);
        assertThatThrownBy(() -> wires.start("b", a))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.NAME_TAKEN));
        assertThatThrownBy(() -> wires.start("a", a))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.NAME_TAKEN));
        assertThat(a.witness().opinions).isEmpty();
    }

    @Test
    void aNodeAtTheAddressOfItsFormerIncarnationProvesItsEnd() throws Exception {
        var a = wires.start("a");
        int port = FreePort.find();
        // It advertises a port where nothing listens, so it runs but seems to be down.
        WireSettings elsewhere =
                Wires.settings("b", 0, List.of(Wires.COOKIE), List.of(a.wire().address()));
        var former = wires.start(Wires.settings(
                elsewhere.self(),
                elsewhere.bind(),
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
                elsewhere.seeds(),
                elsewhere.cluster(),
                elsewhere.cookie(),
                elsewhere.timing()));
        Wires.awaitMembers(a, a, former);
        int before = a.witness().views.size();
        var next = wires.start("b", port, List.of(Wires.COOKIE), a);
        // It is excluded on that proof. It still runs and returns, so a later view may contain both.
        Wires.await(
                a.witness()::toString,
                () -> a.witness().views.stream().skip(before).anyMatch(view -> !view.has(former.peer())));
        former.wire().close();
        awaitMembers(a, a, next);
    }

    @Test
    void aPortInUseIsReported() throws Exception {
        var a = wires.start("a");
        assertThatThrownBy(() -> wires.start("b", a.wire().address().getPort(), List.of(Wires.COOKIE)))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.PORT_IN_USE));
    }

    @Test
    void aNodeStartsAlthoughNothingListensAtItsSeeds() throws Exception {
        var gone = wires.start("gone");
        gone.wire().close();
        var a = wires.start("a", gone);
        awaitMembers(a, a);
    }

    @Test
    void seedsThatAreNotMembersAreLoggedWithTheReason() throws Exception {
        var a = wires.start("a");
        var stranger = wires.start("x", 0, List.of(new CookieSecret("another cookie of 33 characters!")));
        InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.find());
        InetSocketAddress other = stranger.wire().address();
        var b = wires.start(
                Wires.settings("b", 0, List.of(Wires.COOKIE), List.of(a.wire().address(), free, other)));
        awaitMembers(b, a, b);
        assertThat(b.wire().reportAbsentSeeds()).isTrue();
        assertThat(b.wire().reportAbsentSeeds()).isTrue();
        assertThat(b.wire().absentSeeds())
                .hasSize(2)
                .anyMatch(seed -> seed.startsWith("127.0.0.1:" + free.getPort() + " (no answer: Connection refused"));
        assertThat(RecordedLog.linesAbout("127.0.0.1:" + free.getPort() + " (no answer: Connection refused"))
                .filteredOn(line -> line.text().startsWith("Not in the view"))
                .singleElement()
                .satisfies(line -> assertThat(line.text())
                        .contains("127.0.0.1:" + other.getPort() + " (it refused this node: ")
                        .doesNotContain(":" + a.wire().address().getPort()));
    }

    /** One has a cookie, and the other none. */
    @Test
    void aRefusalOfANodeWithoutACookieNamesThat() throws Exception {
        var open = wires.start("open", 0, List.of());
        var secret = wires.start("secret");
        assertThatThrownBy(() -> wires.start("c", 0, List.of(), secret))
                .hasMessageContaining("it has TLS, as with a cookie or certificates, and this node has neither");
        assertThatThrownBy(() -> wires.start("d", open)).isInstanceOf(WireException.class);
        assertThat(RecordedLog.linesAbout("a node with another cookie or certificate, or with none"))
                .isNotEmpty();
    }

    @Test
    void aSeedWhoseNameHasNoAddressIsLoggedAsOneThatIsDown() throws Exception {
        InetSocketAddress unknown = InetSocketAddress.createUnresolved("not a name", 7100);
        var a = wires.start(Wires.settings("a", 0, List.of(Wires.COOKIE), List.of(unknown)));
        assertThat(a.wire().reportAbsentSeeds()).isTrue();
        assertThat(RecordedLog.linesAbout("not a name:7100 (no answer: its name has no address)"))
                .filteredOn(line -> line.text().startsWith("Not in the view"))
                .hasSize(1);
    }

    @Test
    void seedsAreWatchedUntilAllWereInTheView() throws Exception {
        int port = FreePort.find();
        InetSocketAddress later = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        var a = wires.start(Wires.settings("a", 0, List.of(Wires.COOKIE), List.of(later)));
        assertThat(a.wire().reportAbsentSeeds()).isTrue();
        a.wire().disconnect();
        assertThat(a.wire().reportAbsentSeeds()).as("it may connect again").isTrue();
        assertThat(a.wire().absentSeeds()).as("while it wants no others").isEmpty();
        var c = wires.start("c");
        a.wire().connect(c.wire().address());
        assertThat(a.wire().reportAbsentSeeds()).isTrue();
        assertThat(a.wire().absentSeeds()).hasSize(1);
        var b = wires.start("b", port, List.of(Wires.COOKIE), a);
        awaitMembers(a, a, b, c);
        assertThat(a.wire().reportAbsentSeeds()).isFalse();
        assertThat(a.wire().absentSeeds()).isEmpty();
        a.wire().close();
        assertThat(a.wire().reportAbsentSeeds()).as("closed").isFalse();
    }

    @Test
    void aSeedThatWasAMemberAndLeftIsNotLogged() throws Exception {
        var a = wires.start("a");
        var c = wires.start("c", a);
        var b = wires.start("b", a, c);
        awaitMembers(b, a, b, c);
        InetSocketAddress left = c.wire().address();
        c.wire().close();
        awaitMembers(b, a, b);
        b.wire().reportAbsentSeeds();
        assertThat(RecordedLog.linesAbout(left.toString())).isEmpty();
    }

    @Test
    void twoNodesThatStartedApartAreConnected() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b");
        awaitMembers(a, a);
        b.wire().connect(a.wire().address());
        awaitMembers(a, a, b);
        awaitMembers(b, a, b);
        assertThat(b.witness().views.getLast().merged()).isTrue();
        a.send(b.peer(), "welcome");
        awaitPacket(b, "a@127.0.0.1: welcome");
    }

    @Test
    void connectReportsWhetherThePeerIsUnreachableOrRefuses() throws Exception {
        var a = wires.start("a");
        var plain = wires.start("plain", 0, List.of());
        assertThatThrownBy(() -> a.wire().connect(plain.wire().address()))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.REFUSED));
        plain.wire().close();
        assertThatThrownBy(() -> a.wire().connect(plain.wire().address()))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.UNREACHABLE));
    }

    @Test
    void aNodeThatDisconnectsIsAloneUntilItConnects() throws Exception {
        var a = wires.start("a");
        var b = wires.start("b", a);
        awaitMembers(b, a, b);
        b.wire().disconnect();
        awaitMembers(a, a);
        awaitMembers(b, b);
        assertThatThrownBy(() -> a.wire().connect(b.wire().address())).hasMessageContaining("ALONE");
        b.wire().connect(a.wire().address());
        awaitMembers(a, a, b);
        awaitMembers(b, a, b);
        b.send(a.peer(), "back");
        awaitPacket(a, "b@127.0.0.1: back");
        assertThat(b.witness().views.stream().map(view -> view.id().number()).toList())
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(a.witness().opinions).isEmpty();
    }

    @Test
    void aWeakCookieIsRefusedIfTheNodeListensBeyondLoopback() {
        InetSocketAddress everywhere = new InetSocketAddress(0);
        for (List<CookieSecret> cookie : List.of(
                List.<CookieSecret>of(),
                List.of(new CookieSecret("12 different")),
                List.of(new CookieSecret("abababababababababababab")),
                List.of(Wires.COOKIE, new CookieSecret("x")))) {
            WireSettings settings = Wires.settings("a", 0, cookie, List.of());
            assertThatThrownBy(() -> wires.start(Wires.settings(
                            settings.self(),
                            everywhere,
                            Optional.empty(),
                            settings.seeds(),
                            settings.cluster(),
                            cookie,
                            settings.timing())))
                    .isInstanceOfSatisfying(
                            WireException.class, e -> assertThat(e.code()).isEqualTo(WireException.Code.BAD_COOKIE));
        }
    }

    @Test
    void aNodeIsReachedAtItsAdvertisedAddress() throws Exception {
        WireSettings settings = Wires.settings("a", 0, List.of(Wires.COOKIE), List.of());
        var a = wires.start(Wires.settings(
                settings.self(),
                new InetSocketAddress(0),
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                settings.seeds(),
                settings.cluster(),
                settings.cookie(),
                settings.timing()));
        var b = wires.start("b", a);
        var c = wires.start("c", b);
        awaitMembers(a, a, b, c);
        c.send(a.peer(), "there you are");
        awaitPacket(a, "c@127.0.0.1: there you are");
    }
}
