package io.heliodor.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import io.heliodor.transport.ConnectionLimits.Outcome;
import io.heliodor.transport.ConnectionLimits.Place;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTests {
    private static final InetAddress ONE = address("192.0.2.1");
    private static final InetAddress OTHER = address("192.0.2.2");

    @Test
    void oneTooManyIsRefusedAndTheNextMayComeWhenOneHasLeft() {
        ConnectionLimits limits = new ConnectionLimits(Limits.defaults().connections(2));
        Place first = taken(limits.connection(ONE));
        taken(limits.connection(OTHER));
        assertThat(limits.connection(OTHER)).isEqualTo(new Outcome.TooMany());
        first.leave();
        taken(limits.connection(OTHER));
    }

    @Test
    void oneTooManyOfAnAddressIsRefusedAndAnotherAddressIsNot() {
        ConnectionLimits limits = new ConnectionLimits(Limits.defaults().connectionsPerAddress(1));
        Place first = taken(limits.connection(ONE));
        assertThat(limits.connection(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        taken(limits.connection(OTHER));
        first.leave();
        taken(limits.connection(ONE));
    }

    @Test
    void whoIsRefusedForItsAddressTakesNoPlaceOfAll() {
        ConnectionLimits limits =
                new ConnectionLimits(Limits.defaults().connections(2).connectionsPerAddress(1));
        taken(limits.connection(ONE));
        for (int i = 0; i < 10; i++) {
            assertThat(limits.connection(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        }
        taken(limits.connection(OTHER));
    }

    @Test
    void leavingTwiceLeavesOnce() {
        ConnectionLimits limits =
                new ConnectionLimits(Limits.defaults().connections(2).connectionsPerAddress(2));
        Place first = taken(limits.connection(ONE));
        taken(limits.connection(ONE));
        first.leave();
        first.leave();
        taken(limits.connection(ONE));
        assertThat(limits.connection(OTHER)).isEqualTo(new Outcome.TooMany());
    }

    @Test
    void anAddressIsForgottenWithItsLastPlace() {
        ConnectionLimits limits =
                new ConnectionLimits(Limits.defaults().connectionsPerAddress(2).handshakesPerAddress(2));
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            InetAddress address = address("192.0.2." + i);
            places.add(taken(limits.connection(address)));
            places.add(taken(limits.connection(address)));
            places.add(taken(limits.handshake(address)));
        }
        assertThat(limits.addresses()).isEqualTo(200);
        places.forEach(Place::leave);
        assertThat(limits.addresses()).isZero();
    }

    @Test
    void whoIsRefusedIsNotRemembered() {
        ConnectionLimits limits = new ConnectionLimits(Limits.defaults().handshakesPerAddress(1));
        Place place = taken(limits.handshake(ONE));
        assertThat(limits.handshake(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        place.leave();
        assertThat(limits.addresses()).isZero();
    }

    @Test
    void theFirst64BitsOfIpv6AreOneAddress() {
        ConnectionLimits limits = new ConnectionLimits(Limits.defaults().connectionsPerAddress(1));
        taken(limits.connection(address("2001:db8:1:2::1")));
        assertThat(limits.connection(address("2001:db8:1:2:ffff::9"))).isEqualTo(new Outcome.TooManyOfAddress());
        taken(limits.connection(address("2001:db8:1:3::1")));
    }

    @Test
    void ipv4WithinIpv6IsTheSameAddress() {
        ConnectionLimits limits = new ConnectionLimits(Limits.defaults().connectionsPerAddress(1));
        taken(limits.connection(ONE));
        assertThat(limits.connection(address("::ffff:192.0.2.1"))).isEqualTo(new Outcome.TooManyOfAddress());
    }

    @Test
    void loopbackHasABoundOfItsOwn() {
        ConnectionLimits defaults = new ConnectionLimits(Limits.defaults());
        for (int i = 0; i < 256; i++) {
            taken(defaults.handshake(ONE));
        }
        assertThat(defaults.handshake(ONE)).isEqualTo(new Outcome.TooManyOfAddress());
        for (int i = 0; i < 1_000; i++) {
            taken(defaults.handshake(address("127.0.0.1")));
            taken(defaults.handshake(address("::1")));
        }
        ConnectionLimits limits = new ConnectionLimits(Limits.defaults().handshakesOfLoopback(1));
        taken(limits.handshake(address("::1")));
        assertThat(limits.handshake(address("::1"))).isEqualTo(new Outcome.TooManyOfAddress());
        taken(limits.handshake(address("127.0.0.1")));
    }

    @Test
    void manyThreadsNeverHaveMoreThanTheBoundAndLeaveNothing() throws InterruptedException {
        int most = 3;
        ConnectionLimits limits =
                new ConnectionLimits(Limits.defaults().connections(most).connectionsPerAddress(most));
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger highest = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int round = 0; round < 10_000; round++) {
                    if (limits.connection(ONE) instanceof Outcome.Taken(Place place)) {
                        highest.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        place.leave();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(highest.get()).isBetween(1, most);
        assertThat(limits.addresses()).isZero();
        for (int i = 0; i < most; i++) {
            taken(limits.connection(OTHER));
        }
    }

    private static Place taken(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Taken.class);
        return ((Outcome.Taken) outcome).place();
    }

    private static InetAddress address(String text) {
        return TrustedProxies.address(text).orElseThrow();
    }
}
