package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class InFlightMessagesTests {
    private static InFlightMessages flights(int window, int members) {
        InFlightMessages flights = new InFlightMessages(window, members);
        for (int i = 0; i < members; i++) {
            flights.join(i);
        }
        return flights;
    }

    @Test
    void aBroadcastHasLandedWhenTheLastMemberHasIt() {
        InFlightMessages flights = flights(1, 3);
        long n = flights.launch(100);
        assertThat(flights.full()).isTrue();
        assertThat(flights.arrive(0, n)).isEqualTo(100);
        assertThat(flights.arrive(2, n)).isEqualTo(100);
        assertThat(flights.full()).isTrue();
        assertThat(flights.arrive(1, n)).isEqualTo(100);
        assertThat(flights.full()).isFalse();
        assertThat(flights.allLanded()).isTrue();
        assertThat(flights.due()).isEqualTo(3);
        assertThat(flights.arrived()).isEqualTo(3);
    }

    @Test
    void asManyBroadcastsFlyAsTheWindowHolds() {
        InFlightMessages flights = flights(3, 1);
        flights.launch(1);
        flights.launch(2);
        assertThat(flights.full()).isFalse();
        flights.launch(3);
        assertThat(flights.full()).isTrue();
        assertThatThrownBy(() -> flights.launch(4))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("3 messages are in flight");
        assertThat(flights.arrive(0, 1)).isEqualTo(1);
        assertThat(flights.launch(4)).isEqualTo(4);
        assertThat(flights.arrive(0, 2)).isEqualTo(2);
        assertThat(flights.arrive(0, 3)).isEqualTo(3);
        assertThat(flights.arrive(0, 4)).isEqualTo(4);
    }

    @Test
    void aRepeatedDeliveryIsUnknown() {
        InFlightMessages flights = flights(2, 2);
        flights.launch(7);
        flights.arrive(0, 1);
        assertThat(flights.arrive(0, 1)).isEqualTo(InFlightMessages.UNKNOWN);
        assertThat(flights.allLanded())
                .as("the repetition does not stand for the other member's")
                .isFalse();
        assertThat(flights.arrived()).isEqualTo(1);
    }

    @Test
    void aMessageThatWasNeverSentIsUnknown() {
        InFlightMessages flights = flights(2, 1);
        flights.launch(7);
        assertThat(flights.arrive(0, 2)).isEqualTo(InFlightMessages.UNKNOWN);
        assertThat(flights.arrive(0, 0)).isEqualTo(InFlightMessages.UNKNOWN);
        assertThat(flights.arrive(0, -1)).isEqualTo(InFlightMessages.UNKNOWN);
    }

    @Test
    void aLostDeliveryIsMissingAndDoesNotDelayTheRest() {
        InFlightMessages flights = flights(2, 2);
        flights.launch(1);
        flights.launch(2);
        flights.arrive(0, 1);
        flights.arrive(0, 2);
        assertThat(flights.arrive(1, 2)).isEqualTo(2);
        assertThat(flights.allLanded()).isTrue();
        assertThat(flights.due() - flights.arrived()).isEqualTo(1);
        assertThat(flights.arrive(1, 1)).as("out of order").isEqualTo(InFlightMessages.UNKNOWN);
    }

    @Test
    void noFurtherDeliveryIsDueToAMemberThatLeaves() {
        InFlightMessages flights = flights(3, 2);
        flights.launch(1);
        flights.launch(2);
        flights.arrive(0, 1);
        flights.arrive(0, 2);
        flights.arrive(1, 1);
        flights.leave(1);
        assertThat(flights.allLanded()).isTrue();
        assertThat(flights.due()).isEqualTo(3);
        flights.leave(1);
        assertThat(flights.members()).isEqualTo(1);
        flights.launch(3);
        assertThat(flights.due()).isEqualTo(4);
        assertThat(flights.arrive(1, 3)).as("it has left").isEqualTo(InFlightMessages.UNKNOWN);
    }

    @Test
    void aMemberThatJoinsLateWaitsForLaterOnes() {
        InFlightMessages flights = new InFlightMessages(2, 2);
        flights.join(0);
        flights.launch(1);
        flights.join(1);
        assertThat(flights.arrive(1, 1)).isEqualTo(InFlightMessages.UNKNOWN);
        flights.launch(2);
        assertThat(flights.arrive(1, 2)).isEqualTo(2);
        assertThat(flights.due()).isEqualTo(3);
    }

    @Test
    void aBroadcastWithoutMembersHasLandedAtOnce() {
        InFlightMessages flights = new InFlightMessages(1, 1);
        flights.launch(1);
        assertThat(flights.allLanded()).isTrue();
        assertThat(flights.due()).isZero();
    }
}
