package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrangerRatesTests {
    private static final long SECOND = 1_000_000_000L;

    private final StrangerRates rates = new StrangerRates(0);

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Lets an address try a hundred times at each hundredth of a second, and returns how many handshakes it may begin. */
    private int flood(InetAddress from, long begin, int seconds) {
        int admitted = 0;
        for (long now = begin; now < begin + seconds * SECOND; now += SECOND / 100) {
            admitted += rates.admit(from, now) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void anAddressHasARateOfItsOwn() {
        assertThat(flood(address(1), 0, 10))
                .isBetween(10 * StrangerRates.PER_SECOND_OF_ADDRESS, 12 * StrangerRates.PER_SECOND_OF_ADDRESS);
    }

    @Test
    void aNodeThatJoinsDuringAFloodOfAnotherAddressMayBeginItsHandshakes() {
        flood(address(1), 0, 10);
        for (int i = 0; i < 2 * StrangerRates.FIRST; i++) {
            assertThat(rates.admit(address(2), 10 * SECOND))
                    .as("handshake %d", i)
                    .isTrue();
        }
    }

    @Test
    void theFirstHandshakesOfANodeHaveAShareThatFloodsOfManyAddressesDoNotUse() {
        for (long now = 0; now < 10 * SECOND; now += SECOND / 100) {
            for (int attacker = 0; attacker < 20; attacker++) {
                rates.admit(address(attacker), now);
            }
        }
        for (int i = 0; i < StrangerRates.FIRST; i++) {
            assertThat(rates.admit(address(100), 10 * SECOND))
                    .as("handshake %d", i)
                    .isTrue();
        }
    }

    @Test
    void allStrangersTogetherHaveARate() {
        int admitted = 0;
        for (long now = 0; now < 10 * SECOND; now += SECOND / 1_000) {
            admitted += rates.admit(address((int) (now / (SECOND / 1_000))), now) ? 1 : 0;
        }
        assertThat(admitted).isLessThanOrEqualTo(2 * 11 * StrangerRates.PER_SECOND);
    }

    @Test
    void aLongPauseRefillsNoMoreThanTheBurst() {
        assertThat(rates.admit(address(1), 0)).isTrue();
        long later = Long.MAX_VALUE / 2;
        int admitted = 0;
        while (rates.admit(address(1), later)) {
            admitted++;
        }
        assertThat(admitted).isEqualTo(2 * StrangerRates.PER_SECOND_OF_ADDRESS);
    }

    @Test
    void theAddressesOfOneHostOfIpv6AreOne() throws Exception {
        int admitted = 0;
        for (int i = 0; i < 200; i++) {
            admitted += rates.admit(InetAddress.getByName("2001:db8::" + Integer.toHexString(i + 1)), 0) ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(2 * StrangerRates.PER_SECOND_OF_ADDRESS);
    }

    /** Lets a node try its first handshakes, and returns how many it may begin. */
    private int joins(InetAddress node, long now) {
        int admitted = 0;
        for (int i = 0; i < StrangerRates.FIRST; i++) {
            admitted += rates.admit(node, now) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void addressesThatStayJustBelowTheirRateUseNoFirstHandshakes() {
        long step = SECOND / 19;
        for (long now = 0; now < 120 * SECOND; now += step) {
            for (int attacker = 0; attacker < 10; attacker++) {
                rates.admit(address(attacker), now);
            }
        }
        assertThat(joins(address(100), 120 * SECOND)).isEqualTo(StrangerRates.FIRST);
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 5_000})
    void theAddressesOfOneNetworkOfIpv6LeaveFirstHandshakesToOthers(int number) throws Exception {
        InetAddress[] attackers = new InetAddress[number];
        for (int i = 0; i < number; i++) {
            attackers[i] = InetAddress.getByName("2001:db8:0:" + Integer.toHexString(i) + "::1");
        }
        long step = SECOND / 1_000;
        for (int i = 0; i < 60_000; i++) {
            rates.admit(attackers[i % number], i * step);
        }
        assertThat(joins(InetAddress.getByName("2001:db8:1::1"), 60 * SECOND)).isEqualTo(StrangerRates.FIRST);
        assertThat(joins(address(1), 61 * SECOND)).isEqualTo(StrangerRates.FIRST);
    }

    @Test
    void theAddressesOfAFewNetworksLeaveFirstHandshakesToOthers() {
        for (int i = 0; i < 60_000; i++) {
            rates.admit(address(i % 1_024), i * SECOND / 1_000);
        }
        assertThat(joins(address(10_000), 60 * SECOND)).isEqualTo(StrangerRates.FIRST);
    }

    @Test
    void anAddressHasFirstHandshakesAgainAfterAMinute() {
        flood(address(1), 0, 10);
        for (long now = 10 * SECOND; now < 70 * SECOND; now += SECOND / 100) {
            rates.admit(address(2), now);
            rates.admit(address(3), now);
            rates.admit(address(4), now);
        }
        assertThat(joins(address(1), 70 * SECOND)).isEqualTo(StrangerRates.FIRST);
    }
}
