package io.heliodor.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.ConnectionLimits;
import io.heliodor.limit.Limits;
import io.heliodor.transport.http.ConnectionPermits.Outcome;
import io.heliodor.transport.http.ConnectionPermits.Permit;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ConnectionPermitsTests {
    private static ConnectionPermits permits(UnaryOperator<ConnectionLimits> change) {
        return new ConnectionPermits(change.apply(Limits.openInternet().connections()));
    }

    private static final InetAddress ONE = address("192.0.2.1");
    private static final InetAddress OTHER = address("192.0.2.2");

    @Test
    void aConnectionOverTheLimitIsRefusedUntilAnotherOneEnds() {
        ConnectionPermits limits = permits(c -> c.max(2));
        Permit first = taken(limits.connection(ONE));
        taken(limits.connection(OTHER));
        assertThat(limits.connection(OTHER)).isEqualTo(new Outcome.TooMany());
        first.release();
        taken(limits.connection(OTHER));
    }

    @Test
    void aConnectionOverTheLimitOfItsAddressIsRefusedAndAnotherAddressIsNot() {
        ConnectionPermits limits = permits(c -> c.maxPerAddress(1));
        Permit first = taken(limits.connection(ONE));
        assertThat(limits.connection(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        taken(limits.connection(OTHER));
        first.release();
        taken(limits.connection(ONE));
    }

    @Test
    void aConnectionThatIsRefusedForItsAddressTakesNoPermitOfAll() {
        ConnectionPermits limits = permits(c -> c.max(2).maxPerAddress(1));
        taken(limits.connection(ONE));
        for (int i = 0; i < 10; i++) {
            assertThat(limits.connection(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        }
        taken(limits.connection(OTHER));
    }

    @Test
    void aPermitThatIsReleasedTwiceIsReturnedOnce() {
        ConnectionPermits limits = permits(c -> c.max(2).maxPerAddress(2));
        Permit first = taken(limits.connection(ONE));
        taken(limits.connection(ONE));
        first.release();
        first.release();
        taken(limits.connection(ONE));
        assertThat(limits.connection(OTHER)).isEqualTo(new Outcome.TooMany());
    }

    @Test
    void anAddressIsRemovedWithItsLastPermit() {
        ConnectionPermits limits = permits(c -> c.maxPerAddress(2).maxHandshakesPerAddress(2));
        List<Permit> places = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            InetAddress address = address("192.0.2." + i);
            places.add(taken(limits.connection(address)));
            places.add(taken(limits.connection(address)));
            places.add(taken(limits.handshake(address)));
        }
        assertThat(limits.addressCount()).isEqualTo(200);
        places.forEach(Permit::release);
        assertThat(limits.addressCount()).isZero();
    }

    @Test
    void noStateOfARefusedAddressIsLeft() {
        ConnectionPermits limits = permits(c -> c.maxHandshakesPerAddress(1));
        Permit permit = taken(limits.handshake(ONE));
        assertThat(limits.handshake(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        permit.release();
        assertThat(limits.addressCount()).isZero();
    }

    @Test
    void theFirst64BitsOfIpv6AreOneAddress() {
        ConnectionPermits limits = permits(c -> c.maxPerAddress(1));
        taken(limits.connection(address("2001:db8:1:2::1")));
        assertThat(limits.connection(address("2001:db8:1:2:ffff::9"))).isEqualTo(new Outcome.TooManyOfAddress());
        taken(limits.connection(address("2001:db8:1:3::1")));
    }

    @Test
    void ipv4WithinIpv6IsTheSameAddress() {
        ConnectionPermits limits = permits(c -> c.maxPerAddress(1));
        taken(limits.connection(ONE));
        assertThat(limits.connection(address("::ffff:192.0.2.1"))).isEqualTo(new Outcome.TooManyOfAddress());
    }

    @Test
    void loopbackHasALimitOfItsOwn() {
        ConnectionPermits defaults = permits(c -> c);
        for (int i = 0; i < 256; i++) {
            taken(defaults.handshake(ONE));
        }
        assertThat(defaults.handshake(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        for (int i = 0; i < 1_000; i++) {
            taken(defaults.handshake(address("127.0.0.1")));
            taken(defaults.handshake(address("::1")));
        }
        ConnectionPermits limits = permits(c -> c.maxHandshakesOfLoopback(1));
        taken(limits.handshake(address("::1")));
        assertThat(limits.handshake(address("::1"))).isEqualTo(new Outcome.TooManyOfAddress());
        taken(limits.handshake(address("127.0.0.1")));
    }

    @Test
    void manyThreadsNeverExceedTheLimitAndLeaveNoState() throws InterruptedException {
        int most = 3;
        ConnectionPermits limits = permits(c -> c.max(most).maxPerAddress(most));
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger highest = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int round = 0; round < 10_000; round++) {
                    if (limits.connection(ONE) instanceof Outcome.Granted(Permit permit)) {
                        highest.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        permit.release();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(highest.get()).isBetween(1, most);
        assertThat(limits.addressCount()).isZero();
        for (int i = 0; i < most; i++) {
            taken(limits.connection(OTHER));
        }
    }

    private static Permit taken(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Granted.class);
        return ((Outcome.Granted) outcome).permit();
    }

    private static InetAddress address(String text) {
        return TrustedProxies.address(text).orElseThrow();
    }
}
